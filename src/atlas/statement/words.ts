import type { StatementDialect } from './dialect.js'
import { dollarQuote, quotedText, skipComment, wordRules, type WordRules } from './word-rules.js'

// Reads one statement as the database server does, which is not how Atlas splits a file: Atlas knows
// no nested comments and no E'…' strings. Every character is read once.

/**
 * - `word`: a keyword or a name without quotes;
 * - `name`: a name in quotes, which is never a keyword;
 * - `string`: a text in quotes, of whatever kind;
 * - `number`: digits, and what is written together with them;
 * - `mark`: any other single character, such as `(`.
 */
export type WordKind = 'word' | 'name' | 'string' | 'number' | 'mark'

export interface Word {
  readonly kind: WordKind
  /**
   * What stands there, without quotes. A name has the form by which the server knows it: PostgreSQL
   * folds a word without quotes to lower case. Backslashes in strings are left as they are.
   */
  readonly text: string
  /** For words and marks, what to compare keywords with: in lower case. Empty for all others. */
  readonly key: string
  /** Position of the first character in the statement. */
  readonly start: number
  /** Position behind the last character. */
  readonly end: number
}

/** More words than any statement has in front of its data, so that a long one costs no memory. */
export const headWords = 400

/**
 * The first words of a statement, at most `limit`. Comments count as white space. MySQL runs what
 * stands in a comment that starts with `!`, so its words are read. A quote that is never closed
 * takes all the rest.
 */
export function readWords(
  statement: string,
  dialect: StatementDialect,
  limit = headWords,
): readonly Word[] {
  const words: Word[] = []
  if (limit <= 0) return words
  for (const word of eachWord(statement, dialect)) {
    words.push(word)
    if (words.length >= limit) break
  }
  return words
}

/** All words of a statement, one at a time, so that a long one costs no memory. */
export function* eachWord(statement: string, dialect: StatementDialect): Generator<Word> {
  const reader = new WordReader(statement, wordRules[dialect])
  for (let word = reader.next(); word !== null; word = reader.next()) yield word
}

class WordReader {
  readonly #text: string
  readonly #rules: WordRules
  #at = 0

  constructor(text: string, rules: WordRules) {
    this.#text = text
    this.#rules = rules
  }

  next(): Word | null {
    this.#skip()
    if (this.#at >= this.#text.length) return null
    return this.#prefixed() ?? this.#quoted('', this.#at) ?? this.#bare()
  }

  /** Passes over white space and comments. */
  #skip(): void {
    for (;;) {
      this.#at = matchEnd(blanks, this.#text, this.#at)
      const end = skipComment(this.#text, this.#at, this.#rules)
      if (end === this.#at) return
      this.#at = end
    }
  }

  /** A string or name with letters in front of its quote, such as `E'…'` or `U&"…"`. */
  #prefixed(): Word | null {
    const end = matchEnd(this.#rules.prefix, this.#text, this.#at)
    if (end === -1) return null
    return this.#quoted(this.#text.slice(this.#at, end).toLowerCase(), end)
  }

  #quoted(prefix: string, at: number): Word | null {
    const dollar = this.#rules.dollarQuotes ? dollarQuote(this.#text, at) : null
    if (dollar !== null) return this.#word('string', dollar)
    const kind = this.#rules.quotes.get(this.#text[at] ?? '')
    if (kind === undefined) return null
    return this.#word(kind, quotedText(this.#text, at, { prefix, rules: this.#rules, kind }))
  }

  #bare(): Word {
    const number = matchEnd(digits, this.#text, this.#at)
    if (number !== -1) return this.#written('number', number)
    const word = matchEnd(this.#rules.word, this.#text, this.#at)
    if (word !== -1) return this.#written('word', word)
    return this.#written('mark', this.#at + 1)
  }

  #written(kind: WordKind, end: number): Word {
    const text = this.#text.slice(this.#at, end)
    const folds = kind === 'word' && this.#rules.folds
    return this.#word(kind, { text: folds ? foldName(text) : text, end })
  }

  #word(kind: WordKind, { text, end }: { readonly text: string; readonly end: number }): Word {
    const start = this.#at
    this.#at = end
    const key = kind === 'word' || kind === 'mark' ? text.toLowerCase() : ''
    return { kind, text, key, start, end }
  }
}

const blanks = /[ \t\n\r\f\v]*/y
const digits = /[0-9][0-9A-Za-z_.]*/y

/** Position behind what a sticky pattern matches at `at`; -1 when it matches nothing there. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

/** PostgreSQL folds only the letters of ASCII in a database of UTF-8. */
function foldName(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}
