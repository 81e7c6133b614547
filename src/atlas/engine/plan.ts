import { binarySearch } from '../text/binary-search.js'
import type { DatabaseState } from './database-state.js'
import type { Directory } from '../directory/directory.js'
import type { EngineError } from '../directory/engine-error.js'
import type { MigrationFile } from '../directory/file.js'
import { compareBytewise, quoteGo } from '../text/go-string.js'
import { isPartial, RevisionType, type Revision } from './revision.js'
import { validateDirectory } from '../directory/validate.js'

/** Options of the engine's executor, named as Atlas's flags. */
export interface PlanOptions {
  /** `linear`, `linear-skip` or `non-linear`; empty is linear. */
  readonly execOrder: string
  /** The version of the baseline; empty when none is set. */
  readonly baseline: string
  /** Whether a database that is not clean is accepted. The operator has no way to set it. */
  readonly allowDirty: boolean
}

/** What `migrate status` plans with, whatever the environment says. */
export const defaultOptions: PlanOptions = { execOrder: 'linear', baseline: '', allowDirty: false }

/** What the engine would execute, in order, or why it refuses to plan. */
export interface Plan {
  readonly pending: readonly MigrationFile[]
  readonly error: EngineError | null
  /** The row that planning alone adds to an empty table when a baseline is set; null otherwise. */
  readonly baselineWritten: Revision | null
}

/**
 * Plans as `migrate apply` of Atlas v1.2.3 does (`Executor.Pending`), with the check of atlas.sum.
 */
export function planPending(
  directory: Directory,
  state: DatabaseState,
  options: PlanOptions,
): Plan {
  const invalid = validateDirectory(directory)
  if (invalid !== null) return refusal(invalidDirectory(invalid))
  return planFiles(directory.files, state, options)
}

/** Wraps an error of the directory as the executor does. `migrate status` prints the error bare. */
export function invalidDirectory(error: EngineError): EngineError {
  const message = `sql/migrate: validate migration directory: ${error.message}`
  return error.type === 'panic' ? error : { ...error, message }
}

/** Plans for the files of a directory whose atlas.sum was checked before. */
export function planFiles(
  files: readonly MigrationFile[],
  state: DatabaseState,
  options: PlanOptions,
): Plan {
  const conflict = optionsConflict(options)
  if (conflict !== null) return refusal({ type: 'ConfigError', message: conflict })
  const revisions = state.revisions ?? []
  const plan =
    revisions.length === 0
      ? planFirst(files, state.notClean, options)
      : planNext(files, revisions, options.execOrder)
  return plan.error === null && plan.pending.length === 0
    ? { ...plan, error: nothingPending }
    : plan
}

const nothingPending: EngineError = {
  type: 'ErrNoPendingFiles',
  message: 'sql/migrate: no pending migration files',
}

function pendingPlan(pending: readonly MigrationFile[]): Plan {
  return { pending, error: null, baselineWritten: null }
}

function refusal(error: EngineError): Plan {
  return { pending: [], error, baselineWritten: null }
}

const knownOrders: ReadonlySet<string> = new Set(['', 'linear', 'linear-skip', 'non-linear'])

function optionsConflict(options: PlanOptions): string | null {
  if (!knownOrders.has(options.execOrder)) {
    return `unknown execution order: ${quoteGo(options.execOrder)}`
  }
  return options.baseline !== '' && options.allowDirty
    ? 'sql/migrate: baseline and allow-dirty are mutually exclusive'
    : null
}

function planFirst(
  files: readonly MigrationFile[],
  notClean: string | null,
  options: PlanOptions,
): Plan {
  if (options.baseline !== '') return planAfterBaseline(withoutCheckpoints(files), options.baseline)
  if (notClean !== null && !options.allowDirty) {
    const message = `sql/migrate: connected database is not clean: ${notClean}. baseline version or allow-dirty is required`
    return refusal({ type: 'NotCleanError', message })
  }
  return pendingPlan(fromLastCheckpoint(files))
}

