/** timeoutSeconds of a webhook: 10 by default, at most 30 (admissionregistration.k8s.io/v1). */
const DEFAULT_TIMEOUT_MS = 10_000
const MAX_TIMEOUT_MS = 30_000

/** Time for writing the answer and for the network. */
const MARGIN_MS = 300

/**
 * Largest part of a very short time limit that the margin takes, so that some time is left to
 * decide.
 */
const MARGIN_SHARE = 1 / 5

/** How the time of a call is used, in milliseconds from its arrival. */
export interface CallBudget {
  /** The review's deadline, at which its signal fires. */
  readonly reviewMs: number
  /** When the answer is given even if the review has not reacted to its deadline. */
  readonly answerMs: number
}

export function buildBudget(timeoutMs: number): CallBudget {
  const margin = Math.min(MARGIN_MS, timeoutMs * MARGIN_SHARE)
  return { reviewMs: timeoutMs - margin, answerMs: timeoutMs - margin / 2 }
}

/**
 * Reads kube-apiserver's query parameter `timeout`: what is left of timeoutSeconds, as a Go
 * duration. Anything that is no positive duration counts as the default, because a wrong limit must
 * not fail a call.
 */
export function parseTimeout(value: unknown): number {
  const parsed = typeof value === 'string' ? parseDuration(value) : null
  if (parsed === null || parsed <= 0) return DEFAULT_TIMEOUT_MS
  return Math.min(parsed, MAX_TIMEOUT_MS)
}

const unitMs: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  }),
)

/**
 * Go's time.ParseDuration, in milliseconds; null for no duration. A sign is not accepted, because
 * no limit is negative.
 */
function parseDuration(text: string): number | null {
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y
  let total = 0
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    if (match === null) return null
    total += Number(match[1]) * (unitMs.get(match[2] as string) as number)
  }
  return total
}
