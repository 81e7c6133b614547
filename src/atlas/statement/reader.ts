import { skipSpaces, trimSpaces } from '../text/byte-text.js'
import {
  defaultDelimiter,
  delimiterCommand,
  delimiterWordEnd,
  type ScanFailure,
} from './delimiter.js'
import type { DelimiterSearch } from './delimiter-search.js'
import type { ScanRules } from './dialect.js'
import {
  beginAtomicEnd,
  beginEnd,
  commentEnd,
  dollarQuoteEnd,
  isBlank,
  quoteEnd,
  type CommentMark,
} from '../directory/token.js'

/** The two kinds of block: BEGIN … END, and PostgreSQL's BEGIN ATOMIC … END. */
export type BlockKind = 'begin' | 'atomic'

/** What reading a statement needs to know of its file. */
export interface Scan {
  /** The whole file as a byte text: one character per byte. */
  readonly bytes: string
  readonly rules: ScanRules
  readonly comments: readonly CommentMark[]
  readonly delimiters: DelimiterSearch
  /** Where the block ends whose body starts at `body`; -1 when BEGIN is an ordinary word there. */
  readonly blockEnd: (body: number, kind: BlockKind) => number | ScanFailure
}

export interface ReadStatement {
  readonly kind: 'statement'
  readonly start: number
  /** Position behind the delimiter. */
  readonly end: number
  /** The delimiter in force behind the statement. A DELIMITER command may have changed it. */
  readonly delimiter: string
}

/** A statement, the end of the text, or why there is neither. */
export type ReadOutcome = ReadStatement | ScanFailure | { readonly kind: 'end' }

/** The text of the statement, trimmed; a delimiter that the file itself has set is cut off. */
export function statementText(bytes: string, statement: ReadStatement): string {
  const { start, end, delimiter } = statement
  const text = bytes.slice(start, end)
  const omit = delimiter !== defaultDelimiter && text.endsWith(delimiter)
  return trimSpaces(omit ? text.slice(0, -delimiter.length) : text)
}

/** Reads the statement that starts at `from` (Atlas v1.2.3, `migrate.Scanner`). */
export function readStatement(scan: Scan, from: number, delimiter: string): ReadOutcome {
  return new StatementReader(scan, from, delimiter).read()
}

/**
 * The bytes at which something other than the delimiter can begin. All others are passed over
 * quickly.
 */
const special = new Uint8Array(256)
for (const character of '()\'"`$-/#Bb\t\n\f\r Dd') special[character.charCodeAt(0)] = 1

/**
 * Reads one statement in one pass. Its tests come in the order of the engine's, because the order
 * decides.
 */
class StatementReader {
  readonly #scan: Scan
  readonly #bytes: string
  #delimiter: string
  /**
   * Where the statement starts. It moves on while only comments and DELIMITER commands have been
   * read.
   */
  #start: number
  /** Position behind the byte just read. */
  #at: number
  #depth = 0
  #opening = 0
  /** A position: at the end of the run of blanks that ends here stands no BEGIN. */
  #noBegin = 0

  constructor(scan: Scan, from: number, delimiter: string) {
    this.#scan = scan
    this.#bytes = scan.bytes
    this.#delimiter = delimiter
    this.#start = this.#at = skipSpaces(scan.bytes, from)
  }

  read(): ReadOutcome {
    for (;;) {
      if (this.#at >= this.#bytes.length) return this.#endOfText()
      const outcome = this.#step(this.#bytes.charCodeAt(this.#at++))
      if (outcome !== null) return outcome
    }
  }

  #endOfText(): ReadOutcome {
    if (this.#depth > 0) return this.#failure(this.#opening, "unclosed '('")
    return this.#at > this.#start ? this.#statement() : { kind: 'end' }
  }

  #statement(): ReadStatement {
    return { kind: 'statement', start: this.#start, end: this.#at, delimiter: this.#delimiter }
  }

  #failure(at: number, what: string): ScanFailure {
    return { kind: 'failure', at, what }
  }

