import type { Logger } from 'pino'
import { ClusterError } from '../review/ports/cluster-error.js'

export interface GuardOptions {
  /** What is written, for the log: `Events`, `reports`. */
  readonly what: string
  readonly log: Logger
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}

/**
 * Pause after a failure, since what is missing (a permission, an API) is seldom there a moment
 * later.
 */
export const restMs = 30_000

/**
 * Attempts writes whose failure must not stop an audit. Each failure is counted, and logged when
 * its reason is a new one.
 */
export class GuardedWrites {
  readonly #options: GuardOptions
  #failures = 0
  #reason: string | null = null
  #restsUntil = -Infinity

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** Number of failed writes since the start. */
  get failures(): number {
    return this.#failures
  }

  async attempt(signal: AbortSignal, write: () => Promise<unknown>): Promise<void> {
    const { log, what, monotonic } = this.#options
    if (monotonic() < this.#restsUntil) return
    try {
      await write()
      if (this.#reason !== null) log.info(`the audit's ${what} are written again`)
      this.#reason = null
    } catch (error) {
      // A write that was stopped because the term ended has not failed.
      if (signal.aborted) return
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const { log, what, monotonic } = this.#options
    this.#failures += 1
    this.#restsUntil = monotonic() + restMs
    const reason = error instanceof ClusterError ? error.reason : String(Object(error).name)
    if (reason === this.#reason) return
    this.#reason = reason
    log.error({ reason, err: error }, `the audit's ${what} cannot be written`)
  }
}
