/** Who outlives a fault, and how. */
export interface Survivor {
  /** Counts and logs it. */
  readonly report: (error: unknown) => void
  /** Whether what this process is for still works. */
  readonly isWorking: () => boolean
}

/** Node's own state contradicts itself. Nothing that it does from here on can be relied upon. */
const brokenCode = 'ERR_INTERNAL_ASSERTION'

/**
 * Errors that nobody caught: an exception in a callback, a promise that was rejected without a listener. They end a
 * command. A server outlives them: what they belonged to is lost, but others wait for an answer, and whoever could
 * bring about one such error could otherwise end the process again and again.
 */
export class ProcessFaults {
  readonly #end: (error: unknown) => void
  readonly #breakDown: () => void
  #survivor: Survivor | null = null

  /** Resolves when going on makes no sense, so that calls in flight can be answered before the end. */
  readonly broken: Promise<void>

  /** @param end says the error and ends the process */
  constructor(end: (error: unknown) => void) {
    this.#end = end
    let breakDown!: () => void
    this.broken = new Promise(resolve => (breakDown = resolve))
    this.#breakDown = breakDown
  }

  /** From now on a fault is reported, and the process goes on; also while it drains. */
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
