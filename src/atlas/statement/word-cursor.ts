import type { StatementDialect } from './dialect.js'
import { readWords, type Word } from './words.js'

/** A name such as `shop.orders`. */
export interface QualifiedName {
  /** null when the name has none; then the session decides (PostgreSQL: `search_path`). */
  readonly schema: string | null
  readonly name: string
}

/** Reads the words of a statement from left to right. What is not there is not taken. */
export class WordCursor {
  readonly #words: readonly Word[]
  readonly #dialect: StatementDialect
  #at = 0

  constructor(words: readonly Word[], dialect: StatementDialect) {
    this.#words = words
    this.#dialect = dialect
  }

  /** The word that comes next; null at the end. */
  get next(): Word | null {
    return this.#words[this.#at] ?? null
  }

  /** Takes these words (in lower case) when all of them come next, in this order. */
  take(...keys: readonly string[]): boolean {
    if (!keys.every((key, index) => this.#words[this.#at + index]?.key === key)) return false
    this.#at += keys.length
    return true
  }

  /** Takes the next word when it is one of these, and tells which; null otherwise. */
  takeOneOf(...keys: readonly string[]): string | null {
    return keys.find(key => this.take(key)) ?? null
  }

  /** Takes one word, whatever it is; null at the end. */
  skip(): Word | null {
    const word = this.next
    if (word !== null) this.#at++
    return word
  }

  /** Takes a text in quotes; null when none comes next. */
  takeString(): string | null {
    return this.next?.kind === 'string' ? this.skip()!.text : null
  }

  /**
   * Takes a name, with its schema if it has one; null when none comes next. A keyword counts as a
   * name, so keywords are to be taken before.
   */
  takeName(): QualifiedName | null {
    const first = this.#takePart()
    if (first === null) return null
    const parts = [first]
    while (this.next?.key === '.') {
      const dot = this.#at++
      const part = this.#takePart()
      if (part === null) {
        this.#at = dot
        break
      }
      parts.push(part)
    }
    return { schema: parts.at(-2) ?? null, name: parts.at(-1)! }
  }

  /** Takes names with commas between them, such as those of DROP TABLE. */
  takeNames(): readonly QualifiedName[] {
    const names: QualifiedName[] = []
    for (;;) {
      // PostgreSQL lets ONLY stand before a table's name, and `*` behind it.
      this.take('only')
      const name = this.takeName()
      if (name === null) return names
      names.push(name)
      this.take('*')
      if (!this.take(',')) return names
    }
  }

  #takePart(): string | null {
    const word = this.next
    if (word?.kind !== 'word' && word?.kind !== 'name') return null
    this.#at++
    return this.#dialect === 'postgres' ? shortened(word.text) : word.text
  }
}

/** A cursor at the first word of a statement. */
export function cursorOf(statement: string, dialect: StatementDialect): WordCursor {
  return new WordCursor(readWords(statement, dialect), dialect)
}

/** PostgreSQL keeps 63 bytes of a name, and never half a character. */
const longestName = 63

function shortened(name: string): string {
  const bytes = Buffer.from(name, 'utf8')
  if (bytes.length <= longestName) return name
  let end = longestName
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
