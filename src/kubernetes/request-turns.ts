/** Lets so many requests run at a time; further ones wait for one to end, in order. */
export class RequestTurns {
  readonly #max: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  async run<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    // A place that comes free is handed on, so the count stays.
    if (this.#running < this.#max) this.#running += 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      signal.throwIfAborted()
      return await request()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
