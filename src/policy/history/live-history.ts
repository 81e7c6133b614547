import type { Directory } from '../../atlas/directory/directory.js'
import type { EngineErrorType } from '../../atlas/directory/engine-error.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Prediction, Reconcile } from '../../atlas/engine/operator.js'
import type { Revision } from '../../atlas/engine/revision.js'
import { configReach } from '../facts/custom-config.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { usedDirectory } from '../facts/used-directory.js'

/** A directory and the rows of its revisions table, with what the operator would do with them. */
export interface LiveHistory {
  readonly directory: Directory
  readonly files: readonly MigrationFile[]
  /** In the order of the database; empty also when there is no table. */
  readonly rows: readonly Revision[]
  /** Why the database is not clean, in the engine's words; null when it is. */
  readonly notClean: string | null
  /** Rows whose version has no file in the directory. */
  readonly unmatched: readonly Revision[]
  readonly prediction: Prediction
}

/** The history; null when the directory or the table is not known, since nothing is guessed. */
export const liveHistory = oncePerFacts((facts): LiveHistory | null => {
  const used = usedDirectory(facts)
  if (!used || facts.table.kind !== 'read' || !facts.prediction) return null
  const { directory } = used
  const { files } = directory
  const rows = facts.table.revisions ?? []
  const versions = versionsOf(files)
  const unmatched = rows.filter(row => !versions.has(row.version))
  const { notClean } = facts.table
  return { directory, files, rows, notClean, unmatched, prediction: facts.prediction }
})

/**
 * The files that the operator runs, also where the table is not read: what two directories on one
 * table differ in needs no rows. null where they are not known.
 */
export function knownFiles(facts: Facts): readonly MigrationFile[] | null {
  if (facts.table.kind === 'read') return liveHistory(facts)?.files ?? null
  return configReach(facts).plan ? null : (usedDirectory(facts)?.directory.files ?? null)
}

/**
 * The history, when the operator comes to read it. null also when it stops at the directory itself,
 * which the rules on the directory's content find.
 */
export function plannedHistory(facts: Facts): LiveHistory | null {
  const history = liveHistory(facts)
  return history && !stopsAtDirectory(history.prediction.first) ? history : null
}

const directoryErrors: ReadonlySet<EngineErrorType> = new Set([
  'ErrChecksumNotFound',
  'ErrChecksumFormat',
  'ErrChecksumMismatch',
  'ChecksumError',
  // These stop `migrate status`: a crash over atlas.sum, or a file that cannot be split into
  // statements.
  'panic',
  'other',
])

function stopsAtDirectory({ action, error }: Reconcile): boolean {
  return (
    action === 'error-dir' ||
    (action === 'error-status' && error !== null && directoryErrors.has(error.type))
  )
}

export function versionsOf(items: readonly { readonly version: string }[]): ReadonlySet<string> {
  return new Set(items.map(item => item.version))
}
