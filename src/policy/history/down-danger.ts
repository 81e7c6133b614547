import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Directory } from '../../atlas/directory/directory.js'
import { lineageInSteps } from '../../atlas/lineage/lineage.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import type { LiveHistory } from './live-history.js'
import { changedFilesInSteps } from './file-lineage.js'
import { versionsOf } from './live-history.js'
import { listNames } from '../../atlas/text/name-list.js'
import { isDatabaseChanged, isMoveUncertain } from './target-change.js'

/** Why undoing migrations, which the object allows, would fail or undo the wrong ones. */
export interface DownDanger {
  readonly found: string
  /** Whether the danger is only possible, and not proven. */
  readonly uncertain: boolean
}

/**
 * The danger of a first reconcile that tries to undo migrations. null when the operator's dir-state
 * has everything that it would undo.
 */
export function* downDanger(facts: Facts, history: LiveHistory): Steps<DownDanger | null> {
  const { downTarget } = history.prediction.first
  // The operator takes the last available file without checking that there is one (operator 0.7:
  // index out of range [-1]).
  if (downTarget === null) return proven('the operator would crash: there is no file to go down to')
  const isMove = isDatabaseChanged(facts)
  if (isMove && !isMoveUncertain(facts))
    return proven('it would revert another database than the one it was allowed for')
  const { dirState } = facts
  if (dirState.kind === 'absent') return proven('"unable to downgrade, no dir-state found"')
  if (dirState.kind !== 'read')
    return { found: 'the dir-state Secret cannot be read', uncertain: true }
  const uncovered = yield* uncoveredRows(history, dirState.directory, downTarget)
  if (uncovered !== null && !uncovered.uncertain) return uncovered
  return isMove ? unprovenMove : uncovered
}

const unprovenMove: DownDanger = {
  found:
    'it may revert another database than the one it was allowed for: the URL names another place, and a copy cannot be told from the same database there',
  uncertain: true,
}

/**
 * Checks that the dir-state has the files for what would be undone. The operator works from those
 * files, and undoes every row above the target version.
 */
function* uncoveredRows(
  { rows, unmatched }: LiveHistory,
  directory: Directory,
  target: string,
): Steps<DownDanger | null> {
  const stored = versionsOf(directory.files)
  const unknown = unmatched.filter(row => !stored.has(row.version))
  if (unknown.length > 0)
    return proven(
      `the dir-state Secret does not have ${listNames(unknown.map(row => row.version))} either`,
    )
  const isKept = ({ version }: Revision) => compareBytewise(version, target) <= 0
  const kept = unmatched.filter(isKept)
  if (kept.length > 0)
    return proven(
      `going down to ${target} does not revert ${listNames(kept.map(row => row.version))}`,
    )
  return yield* strangeRows(versionsOf(rows.filter(row => !isKept(row))), rows, directory)
}

/**
 * Checks that the stored files are what ran. They are not when they were made for another database,
 * or edited.
 */
function* strangeRows(
  reverted: ReadonlySet<string>,
  rows: readonly Revision[],
  directory: Directory,
): Steps<DownDanger | null> {
  const isReverted = ({ version }: { readonly version: string }) => reverted.has(version)
  const lineage = yield* lineageInSteps({ files: directory.files, revisions: rows })
  const strange = lineage.unexplained.filter(isReverted)
  if (strange.length === 0) return null
  const changed = yield* changedFilesInSteps({ directory, rows, others: [] })
  return {
    found: `${listNames(strange.map(row => row.version))} in the dir-state Secret is not what ran here`,
    uncertain: !changed.some(file => file.evidence !== 'none' && isReverted(file.row)),
  }
}

function proven(found: string): DownDanger {
  return { found, uncertain: false }
}
