import type { ServerResponse } from 'node:http'
import type { Metrics } from './metrics.js'
import { RequestError } from './request-error.js'

/** Counts the reviews that have arrived and are not answered, and refuses one too many. */
export class ReviewLimit {
  readonly #max: number
  readonly #metrics: Metrics
  #count = 0

  constructor(max: number, metrics: Metrics) {
    this.#max = max
    this.#metrics = metrics
  }

  /**
   * Takes a place until the response has ended, also by the client's going away. Before the body is read, since
   * bodies are what takes memory. Throws when there is no place: 503 with Retry-After, which kube-apiserver
   * tries again within the same call.
   */
  enter(response: ServerResponse): void {
    if (this.#count >= this.#max) {
      throw new RequestError(
        'ATLAS_ADMISSION_OVERLOADED',
        `${this.#max} reviews are being answered already; try again in a second`,
      )
    }
    this.#metrics.setRequestsInFlight(++this.#count)
    response.once('close', () => this.#metrics.setRequestsInFlight(--this.#count))
  }
}
