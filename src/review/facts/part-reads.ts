import { type FaultListener, type FaultPart, faultReason, lateReason } from '../ports/fault.js'

/** One of the things that a verdict rests on. */
export interface Part<T> {
  /** Such as `the directory`. */
  readonly name: string
  /** Must not be null. */
  readonly read: () => Promise<T>
  /** What stands for it when it cannot be had; `reason` is a clause without a secret. */
  readonly fallback: (reason: string) => T
  /** Set where the verdict is complete without it: the note is said as unchecked. */
  readonly unchecked?: { readonly part: FaultPart; readonly note: string }
}

/**
 * Reads what one verdict rests on, part by part: one that fails, or is not there when the deadline passes, leaves
 * the others as they are, and the rules that need it silent.
 */
export class PartReads {
  readonly #object: string
  readonly #passed: Promise<null>
  readonly #onFault: FaultListener
  readonly #undecided = new Set<string>()
  readonly #unchecked = new Set<string>()

  /** `passed` resolves when the deadline passes; `object` names the AtlasMigration. */
  constructor(object: string, passed: Promise<null>, onFault: FaultListener) {
    this.#object = object
    this.#passed = passed
    this.#onFault = onFault
  }

  async read<T>(part: Part<T>): Promise<T> {
    try {
      // What throws at once counts as well; a read that loses the race must not be an unhandled rejection.
      const reading = Promise.resolve().then(part.read)
      const value = await Promise.race([reading, this.#passed])
      return value === null ? this.#withoutIt(part, lateReason) : value
    } catch (error) {
      this.report(part.unchecked?.part ?? 'reading', part.name, error)
      return this.#withoutIt(part, `${part.name}: ${faultReason}`)
    }
  }

  report(part: FaultPart, name: string, error: unknown): void {
    this.#onFault({ part, where: `${this.#object}: ${name}`, error })
  }

  leaveUndecided(reason: string): void {
    this.#undecided.add(reason)
  }

  leaveUnchecked(note: string): void {
    this.#unchecked.add(note)
  }

  /** Why the verdict is incomplete. */
  undecided(): readonly string[] {
    return [...this.#undecided]
  }

  /** What the verdict leaves out. */
  unchecked(): readonly string[] {
    return [...this.#unchecked]
  }

  #withoutIt<T>({ unchecked, fallback }: Part<T>, reason: string): T {
    if (unchecked) this.leaveUnchecked(unchecked.note)
    else this.leaveUndecided(reason)
    return fallback(reason)
  }
}
