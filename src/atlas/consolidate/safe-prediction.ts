import type { EngineError } from '../directory/engine-error.js'
import { parseFileName, type MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'
import { listNames } from '../text/name-list.js'
import type { Prediction, Reconcile } from '../engine/operator.js'
import { RevisionType, type Revision } from '../engine/revision.js'

/** The directory and the rows that a prediction was made for. */
export interface PredictedFor {
  /** The files of the directory, in its order. */
  readonly files: readonly MigrationFile[]
  /**
   * The rows before the first reconcile, in the order of the database; empty also when there is no
   * table.
   */
  readonly rows: readonly Revision[]
}

/**
 * Why the operator must not be given this directory for this database, as one sentence without a
 * full stop; null when it is safe. It is safe when the first reconcile is `ready`, or an `apply`
 * that succeeds and runs only files newer than the last row; the second is `ready`; and then every
 * row has a file, and every file a row or a baseline or checkpoint that stands for it.
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

/** Words for an error of the engine. The text of a crash is Go's own, which helps no reader. */
function errorReason({ type, message }: EngineError): string {
  return type === 'panic' ? 'crash' : `stop: ${message.replace(/\. See: .*/, '')}`
}

/**
 * Refuses a run of files that are not newer than the last row. The file of a partially applied last
 * row is one of them: the engine would resume it.
 */
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

/**
 * Refuses rows without a file and files without a row. The operator compares only their counts, so
 * one of each goes unnoticed by it.
 */
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
  // A checkpoint stands for older files. Where these have rows, the checkpoint need not run.
  const first = files.findIndex(file => !file.checkpoint)
  return files
    .filter((file, index) => !file.checkpoint || first === -1 || index < first)
    .filter(({ version }) => !applied.has(version))
    .filter(({ version }) => covered === null || compareBytewise(version, covered) > 0)
    .map(({ name }) => name)
}

/**
 * The last version whose row stands for all older files, so that these need no rows: a baseline,
 * since the database had them already, or a checkpoint, since it did what they do.
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
