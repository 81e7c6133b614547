import { overloaded } from '../errors/overloaded.js'

export interface ReviewMemoryLimits {
  readonly maxBytes: number
  /** Most bytes that one address may use while others wait. */
  readonly maxBytesOfAddress: number
  /** How long a review waits for its turn. */
  readonly maxWaitMs: number
}

interface Waiter {
  readonly address: string
  readonly bytes: number
  readonly start: () => void
}

/**
 * Lets as many reviews begin as fit into memory. The others wait in a short queue, in which the
 * addresses take turns.
 */
export class ReviewMemory {
  readonly #limits: ReviewMemoryLimits
  readonly #waiters = new Set<Waiter>()
  readonly #used = new Map<string, number>()
  #total = 0

  constructor(limits: ReviewMemoryLimits) {
    this.#limits = limits
  }

  /**
   * Resolves to a function that gives the memory back. Rejects with 503 when there is none for too
   * long.
   */
  async take(address: string, bytes: number): Promise<() => void> {
    if (!this.#fits({ address, bytes })) await this.#turn(address, bytes)
    this.#count(address, bytes)
    return () => {
      this.#count(address, -bytes)
      this.#startNext()
    }
  }

  #turn(address: string, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        address,
        bytes,
        start: () => {
          clearTimeout(limit)
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      this.#waiters.add(waiter)
      const limit = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(overloaded('the reviews that are being answered take all memory'))
      }, this.#limits.maxWaitMs)
    })
  }

  /** Starts one waiting review. The next one is looked for once this one is counted. */
  #startNext(): void {
    const fitting = [...this.#waiters].filter(waiter => this.#fits(waiter))
    const [first, ...others] = fitting
    if (!first) return
    const next = others.reduce(
      (best, waiter) => (this.#usedBy(waiter.address) < this.#usedBy(best.address) ? waiter : best),
      first,
    )
    next.start()
    queueMicrotask(() => queueMicrotask(() => this.#startNext()))
  }

  #usedBy(address: string): number {
    return this.#used.get(address) ?? 0
  }

  /** Whether a review fits. A single one is always accepted, however large. */
  #fits({ address, bytes }: Pick<Waiter, 'address' | 'bytes'>): boolean {
    const { maxBytes, maxBytesOfAddress } = this.#limits
    const used = this.#usedBy(address)
    return (
      this.#total === 0 ||
      (this.#total + bytes <= maxBytes && (used === 0 || used + bytes <= maxBytesOfAddress))
    )
  }

  #count(address: string, bytes: number): void {
    this.#total += bytes
    const used = this.#usedBy(address) + bytes
    if (used === 0) this.#used.delete(address)
    else this.#used.set(address, used)
  }
}
