import type { IncomingMessage, ServerResponse } from 'node:http'
import { BODY_LIMIT } from './body-limit.js'
import type { Metrics } from './metrics.js'
import { RequestError } from './request-error.js'

export interface ReviewLimits {
  /** Reviews at the same time; more are answered 503 with Retry-After. */
  readonly maxReviews: number
  /** Bytes of their bodies together; likewise. One review is always taken, however large. */
  readonly maxBodyBytes: number
}

/** Counts the reviews that have arrived and are not answered, and refuses what would be too much. */
export class ReviewLimit {
  readonly #limits: ReviewLimits
  readonly #metrics: Metrics
  #count = 0
  #bytes = 0

  constructor(limits: ReviewLimits, metrics: Metrics) {
    this.#limits = limits
    this.#metrics = metrics
  }

  /**
   * Takes a place until the response has ended, also by the client's going away. Before the body is read, since
   * bodies are what takes memory. Throws when there is no place: 503 with Retry-After, which kube-apiserver
   * tries again within the same call.
   */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const bytes = announcedBytes(request)
    const { maxReviews, maxBodyBytes } = this.#limits
    const isFull = this.#count >= maxReviews || this.#bytes + bytes > maxBodyBytes
    if (isFull && this.#count > 0) {
      throw new RequestError(
        'ATLAS_ADMISSION_OVERLOADED',
        `${this.#count} reviews are being answered already; try again in a second`,
      )
    }
    this.#add(1, bytes)
    response.once('close', () => this.#add(-1, -bytes))
  }

  #add(count: number, bytes: number): void {
    this.#count += count
    this.#bytes += bytes
    this.#metrics.setRequestsInFlight(this.#count)
  }
}

/** kube-apiserver says the length; a body of unknown length may become as large as the limit lets it. */
function announcedBytes(request: IncomingMessage): number {
  const length = Number(request.headers['content-length'] ?? BODY_LIMIT)
  return Math.min(length, BODY_LIMIT)
}
