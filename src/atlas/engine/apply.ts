import type { EngineError } from '../directory/engine-error.js'
import type { MigrationFile } from '../directory/file.js'
import { compareBytewise, quoteGo } from '../text/go-string.js'
import { emptyRow } from './plan.js'
import { RevisionType, type Revision } from './revision.js'
import { printScanError, scanByteTexts, byteTextHashes } from '../statement/statement.js'
import type { StatementDialect } from '../statement/dialect.js'
import type { Sum } from '../directory/sum.js'
import { txModeError } from './tx-mode.js'

/** What `migrate apply` works on once its plan is made. */
export interface ApplyInput {
  readonly pending: readonly MigrationFile[]
  /** The rows before the command, with the baseline row if planning wrote one. */
  readonly revisions: readonly Revision[]
  /** The computed atlas.sum of the directory. */
  readonly sum: Sum
  readonly dialect: StatementDialect
}

/** The result of `migrate apply`, given that every SQL statement succeeds. */
export interface ApplyOutcome {
  readonly result: 'ok' | 'noop' | 'error' | 'panic'
  /** Name of the file that failed; null unless `result` is error or panic. */
  readonly file: string | null
  readonly error: EngineError | null
  /** Names of the files completed, in order. */
  readonly done: readonly string[]
}

export interface ApplyEffect {
  readonly outcome: ApplyOutcome
  /**
   * The rows afterwards, new ones last. A file that fails leaves its row as it was: its statements
   * and its row share a transaction, and the failures predicted here come before the first
   * statement.
   */
  readonly revisions: readonly Revision[]
}

/**
 * Predicts `migrate apply` of Atlas v1.2.3 (`Executor.Execute`), given that every SQL statement
 * succeeds.
 */
export function applyPending({ pending, revisions, sum, dialect }: ApplyInput): ApplyEffect {
  const hashes = new Map(sum.lines.map(line => [line.name, line.hash]))
  const rows = new Map(revisions.map(row => [row.version, row]))
  const done: string[] = []
  let outcome: ApplyOutcome = { result: 'ok', file: null, error: null, done }
  for (const file of pending) {
    const executed = execute(file, {
      hash: hashes.get(file.name),
      row: rows.get(file.version),
      dialect,
    })
    if ('error' in executed) {
      const result = executed.error.type === 'panic' ? 'panic' : 'error'
      outcome = { result, file: file.name, error: executed.error, done }
      break
    }
    rows.set(file.version, executed.row)
    done.push(file.name)
  }
  return { outcome, revisions: Array.from(rows.values()) }
}

/**
 * The rows in the order in which the next reader gets them: by version. Where the database returned
 * another order before, its place for a new row is not known, so new rows stay at the end.
 */
export function orderRevisions(
  before: readonly Revision[],
  after: readonly Revision[],
): readonly Revision[] {
  const sorted = before.every((row, i) => i === 0 || compareRows(before[i - 1]!, row) < 0)
  return sorted ? after.toSorted(compareRows) : after
}

function compareRows(a: Revision, b: Revision): number {
  return compareBytewise(a.version, b.version)
}

interface FileContext {
  readonly hash: string | undefined
  readonly row: Revision | undefined
  readonly dialect: StatementDialect
}

type Executed = { readonly row: Revision } | { readonly error: EngineError }

function execute(file: MigrationFile, { hash, row, dialect }: FileContext): Executed {
  const mode = txModeError(file)
  if (mode !== null) return { error: mode }
  const name = quoteGo(file.name)
  if (hash === undefined) {
    const message = `sql/migrate: scanning checksum from ${name}: checksum not found`
    return { error: { type: 'ChecksumNotFoundForFile', message } }
  }
  const scan = scanByteTexts(file.content, dialect)
  if ('error' in scan) {
    if (scan.error.undecided) return { row: assumeRun(file, { hash, row }) }
    if (scan.error.crash) return { error: panic(scan.error.what) }
    const message = `sql/migrate: scanning statements from ${name}: ${printScanError(scan.error)}`
    return { error: { type: 'ScanError', message } }
  }
  return resume(file, row ?? newRow(file, { hash, total: scan.statements.length }), scan.statements)
}

function panic(message: string): EngineError {
  return { type: 'panic', message }
}

function newRow(
  { version, description }: MigrationFile,
  { hash, total }: Pick<Revision, 'hash' | 'total'>,
): Revision {
  return { ...emptyRow, version, description, type: RevisionType.execute, hash, total }
}

/**
 * Assumes that a file runs whose statements nobody counted, as it is assumed of SQL: what comes
 * after it then stays in sight.
 */
function assumeRun(
  file: MigrationFile,
  { hash, row }: Pick<FileContext, 'row'> & { readonly hash: string },
): Revision {
  const begun = row ?? newRow(file, { hash, total: 1 })
  return { ...begun, applied: begun.total, error: '', errorStatement: '', partialHashes: [] }
}

/**
 * Runs the statements that the row does not count yet. The row's `total` and `hash` stay as first
 * written.
 */
function resume(file: MigrationFile, row: Revision, statements: readonly string[]): Executed {
  const error = historyError(file, row, statements)
  if (error !== null) return { error }
  const ran = statements.length > row.applied
  // Atlas clears the error of an earlier attempt only when at least one statement ran since.
  const cleared = ran && row.error !== '' ? { error: '', errorStatement: '' } : {}
  return { row: { ...row, ...cleared, applied: statements.length, partialHashes: [] } }
}

/**
 * Compares the statements that ran before with those of the file today. Where the engine has
 * nothing to compare with, it crashes.
 */
function historyError(
  file: MigrationFile,
  row: Revision,
  statements: readonly string[],
): EngineError | null {
  if (row.applied < 0) return panic(`runtime error: slice bounds out of range [${row.applied}:]`)
  if (row.applied === 0) return null
  const hashes = byteTextHashes(statements)
  for (let i = 0; i < row.applied; i++) {
    const computed = hashes[i]
    const stored = row.partialHashes[i]
    if (computed === undefined || stored === undefined) {
      return panic(`runtime error: index out of range [${i}]`)
    }
    if (computed !== withoutAlgorithm(stored)) return changedError(file, i + 1)
  }
  return null
}

function withoutAlgorithm(hash: string): string {
  return hash.startsWith('h1:') ? hash.slice(3) : hash
}

function changedError(file: MigrationFile, statement: number): EngineError {
  const message = `sql/migrate: history changed: statement ${statement} from file ${quoteGo(file.name)} changed`
  return { type: 'HistoryChangedError', message }
}
