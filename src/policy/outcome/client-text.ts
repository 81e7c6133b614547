import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import { eachWord, readWords, type Word } from '../../atlas/statement/words.js'
import type { StatementDefect } from './defect.js'

// Text that only a client such as psql, or another database, understands. Atlas sends it to the server
// as it is, and the server refuses it. All of it was tried on PostgreSQL 15 and MariaDB 10.11.

/** What in a statement is not meant for the server; null when nothing is. */
export function clientText(text: string, dialect: StatementDialect): StatementDefect | null {
  if (dialect === 'sqlite') return null
  const first = firstCharacter(text, dialect) ?? backslashCommand(text, dialect)
  if (first !== null) return first
  return dialect === 'postgres'
    ? (copyWithClient(text) ?? clientVariable(text) ?? placeholder(text))
    : (clientWord(text) ?? emptyStatement(text))
}

/** What an editor or another database takes for nothing, and the server for a word. */
function firstCharacter(text: string, dialect: StatementDialect): StatementDefect | null {
  const [first] = readWords(text, dialect, 1)
  if (first?.text.startsWith('\uFEFF') === true && first.kind === 'word')
    return {
      reason: 'a byte order mark stands before the statement',
      remedy: 'save the file as UTF-8 without byte order mark',
      at: first.start,
    }
  if (dialect !== 'postgres' || first?.key !== '#') return null
  return {
    reason: 'PostgreSQL knows no comments that start with #',
    remedy: 'write -- instead of #',
    at: first.start,
  }
}

const wayOut: ReadonlyMap<string, string> = new Map([
  ['restrict', String.raw`remove the lines \restrict and \unrestrict that pg_dump wrote`],
  ['unrestrict', String.raw`remove the lines \restrict and \unrestrict that pg_dump wrote`],
  ['connect', 'move what follows to an AtlasMigration of that database'],
  ['c', 'move what follows to an AtlasMigration of that database'],
  ['i', 'put the text of that file in its place'],
  ['ir', 'put the text of that file in its place'],
  ['include', 'put the text of that file in its place'],
  ['copy', 'write its rows as INSERT statements'],
  ['.', 'write the rows as INSERT statements (`pg_dump --inserts`)'],
])

/** A backslash outside of quotes and comments: no server knows one there. */
function backslashCommand(text: string, dialect: StatementDialect): StatementDefect | null {
  if (!text.includes('\\')) return null
  let before: Word | null = null
  for (const word of eachWord(text, dialect)) {
    if (before?.key === '\\') return commandAt(before, word, dialect)
    if (isUnclear(text, word)) return null
    before = word
  }
  return before?.key === '\\' ? commandAt(before, null, dialect) : null
}

/**
 * Whether a backslash in a plain string makes its end uncertain. Where
 * `standard_conforming_strings` is off, or `NO_BACKSLASH_ESCAPES` on, the string ends elsewhere.
 */
function isUnclear(text: string, { kind, start, end }: Word): boolean {
  return kind === 'string' && text[start] === "'" && text.slice(start, end).includes('\\')
}

function commandAt(
  mark: Word,
  next: Word | null,
  dialect: StatementDialect,
): StatementDefect | null {
  const name = next !== null && next.start === mark.end ? next.text : ''
  // MySQL's own word for NULL.
  if (dialect === 'mysql' && name === 'N') return null
  const known = /^(?:[A-Za-z]{1,12}|[.!?])$/.test(name)
  const client = dialect === 'postgres' ? 'psql' : 'the mysql client'
  return {
    reason: known ? `\\${name} is a command of ${client}` : `\\ is for ${client} alone`,
    remedy: wayOut.get(name) ?? 'remove it, or write it as SQL',
    at: mark.start,
  }
}

