import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { scanStatements } from '../../atlas/statement/statement.js'
import { readWords } from '../../atlas/statement/words.js'

/**
 * The statements of a text, as far as two texts have to be compared: without comments in front,
 * delimiters, the kind of line break and the layout. null when Atlas cannot split the text.
 */
export function comparedStatements(
  content: string,
  dialect: StatementDialect,
): readonly string[] | null {
  const scan = scanStatements(content, dialect)
  if ('error' in scan) return null
  return scan.statements.map(text => bare(text, dialect)).filter(statement => statement !== '')
}

function bare(statement: string, dialect: StatementDialect): string {
  const text = statement.replaceAll('\r\n', '\n').trimEnd()
  return layoutFree((text.endsWith(';') ? text.slice(0, -1) : text).trim(), dialect)
}

/** What may quote blanks in another way than `'...'` does, or ends with its line. */
const otherQuotes = /["$`\\#]|--|\/\*/

/**
 * A formatter changes nothing but the blanks between the words, and their case, which PostgreSQL
 * folds. Both are evened out wherever it is certain that they are not within a string.
 */
function layoutFree(statement: string, dialect: StatementDialect): string {
  if (otherQuotes.test(statement)) return statement
  const fold = (text: string) => (dialect === 'postgres' ? text.toLowerCase() : text)
  return statement
    .split("'")
    .map((text, at) => (at % 2 === 0 ? fold(text.replaceAll(/\s+/g, ' ')) : text))
    .join("'")
}

/** First words of statements that leave nothing behind, so that running them twice harms nobody. */
const passing: ReadonlySet<string> = new Set([
  'analyze',
  'begin',
  'commit',
  'end',
  'refresh',
  'reindex',
  'reset',
  'set',
  'start',
  'vacuum',
])

/** Statements that say themselves that they may run again. */
const repeatable: readonly (readonly string[])[] = [
  ['or', 'replace'],
  ['if', 'not', 'exists'],
  ['if', 'exists'],
  ['on', 'conflict'],
]

/** More words than there are in front of what tells that a statement may run again. */
const toldWithin = 40

/** Whether a statement leaves something behind, such as a table or a row. */
export function isLasting(statement: string, dialect: StatementDialect): boolean {
  const [first] = readWords(statement, dialect, 1)
  return first?.kind === 'word' && !passing.has(first.key)
}

/** Whether running the statement a second time fails, or does something again. */
export function isHarmfulTwice(statement: string, dialect: StatementDialect): boolean {
  if (!isLasting(statement, dialect)) return false
  const words = readWords(statement, dialect, toldWithin).map(({ key }) => key)
  if (words[0] === 'grant' || words[0] === 'comment' || words[0] === 'select') return false
  return !repeatable.some(told => hasSequence(words, told))
}

function hasSequence(words: readonly string[], told: readonly string[]): boolean {
  return words.some((_, at) => told.every((word, i) => words[at + i] === word))
}
