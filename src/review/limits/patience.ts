/** Longer ones would fire at once (Node, timers). */
const longestTimerMs = 2 ** 31 - 1

/** How long one review waits in all for what it can do without; from its first wait on. */
export class Patience {
  readonly #limitMs: number
  #endsAt: number | null = null
  #over: Promise<null> | null = null

  /** Infinity: as long as it takes. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** At least 0; the whole before the first wait. */
  get remainingMs(): number {
    const left = this.#endsAt === null ? this.#limitMs : this.#endsAt - performance.now()
    return Math.min(longestTimerMs, Math.max(0, left))
  }

  /** null when it is over before; the work goes on. */
  wait<T>(work: Promise<T>): Promise<T | null> {
    return Promise.race([work, this.#end()])
  }

  #end(): Promise<null> {
    if (this.#over) return this.#over
    this.#endsAt = performance.now() + this.#limitMs
    this.#over = new Promise(resolve => {
      if (this.#limitMs < longestTimerMs) setTimeout(() => resolve(null), this.#limitMs)
    })
    return this.#over
  }
}

/** For those of the same namespace, and for those of others, in milliseconds. */
export interface PatienceLimits {
  readonly within: number
  readonly across: number
}

/**
 * Of an admission: strangers' databases must not cost a verdict. A database that answers in 50 ms is connected to and
 * compared well within half a second; what is left out comes up in the audit.
 */
export const reviewPatience: PatienceLimits = { within: 500, across: 100 }

/** Of what nobody waits for as an API server does. */
export const auditPatience: PatienceLimits = { within: Infinity, across: Infinity }

/** For one review. */
export function buildPatience({ within, across }: PatienceLimits) {
  return { within: new Patience(within), across: new Patience(across) }
}
