/**
 * Lines of one code that are logged within the time below: enough to see whom they are about, and
 * no load for a disk.
 */
const maxLines = 20
const windowMs = 10_000

interface Window {
  readonly begunAt: number
  lines: number
  suppressed: number
}

/**
 * Limits log lines, so that whoever can cause one cannot cause a million. There are only a few
 * possible keys.
 */
export class LogThrottle {
  readonly #windows = new Map<string, Window>()
  readonly #now: () => number

  /** @param now milliseconds of a clock that never jumps */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * null when the line must not be logged. Otherwise what it must say besides: how many lines were
   * left out before it, if any.
   */
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
