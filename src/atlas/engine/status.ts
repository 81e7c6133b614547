import type { DatabaseState } from './database-state.js'
import type { Directory } from '../directory/directory.js'
import type { EngineError } from '../directory/engine-error.js'
import type { MigrationFile } from '../directory/file.js'
import { quoteGo } from '../text/go-string.js'
import { defaultOptions, fromLastCheckpoint, planFiles } from './plan.js'
import { isPartial, RevisionType, type Revision } from './revision.js'
import { printScanError, scanStatements } from '../statement/statement.js'
import type { StatementDialect } from '../statement/dialect.js'
import { validateDirectory } from '../directory/validate.js'

/** The report of `atlas migrate status`, with Atlas's own names of the fields. */
export interface StatusReport {
  readonly status: 'OK' | 'PENDING'
  readonly current: string
  readonly next: string
  /** Names of files. */
  readonly pending: readonly string[]
  readonly outOfOrder: readonly string[]
  /** Versions of the rows. */
  readonly applied: readonly string[]
  /** Names of files. */
  readonly available: readonly string[]
  readonly count: number
  readonly total: number
  readonly error: string
  readonly sql: string
}

/** What `atlas migrate status` prints, or why it fails. */
export type StatusOutcome = { readonly report: StatusReport } | { readonly error: EngineError }

/** Predicts `atlas migrate status` of Atlas v1.2.3, with the check of atlas.sum. */
export function reportStatus(
  directory: Directory,
  state: DatabaseState,
  dialect: StatementDialect,
): StatusOutcome {
  const error = validateDirectory(directory)
  return error === null ? reportFiles(directory.files, state, dialect) : { error }
}

/** The report for files of a directory whose atlas.sum was checked before. */
export function reportFiles(
  files: readonly MigrationFile[],
  state: DatabaseState,
  dialect: StatementDialect,
): StatusOutcome {
  // Without a table the command neither checks whether the database is clean nor knows any history.
  if (state.revisions === null) {
    const pending = fromLastCheckpoint(files)
    return { report: buildReport(pending, pending, []) }
  }
  // The command ignores the execution order and baseline that its environment sets.
  const plan = planFiles(files, state, defaultOptions)
  if (plan.error?.nonLinear !== undefined)
    return { report: earlyReport(plan.error, state.revisions) }
  if (plan.error !== null && plan.error.type !== 'ErrNoPendingFiles') return { error: plan.error }
  const available = state.revisions.length === 0 ? plan.pending : files
  const report = buildReport(plan.pending, available, state.revisions)
  return withPartial(report, { last: state.revisions.at(-1), available, dialect })
}

const emptyReport: StatusReport = {
  status: 'OK',
  current: '',
  next: '',
  pending: [],
  outOfOrder: [],
  applied: [],
  available: [],
  count: 0,
  total: 0,
  error: '',
  sql: '',
}

/**
 * The report about files that are out of order. The command ends before it lists what is available.
 */
function earlyReport(
  { message, nonLinear }: EngineError,
  revisions: readonly Revision[],
): StatusReport {
  return {
    ...emptyReport,
    ...nonLinear,
    status: 'PENDING',
    current: revisions.at(-1)!.version,
    applied: versions(revisions),
    error: message,
  }
}

function buildReport(
  pending: readonly MigrationFile[],
  available: readonly MigrationFile[],
  revisions: readonly Revision[],
): StatusReport {
  const next = pending[0]
  return {
    ...emptyReport,
    status: next === undefined ? 'OK' : 'PENDING',
    // Atlas says this also when rows exist and every file is pending.
    current:
      pending.length === available.length ? 'No migration applied yet' : revisions.at(-1)!.version,
    next: next === undefined ? 'Already at latest version' : next.version,
    pending: names(pending),
    applied: versions(revisions),
    available: names(available),
  }
}

function names(files: readonly MigrationFile[]): readonly string[] {
  return files.map(file => file.name)
}

function versions(revisions: readonly Revision[]): readonly string[] {
  return revisions.map(revision => revision.version)
}

interface PartialContext {
  readonly last: Revision | undefined
  readonly available: readonly MigrationFile[]
  readonly dialect: StatementDialect
}

/** Adds the failed statement when the last row is partially applied. */
function withPartial(
  report: StatusReport,
  { last, available, dialect }: PartialContext,
): StatusOutcome {
  if (last === undefined || !isUnfinished(last)) return { report }
  const file = available.findLast(file => file.version === last.version)
  if (file === undefined) {
    const message = `migration file with version ${quoteGo(last.version)} not found`
    return { error: { type: 'StatusFileNotFound', message } }
  }
  const scan = scanStatements(file.content, dialect)
  const failure = { error: onOneLine(last.error), sql: onOneLine(last.errorStatement) }
  if ('error' in scan) {
    // As many as there were is the best guess where nobody counted.
    if (scan.error.undecided)
      return { report: { ...report, ...failure, count: last.applied, total: last.total } }
    const type = scan.error.crash ? 'panic' : 'other'
    return { error: { type, message: printScanError(scan.error) } }
  }
  return { report: { ...report, ...failure, count: last.applied, total: scan.statements.length } }
}

/**
 * Whether the report calls the last row unfinished. For a row set by hand it does not, though the
 * engine does.
 */
function isUnfinished(last: Revision): boolean {
  return isPartial(last) && last.applied < last.total && (last.type & RevisionType.resolved) === 0
}

function onOneLine(text: string): string {
  return text.replaceAll('\n', ' ')
}
