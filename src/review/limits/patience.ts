/** Longest time of a timer. A longer one would fire at once (Node, timers). */
const longestTimerMs = 2 ** 31 - 1

/**
 * How long one review waits in all for facts that it can do without. The time runs from its first
 * wait on.
 */
export class Patience {
  readonly #limitMs: number
  #endsAt: number | null = null
  #over: Promise<null> | null = null

  /** With `Infinity` it waits as long as it takes. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** The time left, at least 0. Before the first wait it is the whole time. */
  get remainingMs(): number {
    const left = this.#endsAt === null ? this.#limitMs : this.#endsAt - performance.now()
    return Math.min(longestTimerMs, Math.max(0, left))
  }

  /** Waits for the work. null when the time is over before; the work then goes on unwatched. */
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

/**
 * Time for AtlasMigrations of the same namespace (`within`) and of other namespaces (`across`), in
 * milliseconds.
 */
export interface PatienceLimits {
  readonly within: number
  readonly across: number
}

/**
 * The times of an admission, which must not depend on the databases of strangers. A database that
 * answers in 50 ms is connected to and compared well within half a second. What is left out here,
 * the audit finds.
 */
export const reviewPatience: PatienceLimits = { within: 500, across: 100 }

/** The times of an audit or a command, for which no API server waits. */
export const auditPatience: PatienceLimits = { within: Infinity, across: Infinity }

/** Starts the times of one review. */
export function buildPatience({ within, across }: PatienceLimits) {
  return { within: new Patience(within), across: new Patience(across) }
}