  /** Handles the byte at `#at - 1`. null means that reading goes on. */
  #step(byte: number): ReadOutcome | null {
    const here = this.#at - 1
    if (special[byte] === 0) return this.#delimiterAt(here)
    if (byte === 0x28 || byte === 0x29) return this.#parenthesis(byte)
    if (byte === 0x27 || byte === 0x22 || byte === 0x60) return this.#quote()
    if (here === this.#start) {
      const word = delimiterWordEnd(this.#bytes, here)
      if (word !== -1) return this.#delimiterCommand(word)
    }
    return this.#delimiterAt(here) ?? this.#dollarCommentOrBlock(byte, here)
  }

  #parenthesis(byte: number): ScanFailure | null {
    if (byte === 0x28) {
      if (this.#depth++ === 0) this.#opening = this.#at
      return null
    }
    if (this.#depth === 0) return this.#failure(this.#at, "unexpected ')'")
    this.#depth--
    return null
  }

  #quote(): ScanFailure | null {
    const end = quoteEnd(this.#bytes, this.#at, this.#scan.rules.backslashEscapes)
    if (end === -1) {
      const quote = this.#bytes[this.#at - 1]!
      return this.#failure(this.#at, `unclosed quote ${quote === "'" ? "'\\''" : `'${quote}'`}`)
    }
    this.#at = end
    return null
  }

  #delimiterCommand(wordEnd: number): ScanFailure | null {
    const change = delimiterCommand(this.#bytes, wordEnd)
    if (change === null) {
      this.#at = wordEnd
      return null
    }
    if (change.kind === 'failure') return change
    this.#delimiter = change.delimiter
    this.#restart(change.end)
    return null
  }

  /** Starts the statement anew: what was read so far is not part of it. */
  #restart(at: number): void {
    this.#start = this.#at = skipSpaces(this.#bytes, at)
  }

  #delimiterAt(here: number): ReadStatement | null {
    if (this.#depth > 0 || !this.#scan.delimiters.isAt(this.#delimiter, here)) return null
    this.#at = here + this.#delimiter.length
    return this.#statement()
  }

  #dollarCommentOrBlock(byte: number, here: number): ReadOutcome | null {
    if (byte === 0x24) return this.#dollarQuote(here)
    const mark = this.#scan.comments.find(({ left }) => this.#bytes.startsWith(left, here))
    if (mark !== undefined) return this.#comment(mark, here)
    if (this.#delimiter !== defaultDelimiter) return null
    return here < this.#noBegin ? null : this.#block(here)
  }

  #dollarQuote(here: number): null {
    const end = this.#scan.rules.dollarQuotes ? dollarQuoteEnd(this.#bytes, here) : -1
    if (end !== -1) this.#at = end
    return null
  }

  #comment(mark: CommentMark, here: number): null {
    const inside = here + mark.left.length
    const end = commentEnd(this.#bytes, inside, mark)
    // Without its end the mark starts no comment, and what follows it is read as SQL.
    if (end === -1) this.#at = inside
    else if (here === this.#start) this.#restart(end)
    else this.#at = end
    return null
  }

  #block(here: number): ReadOutcome | null {
    const begin = beginEnd(this.#bytes, here)
    if (begin === -1) {
      this.#noBegin = skipBlanks(this.#bytes, here)
      return null
    }
    const atomic = this.#scan.rules.beginAtomic ? beginAtomicEnd(this.#bytes, here) : -1
    if (atomic !== -1) return this.#blockBody(atomic, 'atomic')
    // Inside a statement, BEGIN counts only behind white space.
    const separate = here === this.#start || isBlank(this.#bytes.charCodeAt(here - 1))
    return separate ? this.#blockBody(begin, 'begin') : null
  }

  #blockBody(body: number, kind: BlockKind): ReadOutcome | null {
    const end = this.#scan.blockEnd(body, kind)
    if (typeof end !== 'number') return end
    // When it is no block, BEGIN is an ordinary word, and reading goes on behind it.
    this.#at = end === -1 ? body : end
    return end === -1 ? null : this.#statement()
  }
}

function skipBlanks(bytes: string, from: number): number {
  let at = from
  while (isBlank(bytes.charCodeAt(at))) at++
  return at
}
