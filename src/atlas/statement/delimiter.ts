import { fromByteText, trimSpaces } from '../text/byte-text.js'
import { parseDirective } from '../directory/directive.js'
import { quoteGo } from '../text/go-string.js'

/** What separates statements unless the file says otherwise. */
export const defaultDelimiter = ';'

/** Why a text cannot be split; `at` is a byte position, null when Atlas gives none. */
export interface ScanFailure {
  readonly kind: 'failure'
  readonly at: number | null
  readonly what: string
  /**
   * Set when Atlas crashes, or when this program gives up. The whole file then fails, even where a
   * failure inside a block would be passed over.
   */
  readonly fatal?: boolean
  /** Set when this program gives up, so that it is not known what Atlas would make of the text. */
  readonly undecided?: boolean
}

/** A delimiter, and where the text continues behind the place that sets it. */
export interface DelimiterChange {
  readonly kind: 'delimiter'
  readonly delimiter: string
  readonly end: number
}

const emptyDelimiter: ScanFailure = { kind: 'failure', at: null, what: 'empty delimiter' }

const written: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\t', '\t'],
])

function unescaped(argument: string): string {
  return argument.replace(/\\[nrt]/g, escape => written.get(escape)!)
}

/**
 * The change by `-- atlas:delimiter X` as the first line at `from`; null when that line is none.
 */
export function delimiterDirective(
  bytes: string,
  from: number,
): DelimiterChange | ScanFailure | null {
  if (!bytes.startsWith('-- atlas:delimiter', from)) return null
  const lineEnd = bytes.indexOf('\n', from)
  const directive = parseDirective(bytes.slice(from, lineEnd === -1 ? bytes.length : lineEnd))
  // The prefix is greedy, so a second `atlas:` on the line makes it another directive.
  if (directive?.prefix !== '-- ' || directive.name !== 'delimiter') return null
  const { argument } = directive
  if (argument === '') return emptyDelimiter
  if (lineEnd !== -1) return { kind: 'delimiter', delimiter: unescaped(argument), end: lineEnd + 1 }
  const what = `no input found after delimiter ${quoteGo(fromByteText(argument))}`
  return { kind: 'failure', at: from, what }
}

const command = 'delimiter'

/**
 * Position behind the word of MySQL's client command `DELIMITER` at `from`, or -1 when it is not
 * there or nothing follows it.
 */
export function delimiterWordEnd(bytes: string, from: number): number {
  const end = from + command.length
  if (end >= bytes.length) return -1
  return bytes.slice(from, end).toLowerCase() === command ? end : -1
}

/**
 * The change by a DELIMITER command, from its argument behind the word. null when no space follows
 * the word: then it is no command.
 */
export function delimiterCommand(
  bytes: string,
  wordEnd: number,
): DelimiterChange | ScanFailure | null {
  if (bytes[wordEnd] !== ' ') return null
  const lineEnd = bytes.indexOf('\n', wordEnd)
  const end = lineEnd === -1 ? bytes.length : lineEnd + 1
  const argument = trimSpaces(bytes.slice(wordEnd, end))
  // Atlas cuts a quote off both ends, which crashes on a text of only one quote.
  if (argument === "'") {
    const what = 'runtime error: slice bounds out of range [1:0]'
    return { kind: 'failure', at: null, what, fatal: true }
  }
  const bare = unquoted(argument)
  return bare === '' ? emptyDelimiter : { kind: 'delimiter', delimiter: unescaped(bare), end }
}

function unquoted(argument: string): string {
  if (!argument.startsWith("'") || !argument.endsWith("'")) return argument
  return argument.slice(1, -1).replaceAll("''", "'")
}
