import { type FaultListener, type FaultPart, faultReason, lateReason } from '../ports/fault.js'

/** One of the facts that a verdict rests on, and how to read it. */
export interface Part<T> {
  /** Name for messages, such as `the directory`. */
  readonly name: string
  /** Reads the fact. Must not resolve to null. */
  readonly read: () => Promise<T>
  /** Makes what stands for a fact that cannot be read; `reason` is a clause without a secret. */
  readonly fallback: (reason: string) => T
  /**
   * Set where the verdict is complete without the fact. The answer then says the note under what
   * was not checked.
   */
  readonly unchecked?: { readonly part: FaultPart; readonly note: string }
}

/**
 * Reads the facts of one verdict, each by itself. One that fails, or has not come when the deadline
 * passes, leaves the others as they are; only the rules that need it find nothing.
 */
export class PartReads {
  readonly #object: string
  readonly #passed: Promise<null>
  readonly #onFault: FaultListener
  readonly #undecided = new Set<string>()
  readonly #unchecked = new Set<string>()

  /** `object` names the AtlasMigration; `passed` resolves when the deadline passes. */
  constructor(object: string, passed: Promise<null>, onFault: FaultListener) {
    this.#object = object
    this.#passed = passed
    this.#onFault = onFault
  }

  async read<T>(part: Part<T>): Promise<T> {
    try {
      // The `then` turns an exception into a rejection. The race handles a rejection that comes too
      // late, which Node would report as unhandled otherwise.
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

  /** Takes over what others left open. */
  add(others: PartReads): void {
    for (const reason of others.undecided()) this.leaveUndecided(reason)
    for (const note of others.unchecked()) this.leaveUnchecked(note)
  }

  /** Why the verdict is incomplete, in words for a message. */
  undecided(): readonly string[] {
    return [...this.#undecided]
  }

  /** What the verdict leaves out on purpose, in words for a message. */
  unchecked(): readonly string[] {
    return [...this.#unchecked]
  }

  #withoutIt<T>({ unchecked, fallback }: Part<T>, reason: string): T {
    if (unchecked) this.leaveUnchecked(unchecked.note)
    else this.leaveUndecided(reason)
    return fallback(reason)
  }
}
