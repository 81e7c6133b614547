import type { Deadline } from '../ports/ports.js'

/**
 * Runs `work` with a deadline that passes after `ms`, or when `parent` fires. Leaves no timer and
 * no listener behind. AbortSignal.any would leave some 100 bytes each time on a parent that lives
 * long (Node 20).
 */
export async function withTimeLimit<T>(
  limit: { readonly ms: number; readonly parent: AbortSignal },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, limit.ms)
  limit.parent.addEventListener('abort', abort, { once: true })
  if (limit.parent.aborted) abort()
  try {
    return await work({ at: Date.now() + limit.ms, signal: controller.signal })
  } finally {
    clearTimeout(timer)
    limit.parent.removeEventListener('abort', abort)
  }
}

/** Longest time of a timer. A longer one would fire at once (Node, timers). */
const longestTimerMs = 2 ** 31 - 1

/**
 * Waits for `work`, but no longer than `ms`, and leaves no timer behind. Rejects if `work` does in
 * time.
 */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>(resolve => {
    timer = setTimeout(resolve, Math.min(ms, longestTimerMs))
  })
  await Promise.race([work, passed]).finally(() => clearTimeout(timer))
}
