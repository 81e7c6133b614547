import { createHash } from 'node:crypto'
import { fromByteText, toByteText } from '../text/byte-text.js'
import { defaultDelimiter, delimiterDirective, type ScanFailure } from './delimiter.js'
import { buildScan } from './block.js'
import { scanRules, type StatementDialect } from './dialect.js'
import { readStatement, statementText, type ReadStatement } from './reader.js'

/** Why a file cannot be split into statements. */
export interface ScanError {
  /** 1-based; 0 when the engine gives no position. */
  readonly line: number
  /** Bytes from the start of the line. */
  readonly column: number
  /** The reason in the engine's words, such as `unclosed '('`. */
  readonly what: string
  /** Whether Atlas crashes on this file. */
  readonly crash: boolean
  /** Whether it is not known what Atlas would make of this file: following it would take too long. */
  readonly undecided: boolean
}

export type StatementScan =
  { readonly statements: readonly string[] } | { readonly error: ScanError }

/** Splits a file into statements as Atlas's driver for the dialect does. */
export function scanStatements(content: string, dialect: StatementDialect): StatementScan {
  const scan = scanByteTexts(content, dialect)
  return 'error' in scan ? scan : { statements: scan.statements.map(fromByteText) }
}

/**
 * Splits a file like {@link scanStatements}, but returns byte texts, for hashing. Where the engine
 * miscounts (see block.ts) it may cut a statement in the middle of a character, which only bytes
 * can show.
 */
export function scanByteTexts(content: string, dialect: StatementDialect): StatementScan {
  const bytes = toByteText(content)
  const read = readStatements(bytes, dialect)
  if ('error' in read) return read
  return { statements: read.statements.map(statement => statementText(bytes, statement)) }
}

/** A statement, and where it starts. */
export interface PlacedStatement {
  readonly text: string
  /** 1-based line of its file. */
  readonly line: number
}

/** Splits a file like {@link scanStatements}, and tells where each statement starts. */
export function placeStatements(
  content: string,
  dialect: StatementDialect,
): { readonly statements: readonly PlacedStatement[] } | { readonly error: ScanError } {
  const bytes = toByteText(content)
  const read = readStatements(bytes, dialect)
  if ('error' in read) return read
  let line = 1
  let passed = 0
  const statements = read.statements.map(statement => {
    for (; passed < statement.start; passed++) if (bytes[passed] === '\n') line++
    return { text: fromByteText(statementText(bytes, statement)), line }
  })
  return { statements }
}

function readStatements(
  bytes: string,
  dialect: StatementDialect,
): { readonly statements: readonly ReadStatement[] } | { readonly error: ScanError } {
  const scan = buildScan(bytes, scanRules[dialect])
  const directive = delimiterDirective(bytes, 0)
  if (directive?.kind === 'failure') return { error: scanError(bytes, directive) }
  const statements: ReadStatement[] = []
  let at = directive?.end ?? 0
  let delimiter = directive?.delimiter ?? defaultDelimiter
  for (;;) {
    const outcome = readStatement(scan, at, delimiter)
    if (outcome.kind === 'failure') return { error: scanError(bytes, outcome) }
    if (outcome.kind === 'end') return { statements }
    statements.push(outcome)
    at = outcome.end
    delimiter = outcome.delimiter
  }
}

function scanError(bytes: string, failure: ScanFailure): ScanError {
  const { at, what, fatal = false, undecided = false } = failure
  const said = { what, crash: fatal && !undecided, undecided }
  if (at === null) return { line: 0, column: 0, ...said }
  const lines = bytes.slice(0, at).split('\n')
  return { line: lines.length, column: lines.at(-1)!.length, ...said }
}

/**
 * The error as Atlas prints it: `<line>:<column>: <what>`, or only `<what>` when there is no
 * position.
 */
export function printScanError({ line, column, what }: ScanError): string {
  return line === 0 ? what : `${line}:${column}: ${what}`
}

/**
 * For each statement, the SHA-256 of all statements up to it, in base64: what a row's
 * `partial_hashes` hold behind `h1:`.
 */
export function statementHashes(statements: readonly string[]): readonly string[] {
  return byteTextHashes(statements.map(toByteText))
}

/** Hashes like {@link statementHashes}, for statements that are byte texts already. */
export function byteTextHashes(statements: readonly string[]): readonly string[] {
  const hash = createHash('sha256')
  return statements.map(statement => hash.update(statement, 'latin1').copy().digest('base64'))
}
