import type { Revision } from '../../atlas/engine/revision.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import { foldIntoFormat } from '../formats/way-out.js'
import { closedAdvice } from './closed-directory.js'
import { downDanger } from './down-danger.js'
import type { DownDanger } from './down-danger.js'
import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import type { Facts } from '../facts/facts.js'
import type { LiveHistory } from './live-history.js'
import { plannedHistory, versionsOf } from './live-history.js'
import { oncePerFactsInSteps } from '../facts/once-per-facts.js'
import { listNames } from '../../atlas/text/name-list.js'
import { repeatAdvice } from './repeat-advice.js'
import { repeatsToRun } from './repeated-files.js'
import { explainUnmatchedRows } from './unmatched-rows.js'
import type { UnmatchedCause } from './unmatched-rows.js'

/**
 * The operator's refusal to undo migrations, byte for byte (operator 0.7, reason
 * ProtectedFlowError). Messages quote it beside the cause so that it can be searched for. As advice
 * it is usually wrong.
 */
export const downRefusal =
  'migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade'

/** The operator's next reconcile tries to undo migrations ("down" in the operator's words). */
export interface PredictedDown {
  /** Why it does so. The first cause is the one to repair first. */
  readonly cause: UnmatchedCause
  readonly otherCauses: readonly UnmatchedCause[]
  /** Late files, and versions whose rows have no file. */
  readonly subjects: readonly string[]
  readonly unmatched: readonly Revision[]
  /** Whether spec.protectedFlows allows the operator to undo migrations. */
  readonly allowed: boolean
  /** The version to which it would undo them; null when the operator would crash. */
  readonly target: string | null
  /** Why that is not safe; null when nothing speaks against it. */
  readonly danger: DownDanger | null
}

/** What is predicted; null when the operator does something else, or nothing can be predicted. */
export const predictedDown = oncePerFactsInSteps(function* (facts): Steps<PredictedDown | null> {
  const history = plannedHistory(facts)
  if (history?.prediction.first.action !== 'down') return null
  const late = lateFiles(history)
  const [cause, ...otherCauses] = [
    ...lateCauses(late, facts),
    ...explainUnmatchedRows(facts, history),
  ]
  // There is nothing to name only when rows come in an unexpected order, which the rule
  // revision-order finds.
  if (!cause) return null
  const target = history.prediction.first.downTarget
  return {
    cause,
    otherCauses,
    subjects: [...late, ...history.unmatched.map(row => row.version)],
    unmatched: history.unmatched,
    allowed: isDownAllowed(facts.migration.spec),
    target,
    danger: yield* downDanger(facts, history),
  }
})

/** Files that `migrate status` calls out of order and that really have no row. */
function lateFiles({ files, rows, prediction }: LiveHistory): readonly string[] {
  const applied = versionsOf(rows)
  const late = new Set(prediction.first.status?.outOfOrder)
  return files
    .filter(file => late.has(file.name) && !applied.has(file.version))
    .map(file => file.name)
}

/** A late file whose text ran already needs no newer version: it would run a second time. */
function lateCauses(late: readonly string[], facts: Facts): readonly UnmatchedCause[] {
  const names = new Set(late)
  const repeats = repeatsToRun(facts).filter(({ file }) => names.has(file.name))
  for (const { file } of repeats) names.delete(file.name)
  return [
    // Of the others the rows without a file tell.
    ...repeats
      .filter(({ isKept }) => isKept)
      .map((repeat): UnmatchedCause => ({ kind: 'repeated', ...repeatAdvice(repeat, facts) })),
    ...(names.size > 0 ? [withAdvice(lateCause([...names]), [...names], facts)] : []),
  ]
}

/** The way out where no newer version helps, in place of the usual one. */
function withAdvice(cause: UnmatchedCause, late: readonly string[], facts: Facts): UnmatchedCause {
  return { ...cause, ...(foldIntoFormat(facts, late) ?? closedAdvice(facts, late)) }
}

/**
 * The cause when a late file alone makes the operator undo migrations. `migrate status` knows no
 * execution order but linear, and for a late file it lists no available file at all.
 */
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

/**
 * Whether the object allows it. For a directory that is not remote both flags are needed (operator
 * 0.7).
 */
export function isDownAllowed({ protectedFlows }: AtlasMigrationSpec): boolean {
  const flow = protectedFlows?.migrateDown
  return flow?.allow === true && flow.autoApprove === true
}
