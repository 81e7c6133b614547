/** A request that takes longer is as good as none: what it is for is tried again anyway. */
const requestTimeoutMs = 5000

/** Fires with `signal`, and when a single request takes too long. */
export function limitRequest(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)])
}
