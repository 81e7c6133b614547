import type { Steps } from './steps.js'

/** Units between two pauses of a search: a few milliseconds. */
const unitsToPause = 2000

/**
 * How much hashing a trace may still do beyond the usual appends. Rows are untrusted, and a table
 * can be made so that every combination of files would have to be tried while an admission request
 * waits for the answer. One unit is about one microsecond: one file, or one KiB, fed to a hash.
 */
export class Budget {
  #left: number
  #toPause = unitsToPause

  constructor(units: number) {
    this.#left = units
  }

  /** The units that are left; negative when more were taken than there were. */
  get left(): number {
    return this.#left
  }

  get spent(): boolean {
    return this.#left < 0
  }

  /** Takes the units, and tells whether there were enough. Taking none always succeeds. */
  take(units: number): boolean {
    this.#left -= units
    this.#toPause -= units
    return units === 0 || this.#left >= 0
  }

  /** Whether a search has gone on for so long that it should pause; then the next stretch begins. */
  pauses(): boolean {
    if (this.#toPause > 0) return false
    this.#toPause = unitsToPause
    return true
  }

  /** Lends a part of the budget to one purpose, and takes back what that purpose leaves. */
  *lend<Result>(units: number, use: (part: Budget) => Steps<Result>): Steps<Result> {
    const granted = Math.max(0, Math.min(units, this.#left))
    const part = new Budget(granted)
    const result = yield* use(part)
    this.#left -= granted - part.#left
    return result
  }
}
