import type { ServerResponse } from 'node:http'
import type { Metrics } from '../metrics/metrics.js'
import { overloaded } from '../errors/overloaded.js'

/**
 * Counts the reviews that have arrived and are not answered, and refuses those that are too many.
 */
export class ReviewLimit {
  readonly #maxReviews: number
  readonly #metrics: Metrics
  #count = 0

  /** @param maxReviews at the same time; more are answered 503 with Retry-After */
  constructor(maxReviews: number, metrics: Metrics) {
    this.#maxReviews = maxReviews
    this.#metrics = metrics
  }

  /**
   * Takes a place until the response has ended, also when the client goes away. Throws when there
   * is none.
   */
  enter(response: ServerResponse): void {
    if (this.#count >= this.#maxReviews)
      throw overloaded(`${this.#count} reviews are being answered already`)
    this.#add(1)
    response.once('close', () => this.#add(-1))
  }

  #add(count: number): void {
    this.#count += count
    this.#metrics.setRequestsInFlight(this.#count)
  }
}
