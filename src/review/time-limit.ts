import type { Deadline } from './ports.js'

/**
 * Runs `work` with a deadline that also comes when `parent` fires. Leaves no timer and no listener behind, which
 * AbortSignal.any does on a parent that lives long (Node 20: some 100 bytes each time).
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
