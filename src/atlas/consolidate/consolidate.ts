import { refuseCheckpoints } from './checkpoints.js'
import { noteCheckpoint, noteClosing, noteRenamed, noteRows, noteTwins } from './notes.js'
import { noteOrder } from './order.js'
import { planDatabase } from './plan-database.js'
import { refuseRows } from './rows.js'
import { noteSize, refuseSize } from './size.js'
import { dataBytes } from '../directory/configmap-data.js'
import { refuseSources } from './sources.js'
import type { Consolidation, ConsolidationInput, DatabasePlan, Refusal } from './consolidation.js'
import { groupByVersion, type MergeCandidate } from './merge-candidate.js'
import { chooseFiles } from './merge-choice.js'
import { mergeFiles, type MergedDirectory } from './merge-directory.js'
import { refuseLateFiles, refuseSummarized } from './merge-late-refusal.js'
import { settleLateFiles } from './merge-late.js'
import { readTables, type MergeTable } from './merge-table.js'

/**
 * Makes one migration directory of several. On every database that ran any of them, the operator is
 * then `ready`, or applies only files that are really new. The bytes of a file never change, and a
 * file that ran anywhere keeps its name. Where something stands in the way, the result is a list of
 * refusals instead; what cannot be known is never guessed. Pure.
 */
export function consolidate(input: ConsolidationInput): Consolidation {
  const { unmoved, merged, tables, refusals } = merge(input)
  const bytes = dataBytes(merged.data)
  const outcomes = planDatabases(merged, { input, tables, refusals })
  const all = [...refusals, ...refuseSize(bytes, input), ...outcomes.filter(isRefusal)]
  if (all.length > 0) return { kind: 'refused', refusals: all }
  const { directory, files } = merged
  const notes = [
    ...noteTwins(input.sources),
    ...tables.flatMap(noteRows),
    ...noteRenamed(files),
    ...noteClosing(files),
    ...noteCheckpoint(unmoved),
    ...noteOrder(files, tables, input),
    ...noteSize(bytes),
  ]
  return {
    kind: 'merged',
    directory,
    files,
    plans: outcomes.filter(isPlan),
    notes,
    bytes,
  }
}

interface Merge {
  /** The files that keep their names. */
  readonly unmoved: readonly MergeCandidate[]
  readonly merged: MergedDirectory
  readonly tables: readonly MergeTable[]
  readonly refusals: readonly Refusal[]
}

/**
 * Merges the directories. It goes on after a refusal as well as it can, so that one call reports
 * every obstacle.
 */
function merge(input: ConsolidationInput): Merge {
  const groups = groupByVersion(input.sources)
  const tables = readTables(input, groups)
  const choice = chooseFiles(groups, tables, input)
  const { moved, stuck } = settleLateFiles(choice, tables, input)
  const unmoved = choice.kept.filter(candidate => !moved.includes(candidate))
  const refusals = [
    ...refuseSources(input),
    ...choice.refusals,
    ...refuseSummarized(choice.displaced, choice.kept),
    ...refuseCheckpoints(choice.kept),
    ...tables.flatMap(refuseRows),
    ...refuseLateFiles(stuck, tables),
  ]
  return { unmoved, merged: mergeFiles(unmoved, moved, tables), tables, refusals }
}

interface PlanContext {
  readonly input: ConsolidationInput
  readonly tables: readonly MergeTable[]
  readonly refusals: readonly Refusal[]
}

/**
 * Predicts the operator on every database. A database with a refusal is left out, because the
 * prediction would repeat the refusal in the operator's words.
 */
function planDatabases(
  merged: MergedDirectory,
  { input, tables, refusals }: PlanContext,
): readonly (DatabasePlan | Refusal)[] {
  const refused = new Set(refusals.map(({ database }) => database))
  return tables
    .filter(({ database }) => !refused.has(database.name))
    .map(table => planDatabase(merged, table, input))
}

function isRefusal(outcome: DatabasePlan | Refusal): outcome is Refusal {
  return 'reason' in outcome
}

function isPlan(outcome: DatabasePlan | Refusal): outcome is DatabasePlan {
  return !isRefusal(outcome)
}
