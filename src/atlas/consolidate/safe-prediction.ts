import type { EngineError } from '../directory/engine-error.js'
import { parseFileName, type MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'
import { listNames } from '../text/name-list.js'
import type { Prediction, Reconcile } from '../engine/operator.js'
import { RevisionType, type Revision } from '../engine/revision.js'

/** What a prediction was made for. */
export interface PredictedFor {
  /** Of the directory, in its order. */
  readonly files: readonly MigrationFile[]
  /** Before the first reconcile, in the order of the database; none also when there is no table. */
  readonly rows: readonly Revision[]
}

/**
 * Why a directory must not be put before a database, as one sentence without a stop; null when it is
 * safe. Safe is: the first reconcile is `ready`, or an `apply` that succeeds and runs only files newer
 * than the last row; the one after it is `ready`; and then every row has a file, and every file a row,
 * unless a baseline or a checkpoint stands for it.
 */
export function unsafeReason(prediction: Prediction, about: PredictedFor): string | null {
  const { first, next } = prediction
  const stop = stopReason(first)
  if (stop !== null) return `the operator would ${stop}`
  return (
    oldFileReason(first, about.rows) ??
    nextReason(next) ??
    unmatchedReason(about.files, first.after.revisions ?? [])
  )
}

function stopReason({ action, error, downTarget }: Reconcile): string | null {
  if (action === 'down') {
    return downTarget === null ? 'crash over migrate down' : `migrate down to ${downTarget}`
  }
  return error === null ? null : errorReason(error)
}

/** The text of a crash is Go's, and tells nobody anything. */
function errorReason({ type, message }: EngineError): string {
  return type === 'panic' ? 'crash' : `stop: ${message.replace(/\. See: .*/, '')}`
}

/** Also the file of a partial last row, which is resumed: it is not new. */
function oldFileReason({ apply }: Reconcile, rows: readonly Revision[]): string | null {
  const last = rows.at(-1)
  if (last === undefined || apply === null) return null
  const old = apply.done.filter(
    name => compareBytewise(parseFileName(name).version, last.version) <= 0,
  )
  if (old.length === 0) return null
  return `the operator would run ${listNames(old)}, not newer than the last row (${last.version})`
}

function nextReason(next: Prediction['next']): string | null {
  if (next === null || next.action === 'ready') return null
  const stop = stopReason(next) ?? `have ${listNames(next.pending)} pending again`
  return `at the second reconcile the operator would ${stop}`
}

/** The operator compares counts, so that a row and a file without each other go unnoticed together. */
function unmatchedReason(
  files: readonly MigrationFile[],
  after: readonly Revision[],
): string | null {
  const versions = new Set(files.map(({ version }) => version))
  if (versions.size < files.length)
    return 'two files have one version, and only one of them can run'
  const missing = after.filter(row => !versions.has(row.version)).map(row => row.version)
  if (missing.length > 0) return `rows have no file: ${listNames(missing)}`
  const never = neverRun(files, after)
  return never.length > 0 ? `${listNames(never)} would never run` : null
}

function neverRun(files: readonly MigrationFile[], after: readonly Revision[]): readonly string[] {
  const applied = new Set(after.map(row => row.version))
  const covered = coveredVersion(files, after)
  // A checkpoint stands for older files: where these have rows it need not run.
  const first = files.findIndex(file => !file.checkpoint)
  return files
    .filter((file, index) => !file.checkpoint || first === -1 || index < first)
    .filter(({ version }) => !applied.has(version))
    .filter(({ version }) => covered === null || compareBytewise(version, covered) > 0)
    .map(({ name }) => name)
}

/**
 * The last version whose row stands for all older files, which need no rows of their own: a baseline
 * says that the database had them, a checkpoint did what they do.
 */
function coveredVersion(
  files: readonly MigrationFile[],
  after: readonly Revision[],
): string | null {
  const checkpoints = new Set(files.filter(file => file.checkpoint).map(file => file.version))
  const covering = after.findLast(
    row => (row.type & RevisionType.baseline) !== 0 || checkpoints.has(row.version),
  )
  return covering?.version ?? null
}
