import type { ConsolidationInput, DatabasePlan, Refusal } from './consolidation.js'
import type { EngineErrorType } from '../directory/engine-error.js'
import type { MergedDirectory } from './merge-directory.js'
import type { MergeTable } from './merge-table.js'
import { predict } from '../engine/operator.js'
import { unsafeReason } from './safe-prediction.js'

/**
 * What the operator does with the merged directory on one database, or a refusal when that is not
 * safe.
 */
export function planDatabase(
  { directory, data }: MergedDirectory,
  { database, rows }: MergeTable,
  { dialect }: ConsolidationInput,
): DatabasePlan | Refusal {
  const { name, state, options } = database
  const prediction = predict({ data, directory, state, options, dialect })
  const { first, next } = prediction
  const reason = unsafeReason(prediction, { files: directory.files, rows })
  // A first reconcile that is safe never fails or migrates down, so a second one is always
  // predicted.
  if (reason === null)
    return { database: name, first, next: next!, pending: first.apply?.done ?? [] }
  return {
    reason: 'unsafe-prediction',
    found: `on ${name}: ${reason}`,
    remedy: remedies[first.error?.type ?? 'other'] ?? otherRemedy,
    subjects: [name],
    database: name,
  }
}

const otherRemedy = 'repair what the operator would stop at, then consolidate'

const baseline =
  'set spec.baseline to the last version that the database has, before the first reconcile; where that left an empty revisions table, drop the table'

const remedies: Partial<Record<EngineErrorType, string>> = {
  NotCleanError: baseline,
  BaselineNotFound:
    'set spec.baseline to the version of a file of the merged directory that is no checkpoint',
  ChecksumNotFoundForFile:
    'take "atlas:sum ignore" out of the file, which can never run with it, and rehash',
}
