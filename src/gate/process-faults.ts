/** What keeps running when an error was caught by nobody. */
export interface Survivor {
  /** Counts and logs the error. */
  readonly report: (error: unknown) => void
  /** Whether the process still does what it is for. */
  readonly isWorking: () => boolean
}

/**
 * Node's code for a contradiction in its own state. Nothing that it does afterwards can be relied
 * upon.
 */
const brokenCode = 'ERR_INTERNAL_ASSERTION'

/**
 * Handles errors that nobody caught: an exception in a callback, or a promise that was rejected
 * without a listener. They end a command. A server goes on, and only loses what the error belonged
 * to: others wait for its answers, and whoever can cause one such error could otherwise end the
 * process again and again.
 */
export class ProcessFaults {
  readonly #end: (error: unknown) => void
  readonly #breakDown: () => void
  #survivor: Survivor | null = null

  /**
   * Resolves when the process cannot go on. Calls in flight can then be answered before it ends.
   */
  readonly broken: Promise<void>

  /** @param end prints the error and ends the process */
  constructor(end: (error: unknown) => void) {
    this.#end = end
    let breakDown!: () => void
    this.broken = new Promise(resolve => (breakDown = resolve))
    this.#breakDown = breakDown
  }

  /** From now on an error is reported and the process goes on, also while it drains. */
  outlive(survivor: Survivor): void {
    this.#survivor = survivor
  }

  handle(error: unknown): void {
    const survivor = this.#survivor
    if (survivor === null) return this.#end(error)
    survivor.report(error)
    const { code } = (error ?? {}) as { readonly code?: unknown }
    if (code === brokenCode || !survivor.isWorking()) this.#breakDown()
  }
}
