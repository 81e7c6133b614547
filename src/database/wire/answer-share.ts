import type { AnswerBounds } from './answer-bounds.js'

/** One answer that is being received. */
export interface Receiver {
  /** Ends the answer, because all of them together are too large. */
  readonly giveUp: () => void
}

/**
 * Counts the bytes of all answers that are being received. When they are too many, the largest
 * answer is given up, and the others go on.
 */
export class AnswerShare {
  readonly bounds: AnswerBounds
  readonly #held = new Map<Receiver, number>()
  #total = 0

  constructor(bounds: AnswerBounds) {
    this.bounds = bounds
  }

  add(receiver: Receiver, bytes: number): void {
    this.#held.set(receiver, (this.#held.get(receiver) ?? 0) + bytes)
    this.#total += bytes
    while (this.#total > this.bounds.totalBytes) {
      const [[largest]] = [...this.#held].sort(([, a], [, b]) => b - a) as [[Receiver, number]]
      this.release(largest)
      largest.giveUp()
    }
  }

  release(receiver: Receiver): void {
    this.#total -= this.#held.get(receiver) ?? 0
    this.#held.delete(receiver)
  }
}
