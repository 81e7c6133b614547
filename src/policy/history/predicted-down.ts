import type { Revision } from '../../atlas/engine/revision.js'
import { downDanger } from './down-danger.js'
import type { DownDanger } from './down-danger.js'
import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import type { LiveHistory } from './live-history.js'
import { plannedHistory, versionsOf } from './live-history.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { listNames } from '../../atlas/text/name-list.js'
import { explainUnmatchedRows } from './unmatched-rows.js'
import type { UnmatchedCause } from './unmatched-rows.js'

/**
 * The operator's refusal, to the byte (operator 0.7, reason ProtectedFlowError). It is quoted so that it
 * can be searched for, beside the cause, since as advice it is usually wrong.
 */
export const downRefusal =
  'migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade'

/** The operator's next reconcile decides "down". */
export interface PredictedDown {
  /** What made it so; the first is the one to repair first. */
  readonly cause: UnmatchedCause
  readonly otherCauses: readonly UnmatchedCause[]
  /** Late files, and versions whose rows have no file. */
  readonly subjects: readonly string[]
  readonly unmatched: readonly Revision[]
  /** spec.protectedFlows lets the operator go down. */
  readonly allowed: boolean
  /** The version to go down to; null: the operator would crash. */
  readonly target: string | null
  /** Why going down is not safe; null when nothing speaks against it. */
  readonly danger: DownDanger | null
}

/** null when the operator does something else, or nothing can be predicted. */
export const predictedDown = oncePerFacts((facts): PredictedDown | null => {
  const history = plannedHistory(facts)
  if (history?.prediction.first.action !== 'down') return null
  const late = lateFiles(history)
  const [cause, ...otherCauses] = [
    ...(late.length > 0 ? [lateCause(late)] : []),
    ...explainUnmatchedRows(facts, history),
  ]
  // Only rows in a foreign order leave nothing to name; the rule revision-order speaks of those.
  if (!cause) return null
  const target = history.prediction.first.downTarget
  return {
    cause,
    otherCauses,
    subjects: [...late, ...history.unmatched.map(row => row.version)],
    unmatched: history.unmatched,
    allowed: isDownAllowed(facts.migration.spec),
    target,
    danger: downDanger(facts, history),
  }
})

/** Files that status calls out of order and that really have no row. */
function lateFiles({ files, rows, prediction }: LiveHistory): readonly string[] {
  const applied = versionsOf(rows)
  const late = new Set(prediction.first.status?.outOfOrder)
  return files
    .filter(file => late.has(file.name) && !applied.has(file.version))
    .map(file => file.name)
}

/** `migrate status` knows no other order than linear: for a late file alone it lists no available file at all. */
function lateCause(late: readonly string[]): UnmatchedCause {
  return {
    kind: 'late',
    found: `${listNames(late)} came after newer files ran`,
    remedy: 'rename it to a newer version and rehash',
    details: [
      'After the renaming run "atlas migrate hash"',
      'spec.execOrder does not help while no newer file is pending',
    ],
  }
}

/** For a directory that is not remote both flags are needed (operator 0.7). */
export function isDownAllowed({ protectedFlows }: AtlasMigrationSpec): boolean {
  const flow = protectedFlows?.migrateDown
  return flow?.allow === true && flow.autoApprove === true
}
