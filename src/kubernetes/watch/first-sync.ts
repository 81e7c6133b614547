import { ClusterError } from '../../review/ports/cluster-error.js'

/** The moment from which all AtlasMigrations are known. */
export class FirstSync {
  readonly #isReached: () => boolean
  readonly #promise: Promise<void>
  #resolve!: () => void
  #reached = false

  constructor(isReached: () => boolean) {
    this.#isReached = isReached
    this.#promise = new Promise(resolve => (this.#resolve = resolve))
  }

  get reached(): boolean {
    return this.#reached
  }

  look(): void {
    this.#reached = this.#isReached()
    if (this.#reached) this.#resolve()
  }

  /**
   * Waits for it. Rejects with a ClusterError when the signal fires first; `problem` then says what
   * is missing.
   */
  async wait(signal: AbortSignal, problem: () => string): Promise<void> {
    if (this.#reached) return
    const aborted = new Promise<void>(resolve => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([this.#promise, aborted])
    if (!this.#reached) throw new ClusterError(problem())
  }
}
