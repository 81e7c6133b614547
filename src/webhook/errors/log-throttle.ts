/** So many lines of one code are logged within the time below: enough to see who is meant, and a rate that no disk minds. */
const maxLines = 20
const windowMs = 10_000

interface Window {
  readonly begunAt: number
  lines: number
  suppressed: number
}

/** Keeps whoever causes a log line from causing a million. Keys are of a bounded set. */
export class LogThrottle {
  readonly #windows = new Map<string, Window>()
  readonly #now: () => number

  /** @param now milliseconds of a clock that never jumps */
  constructor(now: () => number) {
    this.#now = now
  }

  /** null: not to be logged. Otherwise what the line must say: how many were left out before it, if any were. */
  enter(key: string): { readonly suppressed?: number } | null {
    const now = this.#now()
    const window = this.#windows.get(key)
    if (window && now - window.begunAt < windowMs) {
      if (window.lines >= maxLines) {
        window.suppressed++
        return null
      }
      window.lines++
      return {}
    }
    this.#windows.set(key, { begunAt: now, lines: 1, suppressed: 0 })
    return window && window.suppressed > 0 ? { suppressed: window.suppressed } : {}
  }
}