function planAfterBaseline(migrations: readonly MigrationFile[], baseline: string): Plan {
  const index = migrations.findLastIndex(file => file.version === baseline)
  const file = migrations[index]
  if (file === undefined) {
    const message = `baseline version ${quoteGo(baseline)} not found`
    return refusal({ type: 'BaselineNotFound', message })
  }
  return { ...pendingPlan(migrations.slice(index + 1)), baselineWritten: baselineRow(file) }
}

function baselineRow({ version, description }: MigrationFile): Revision {
  return { ...emptyRow, version, description, type: RevisionType.baseline }
}

/**
 * The values of a new row that are known before it ran. Its time is empty, because the database
 * sets it.
 */
export const emptyRow: Omit<Revision, 'version' | 'description' | 'type'> = {
  applied: 0,
  total: 0,
  executedAt: '',
  error: '',
  errorStatement: '',
  hash: '',
  partialHashes: [],
  operatorVersion: '',
}

/**
 * The files from the last checkpoint on, which stands for everything before it; all files when
 * there is no checkpoint.
 */
export function fromLastCheckpoint(files: readonly MigrationFile[]): readonly MigrationFile[] {
  return files.slice(
    Math.max(
      files.findLastIndex(file => file.checkpoint),
      0,
    ),
  )
}

function withoutCheckpoints(files: readonly MigrationFile[]): readonly MigrationFile[] {
  return files.filter(file => !file.checkpoint)
}

function planNext(
  files: readonly MigrationFile[],
  revisions: readonly Revision[],
  order: string,
): Plan {
  const last = revisions.at(-1)!
  const partial = isPartial(last)
  const resumed = partial ? resumedCheckpoint(files, last.version) : -1
  if (resumed !== -1) {
    return pendingPlan([files[resumed]!, ...withoutCheckpoints(files.slice(resumed))])
  }
  const migrations = withoutCheckpoints(files)
  if (migrations.length === 0) return pendingPlan([])
  const index = migrations.findLastIndex(file =>
    partial ? file.version === last.version : compareBytewise(file.version, last.version) <= 0,
  )
  if (index === -1) return partial ? missingMigration(last) : pendingPlan(migrations)
  const split = partial ? index : index + 1
  const skipped = order === 'linear-skip' ? [] : skippedFiles(migrations.slice(0, split), revisions)
  return planInOrder(skipped, migrations.slice(split), order)
}

/**
 * Index of the partially applied checkpoint, or -1. Atlas searches as if the files were sorted by
 * version, but they are sorted by name, so the search can miss it.
 */
function resumedCheckpoint(files: readonly MigrationFile[], version: string): number {
  const index = binarySearch(files, file => compareBytewise(file.version, version))
  return files[index]?.checkpoint === true ? index : -1
}

function missingMigration({ version, description }: Revision): Plan {
  const name = quoteGo(`${version}_${description}.sql`)
  const message = `sql/migrate: missing migration: revision ${name} is partially applied but migration file was not found`
  return refusal({ type: 'MissingMigrationError', message })
}

/**
 * The files between the first and the last row that have no row. Files before the first row do not
 * count.
 */
function skippedFiles(
  passed: readonly MigrationFile[],
  revisions: readonly Revision[],
): readonly MigrationFile[] {
  const oldest = revisions[0]!.version
  const first = passed.findIndex(file => compareBytewise(file.version, oldest) >= 0)
  if (first === -1) return []
  return passed.slice(first).filter(file => {
    const found = binarySearch(revisions, row => compareBytewise(row.version, file.version))
    return found === -1
  })
}

function planInOrder(
  skipped: readonly MigrationFile[],
  newer: readonly MigrationFile[],
  order: string,
): Plan {
  if (skipped.length === 0 || order === 'non-linear') return pendingPlan([...skipped, ...newer])
  const outOfOrder = skipped.map(file => file.name)
  const files =
    outOfOrder.length === 1 ? `file ${outOfOrder[0]} was` : `files ${outOfOrder.join(', ')} were`
  return refusal({
    type: 'HistoryNonLinearError',
    message: `migration ${files} added out of order. See: https://atlasgo.io/versioned/apply#non-linear-error`,
    nonLinear: { outOfOrder, pending: newer.map(file => file.name) },
  })
}
