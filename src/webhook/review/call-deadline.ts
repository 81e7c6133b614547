/** timeoutSeconds of a webhook: 10 by default, at most 30 (admissionregistration.k8s.io/v1). */
const DEFAULT_TIMEOUT_MS = 10_000
const MAX_TIMEOUT_MS = 30_000

/** What writing the answer and the network back may take. */
const MARGIN_MS = 300

/** Of a tiny time limit the margin takes at most a fifth, so that there is time to decide at all. */
const MARGIN_SHARE = 1 / 5

/** How a call's time is spent, in milliseconds from its arrival. */
export interface CallBudget {
  /** The review's deadline: its signal fires here. */
  readonly reviewMs: number
  /** The answer is given here even when the review has not noticed its deadline. */
  readonly answerMs: number
}

export function buildBudget(timeoutMs: number): CallBudget {
  const margin = Math.min(MARGIN_MS, timeoutMs * MARGIN_SHARE)
  return { reviewMs: timeoutMs - margin, answerMs: timeoutMs - margin / 2 }
}

/**
 * The `timeout` query parameter of kube-apiserver: what is left of timeoutSeconds, as a Go duration.
 * Anything that is no positive duration is the default: a wrong limit must not fail a call.
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

/** Go's time.ParseDuration, in milliseconds; null when it is none. A sign is not accepted: no limit is negative. */
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
