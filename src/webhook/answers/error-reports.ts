import type { Logger } from 'pino'
import { LogThrottle } from '../errors/log-throttle.js'
import type { Metrics } from '../metrics/metrics.js'
import type { RequestError } from '../errors/request-error.js'

export interface ErrorCause {
  readonly error: unknown
  /** The uid of the review, if its body was read that far. */
  readonly uid?: string | undefined
}

/** Counts and logs calls that got an HTTP error. */
export class ErrorReports {
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #throttle = new LogThrottle(() => performance.now())

  constructor({ log, metrics }: { readonly log: Logger; readonly metrics: Metrics }) {
    this.#log = log
    this.#metrics = metrics
  }

  /**
   * Counts every error. Of many with one code only the first are logged, because whoever reaches
   * the port can cause them.
   */
  report(answer: RequestError, { error, uid }: ErrorCause): void {
    this.#metrics.countHttpError(answer.code)
    const place = this.#throttle.enter(answer.code)
    if (place === null) return
    // Only a mistake of this program is an error in the log.
    if (answer.code === 'ATLAS_ADMISSION_INTERNAL')
      this.#log.error({ uid, err: error, ...place }, 'a call failed without an answer')
    else
      this.#log.warn(
        { uid, code: answer.code, detail: answer.message, ...place },
        'a call was answered with an HTTP error',
      )
  }
}
