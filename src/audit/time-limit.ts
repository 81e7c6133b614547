import type { Deadline } from '../review/ports.js'

/** Runs `work` with a deadline that also comes when `parent` fires. Leaves no timer and no listener behind. */
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

/** Resolves after a while, or when the signal fires; never keeps the process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
