import { createHmac, randomBytes } from 'node:crypto'
import type { BorrowedLogin, DatabaseUrl } from '../ports/ports.js'

/**
 * Each process has its own key, so that a fingerprint cannot be tried against a list of guessed
 * URLs.
 */
const fingerprintKey = randomBytes(32)

/** A database URL that does not show its text when it is logged, printed or serialized. */
export class ConcealedUrl implements DatabaseUrl {
  readonly namespace: string
  readonly #text: string
  readonly borrowed: BorrowedLogin | null

  /**
   * `namespace` is that of the AtlasMigration that names the URL; it is empty for a URL that a
   * person gives.
   */
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