/** COPY whose rows go through the client: lib/pq, which Atlas uses, cannot do that. */
function copyWithClient(text: string): StatementDefect | null {
  const words = readWords(text, 'postgres')
  const [first] = words
  if (first?.key !== 'copy') return null
  let depth = 0
  for (const [index, { key }] of words.entries()) {
    if (key === '(') depth++
    else if (key === ')') depth--
    if (depth > 0 || (key !== 'from' && key !== 'to')) continue
    const end = words[index + 1]?.key
    if (end === 'stdin')
      return {
        reason: 'the rows of COPY ... FROM stdin cannot be sent by Atlas',
        remedy: 'write them as INSERT statements (`pg_dump --inserts`)',
        at: first.start,
      }
    if (end === 'stdout')
      return {
        reason: 'the rows of COPY ... TO stdout cannot be taken by Atlas',
        remedy: 'remove the statement',
        at: first.start,
      }
  }
  return null
}

/** Words with which a statement may have a colon of its own. */
const colonWords = /json|graph/i

/** psql puts a value in the place of `:name`; for the server the colon is an error. */
function clientVariable(text: string): StatementDefect | null {
  if (!/(?<![:[]):['"A-Za-z_]/.test(text) || colonWords.test(text)) return null
  let brackets = 0
  let before: Word | null = null
  let colon: Word | null = null
  for (const word of eachWord(text, 'postgres')) {
    // A `#` is no comment for PostgreSQL. Whoever meant one has another error than this.
    if (isUnclear(text, word) || word.key === '#') return null
    if (colon !== null && isVariable(colon, word)) return variableAt(colon)
    if (word.key === '[') brackets++
    else if (word.key === ']') brackets--
    // Two colons are a cast, and one within brackets a slice of an array.
    const single = word.key === ':' && before?.key !== ':' && brackets === 0
    colon = single ? word : null
    before = word
  }
  return null
}

function isVariable(colon: Word, { kind, start }: Word): boolean {
  return start === colon.end && kind !== 'number' && kind !== 'mark'
}

function variableAt({ start }: Word): StatementDefect {
  return {
    reason: 'a colon with a name is a variable of psql',
    remedy: 'write its value in its place',
    at: start,
  }
}

/**
 * Flyway, Maven, a shell or a template put a value in the place of `${name}` and `{{ name }}`. A
 * brace outside of quotes is an error for PostgreSQL, so here nothing did.
 */
function placeholder(text: string): StatementDefect | null {
  if (!/[${]\{/.test(text)) return null
  for (const word of eachWord(text, 'postgres')) {
    if (isUnclear(text, word) || word.key === '#') return null
    const opened = word.key === '{' && word.start > 0 ? text[word.start - 1] : ''
    if (opened === '$' || opened === '{')
      return {
        reason: `\`${opened}{\` is a placeholder, and nothing puts a value in its place`,
        remedy: 'write its value in its place',
        at: word.start - 1,
      }
  }
  return null
}

const clientCommands: ReadonlySet<string> = new Set(['source', 'system', 'tee', 'notee', 'pager'])

/** A command of the mysql client that has no backslash. */
function clientWord(text: string): StatementDefect | null {
  const cursor = new WordCursor(readWords(text, 'mysql', 1), 'mysql')
  const word = cursor.next
  if (word === null || !clientCommands.has(word.key)) return null
  const remedy =
    word.key === 'source' ? 'put the text of that file in its place' : 'remove the line'
  return { reason: `${word.key} is a command of the mysql client`, remedy, at: word.start }
}

/** MySQL refuses an empty query, which is what Atlas leaves of mysqldump's comments. */
function emptyStatement(text: string): StatementDefect | null {
  const words = readWords(text, 'mysql', 2)
  if (words.length !== 1 || words[0]!.key !== ';') return null
  return {
    reason: 'nothing but a semicolon is left of the statement ("Query was empty")',
    remedy: 'remove it, with the comment before it (mysqldump writes such)',
    at: words[0]!.start,
  }
}

/**
 * The line of a COPY whose rows stand in a file that cannot be split: their quotes are no quotes.
 * null when there is none before the line.
 */
export function copyBefore(content: string, line: number): number | null {
  const lines = content.split('\n', line)
  const found = lines.findIndex(text => /^\s*COPY\s.*\sFROM\s+STDIN\b/i.test(text))
  return found === -1 ? null : found + 1
}
