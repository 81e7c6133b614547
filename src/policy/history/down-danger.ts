import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Directory } from '../../atlas/directory/directory.js'
import { traceLineage } from '../../atlas/lineage/lineage.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import type { LiveHistory } from './live-history.js'
import { changedFiles } from './file-lineage.js'
import { versionsOf } from './live-history.js'
import { listNames } from '../../atlas/text/name-list.js'
import { isDatabaseChanged } from './target-change.js'

/** Why an allowed migrate down would fail or revert the wrong thing. */
export interface DownDanger {
  readonly found: string
  /** The danger is not proven, only not excluded. */
  readonly uncertain: boolean
}

/** For a first reconcile that decides "down"; null when the dir-state covers what it would revert. */
export function downDanger(facts: Facts, history: LiveHistory): DownDanger | null {
  const { downTarget } = history.prediction.first
  // The operator indexes the last available file without looking (operator 0.7: index out of range [-1]).
  if (downTarget === null) return proven('the operator would crash: there is no file to go down to')
  if (isDatabaseChanged(facts))
    return proven('it would revert another database than the one it was allowed for')
  const { dirState } = facts
  if (dirState.kind === 'absent') return proven('"unable to downgrade, no dir-state found"')
  if (dirState.kind !== 'read')
    return { found: 'the dir-state Secret cannot be read', uncertain: true }
  return uncoveredRows(history, dirState.directory, downTarget)
}

/** Down runs on the files of the dir-state and reverts every row above the target. */
function uncoveredRows(
  { rows, unmatched }: LiveHistory,
  directory: Directory,
  target: string,
): DownDanger | null {
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
  return strangeRows(versionsOf(rows.filter(row => !isKept(row))), rows, directory)
}

/** What the stored files would revert is not what ran: they were made for another database, or edited. */
function strangeRows(
  reverted: ReadonlySet<string>,
  rows: readonly Revision[],
  directory: Directory,
): DownDanger | null {
  const isReverted = ({ version }: { readonly version: string }) => reverted.has(version)
  const strange = traceLineage({ files: directory.files, revisions: rows }).unexplained.filter(
    isReverted,
  )
  if (strange.length === 0) return null
  return {
    found: `${listNames(strange.map(row => row.version))} in the dir-state Secret is not what ran here`,
    uncertain: !changedFiles({ directory, rows }).some(
      file => file.evidence !== 'none' && isReverted(file.row),
    ),
  }
}

function proven(found: string): DownDanger {
  return { found, uncertain: false }
}
