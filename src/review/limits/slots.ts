/** Lets at most `limit` pieces of work run at a time; the others wait in turn. */
export class Slots {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get isIdle(): boolean {
    return this.#taken === 0
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#limit) this.#taken += 1
    // Whoever ends hands its slot to the next in line, so the number taken stays.
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#taken -= 1
    }
  }
}

/** Lets at most `limit` pieces of work run at a time for each key. */
export class KeyedSlots {
  readonly #limit: number
  readonly #slots = new Map<string, Slots>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Does the work when a slot of the key is free; without a key at once. */
  async use<T>(key: string | null, work: () => Promise<T>): Promise<T> {
    if (key === null) return work()
    const slots = this.#slots.get(key) ?? new Slots(this.#limit)
    this.#slots.set(key, slots)
    try {
      return await slots.use(work)
    } finally {
      if (slots.isIdle) this.#slots.delete(key)
    }
  }
}
