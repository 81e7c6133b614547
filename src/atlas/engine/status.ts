import type { DatabaseState } from './database-state.js'
import type { Directory } from '../directory/directory.js'
import type { EngineError } from '../directory/engine-error.js'
import type { MigrationFile } from '../directory/file.js'
import { quoteGo } from '../text/go-string.js'
import { defaultOptions, fromLastCheckpoint, planFiles } from './plan.js'
import { isPartial, RevisionType, type Revision } from './revision.js'
import { printScanError, scanStatements } from '../statement/statement.js'
import type { StatementDialect } from '../statement/dialect.js'
import { validateDirectory } from '../directory/sum.js'

/** What `atlas migrate status` reports (Atlas's own field names). */
export interface StatusReport {
  readonly status: 'OK' | 'PENDING'
  readonly current: string
  readonly next: string
  /** File names. */
  readonly pending: readonly string[]
  readonly outOfOrder: readonly string[]
  /** Versions of the rows. */
  readonly applied: readonly string[]
  /** File names. */
  readonly available: readonly string[]
  readonly count: number
  readonly total: number
  readonly error: string
  readonly sql: string
}

/** What `atlas migrate status` prints, or why it fails. */
export type StatusOutcome = { readonly report: StatusReport } | { readonly error: EngineError }

/** `atlas migrate status` of Atlas v1.2.3, sum check included. */
export function reportStatus(
  directory: Directory,
  state: DatabaseState,
  dialect: StatementDialect,
): StatusOutcome {
  const error = validateDirectory(directory)
  return error === null ? reportFiles(directory.files, state, dialect) : { error }
}

/** The report for the files of a directory that passed the sum check. */
export function reportFiles(
  files: readonly MigrationFile[],
  state: DatabaseState,
  dialect: StatementDialect,
): StatusOutcome {
  // Without a table the command neither checks for a clean database nor knows any history.
  if (state.revisions === null) {
    const pending = fromLastCheckpoint(files)
    return { report: buildReport(pending, pending, []) }
  }
  // The command ignores the environment's execution order and baseline.
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

/** Out-of-order files end the command before it lists what is available. */
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
    // Also when rows exist and every file is pending.
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

/** Adds the failed statement of a partially applied last row. */
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
  if ('error' in scan) {
    const type = scan.error.crash ? 'panic' : 'other'
    return { error: { type, message: printScanError(scan.error) } }
  }
  const failure = { error: onOneLine(last.error), sql: onOneLine(last.errorStatement) }
  return { report: { ...report, ...failure, count: last.applied, total: scan.statements.length } }
}

/** The flag of a row set by hand silences the report, though not the engine. */
function isUnfinished(last: Revision): boolean {
  return isPartial(last) && last.applied < last.total && (last.type & RevisionType.resolved) === 0
}

function onOneLine(text: string): string {
  return text.replaceAll('\n', ' ')
}
