/**
 * Delays between attempts, each twice as long as the one before. Jitter keeps replicas from coming
 * at the same time.
 */
export class BackOff {
  readonly #baseMs: number
  readonly #maxMs: number
  #attempts = 0

  constructor({ baseMs, maxMs }: { readonly baseMs: number; readonly maxMs: number }) {
    this.#baseMs = baseMs
    this.#maxMs = maxMs
  }

  /** Number of attempts since the last success. */
  get attempts(): number {
    return this.#attempts
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const delay = Math.min(this.#baseMs * 2 ** this.#attempts, this.#maxMs)
    this.#attempts += 1
    return jittered(delay)
  }

  reset(): void {
    this.#attempts = 0
  }
}

/** A random time between half of the delay and all of it. */
export function jittered(delayMs: number): number {
  return delayMs * (0.5 + Math.random() / 2)
}
