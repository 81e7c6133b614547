/**
 * How much hashing a trace may still do beyond the usual appends. Rows are untrusted: a table can
 * be written so that every combination of files would have to be tried, and an admission request
 * waits for the answer. One unit is about one microsecond: a file fed to a hash state, or one KiB.
 */
export class Budget {
  #left: number

  constructor(units: number) {
    this.#left = units
  }

  /** Negative when more was taken than there was. */
  get left(): number {
    return this.#left
  }

  get spent(): boolean {
    return this.#left < 0
  }

  /** Takes the units, and says whether there were enough. What costs nothing is always possible. */
  take(units: number): boolean {
    this.#left -= units
    return units === 0 || this.#left >= 0
  }

  /** Gives a part of it to one purpose, and takes back what is left of the part. */
  lend<Result>(units: number, use: (part: Budget) => Result): Result {
    const granted = Math.max(0, Math.min(units, this.#left))
    const part = new Budget(granted)
    const result = use(part)
    this.#left -= granted - part.#left
    return result
  }
}
