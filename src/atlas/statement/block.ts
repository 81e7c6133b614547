import { defaultDelimiter, delimiterDirective, type ScanFailure } from './delimiter.js'
import { DelimiterSearch } from './delimiter-search.js'
import type { ScanRules } from './dialect.js'
import {
  readStatement,
  statementText,
  type BlockKind,
  type ReadStatement,
  type Scan,
} from './reader.js'
import { commentMarks } from '../directory/token.js'

// The engine takes BEGIN for a block only when a statement END comes later, so it reads ahead at
// every BEGIN, and again at every BEGIN within: that is exponential in their number. What stands
// behind a position never changes, so the outcome for it is remembered here, which makes ordinary
// files linear.

/**
 * Depth to which blocks within blocks are followed. SQL that people write stays far below. A BEGIN
 * without an END counts, too: beyond some thirty of them Atlas itself does not come to an end.
 */
const deepest = 200

/**
 * Limit of the bytes read ahead: this many lengths of the text, and beside them what a small text
 * may take. Blocks one behind the other take one length in all, however many. A block within another
 * takes its own length once more, and so do blocks with delimiters of their own: SQL that people
 * write has a few levels.
 */
const longest = { lengths: 16, bytes: 64 * 1024 }

const endless: ScanFailure = {
  kind: 'failure',
  at: null,
  what: 'too many BEGIN within each other to follow',
  fatal: true,
  undecided: true,
}

/** Prepares a file for reading it statement by statement. */
export function buildScan(bytes: string, rules: ScanRules): Scan {
  const blocks = new BlockFinder()
  const comments = commentMarks(bytes, rules.hashComments)
  const scan: Scan = {
    bytes,
    rules,
    comments,
    delimiters: new DelimiterSearch(bytes),
    blockEnd: (body, kind) => blocks.find(scan, body, kind),
  }
  return scan
}

class BlockFinder {
  /** For each start of a statement read with the default delimiter: where its block ends, or -1. */
  readonly #known: Readonly<Record<BlockKind, Map<number, number>>> = {
    begin: new Map(),
    atomic: new Map(),
  }
  #depth = 0
  #read = 0

  find(scan: Scan, body: number, kind: BlockKind): number | ScanFailure {
    if (this.#depth === deepest || this.#read > longest.bytes + longest.lengths * scan.bytes.length)
      return endless
    this.#depth++
    const end = this.#bodyEnd(scan, body, kind)
    this.#depth--
    return end
  }

  #bodyEnd(scan: Scan, body: number, kind: BlockKind): number | ScanFailure {
    const directive = delimiterDirective(scan.bytes, body)
    if (directive === null)
      return this.#chainEnd(scan, kind, { end: body, delimiter: defaultDelimiter })
    if (directive.kind === 'failure') return -1
    const end = this.#chainEnd(scan, kind, directive)
    // The engine forgets the length of the directive's line when it counts how far it read.
    return typeof end === 'number' && end !== -1 ? end - (directive.end - body) : end
  }

  /**
   * Reads statements until one ends the block, starting where its delimiter was set. Returns where
   * the block ends, or -1.
   */
  #chainEnd(scan: Scan, kind: BlockKind, from: Position): number | ScanFailure {
    const passed: number[] = []
    const known = this.#known[kind]
    let position: Position = from
    let end = this.#remembered(known, position)
    while (end === undefined) {
      if (position.delimiter === defaultDelimiter) passed.push(position.end)
      const outcome = readStatement(scan, position.end, position.delimiter)
      if (outcome.kind === 'failure' && outcome.fatal === true) return outcome
      this.#read += (outcome.kind === 'statement' ? outcome.end : scan.bytes.length) - position.end
      if (outcome.kind !== 'statement') end = -1
      else if (endsBlock(scan.bytes, outcome, kind)) end = outcome.end
      else end = this.#remembered(known, (position = outcome))
    }
    for (const start of passed) known.set(start, end)
    return end
  }

  /** Remembers only positions read with the default delimiter, because others hardly occur. */
  #remembered(
    known: ReadonlyMap<number, number>,
    { end, delimiter }: Position,
  ): number | undefined {
    return delimiter === defaultDelimiter ? known.get(end) : undefined
  }
}

/** The byte behind which reading goes on, and the delimiter in force there. */
interface Position {
  readonly end: number
  readonly delimiter: string
}

const endWord = /^END[\t\n\f\r ]*/i

/**
 * Whether the statement ends the block. Any text that starts with END ends an ATOMIC block; only
 * END itself ends the other kind.
 */
function endsBlock(bytes: string, statement: ReadStatement, kind: BlockKind): boolean {
  // This cheap test comes first, because most statements are long and start otherwise.
  if (bytes.slice(statement.start, statement.start + 3).toUpperCase() !== 'END') return false
  const text = statementText(bytes, statement)
  const match = endWord.exec(text)
  if (match === null) return false
  if (kind === 'atomic') return true
  const rest = text.slice(match[0].length)
  return rest === '' || rest === defaultDelimiter
}
