import { withTimeLimit } from '../../review/limits/time-limit.js'

/** Longest time of one request. What a longer one is for will be tried again anyway. */
const requestTimeoutMs = 5000

/** Runs one request, which ends with `parent` or when it takes too long. */
export function limitRequest<T>(
  parent: AbortSignal,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeLimit({ ms: requestTimeoutMs, parent }, ({ signal }) => request(signal))
}
