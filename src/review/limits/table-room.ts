interface Waiter {
  readonly namespace: string
  readonly bytes: number
  readonly start: (release: () => void) => void
}

/**
 * Room for large tables that verdicts keep. When there is none, a verdict waits until others are
 * done. The namespace that has least goes first, so that one tenant's tables do not keep a neighbour
 * waiting for all of them.
 */
export class TableRoom {
  readonly #maxBytes: number
  readonly #used = new Map<string, number>()
  readonly #waiting = new Set<Waiter>()
  #total = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether there is room at once. A single table always has it, however large. */
  fits(bytes: number): boolean {
    return this.#total === 0 || this.#total + bytes <= this.#maxBytes
  }

  /** Takes room whether there is any or not. Returns a function that gives it back. */
  take(namespace: string, bytes: number): () => void {
    this.#count(namespace, bytes)
    return () => {
      this.#count(namespace, -bytes)
      this.#startNext()
    }
  }

  /** Resolves, when there is room, to a function that gives it back. */
  wait(namespace: string, bytes: number): Promise<() => void> {
    return new Promise(start => this.#waiting.add({ namespace, bytes, start }))
  }

  #startNext(): void {
    for (;;) {
      const fitting = [...this.#waiting].filter(({ bytes }) => this.fits(bytes))
      const [next] = fitting.sort((a, b) => this.#usedBy(a) - this.#usedBy(b))
      if (!next) return
      this.#waiting.delete(next)
      next.start(this.take(next.namespace, next.bytes))
    }
  }

  #usedBy({ namespace }: Waiter): number {
    return this.#used.get(namespace) ?? 0
  }

  #count(namespace: string, bytes: number): void {
    this.#total += bytes
    const used = (this.#used.get(namespace) ?? 0) + bytes
    if (used === 0) this.#used.delete(namespace)
    else this.#used.set(namespace, used)
  }
}
