import { createHmac, randomBytes } from 'node:crypto'
import type { BorrowedLogin, DatabaseUrl } from '../ports/ports.js'

/** Differs for each process, so that a fingerprint cannot be tried against a list of guesses. */
const fingerprintKey = randomBytes(32)

/** A database URL that does not show itself when it is logged, printed or serialized. */
export class ConcealedUrl implements DatabaseUrl {
  readonly namespace: string
  readonly #text: string
  readonly borrowed: BorrowedLogin | null

  /** `namespace`: of the AtlasMigration that names it; empty for what a person names. */
  constructor(text: string, namespace = '', borrowed: BorrowedLogin | null = null) {
    this.#text = text
    this.namespace = namespace
    this.borrowed = borrowed
  }

  reveal(): string {
    return this.#text
  }

  /** Equal for equal URLs within this process. */
  fingerprint(): string {
    return createHmac('sha256', fingerprintKey).update(this.#text).digest('base64url')
  }

  toString(): string {
    return '[concealed URL]'
  }

  toJSON(): string {
    return this.toString()
  }
}
