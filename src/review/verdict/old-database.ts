import type { Facts, TableFacts, Target } from '../../policy/facts/facts.js'
import { isMoved, resolvedTarget } from '../../policy/history/target-change.js'
import { type ClusterView, withWrite } from '../facts/cluster-view.js'
import type { TableUse } from '../facts/table-reads.js'
import { resolveTarget } from '../facts/target-resolution.js'
import { Patience } from '../limits/patience.js'
import type { Affected } from './subject.js'

/** How long an admission waits for the database that a write moves away from, at most. */
const oldDatabaseMs = 500

type Reads = Pick<TableUse, 'readTable' | 'readObjects'>

/**
 * The reads of the state before a write. A database that the write moves away from may be gone, or
 * answer slowly, so it gets a moment only, and counts as unreadable after it. Where the address stays
 * as it was, the old database is the new one, and takes the same time.
 *
 * @param newTarget resolves to the target after the write; null where it has none
 */
export function oldDatabaseReads(use: Reads, newTarget: Promise<Target | null>): Reads {
  const moment = new Patience(oldDatabaseMs)
  let isLeft = false
  return {
    readTable: async (url, target, schemaIsSet) => {
      const now = await newTarget
      isLeft = now !== null && isMoved(target, now)
      const table = use.readTable(url, target, schemaIsSet)
      return isLeft ? ((await moment.wait(table)) ?? tooSlow) : table
    },
    readObjects: async (url, objects) => {
      const answer = use.readObjects(url, objects)
      return isLeft ? moment.wait(answer) : answer
    },
  }
}

const tooSlow: TableFacts = {
  kind: 'failed',
  failure: 'timeout',
  message: `the database before the write did not answer within ${oldDatabaseMs} ms`,
}

interface TargetSources {
  readonly view: ClusterView
  /** Resolves when the deadline passes. */
  readonly passed: Promise<null>
}

/**
 * The target after the write, for {@link oldDatabaseReads}. Null also where it cannot be read, which
 * the reading of its facts tells.
 */
export async function newTargetOf(
  { before, after, unchanged }: Affected,
  { view, passed }: TargetSources,
): Promise<Target | null> {
  if (!before || unchanged) return null
  const resolved = resolveTarget(withWrite(view, after.write), after.migration).catch(() => null)
  const known = await Promise.race([resolved, passed])
  return known && resolvedTarget({ target: known.facts })
}

/** Whether the write moves away from the address of the old database. */
export function isLeft(before: Facts | null, after: Pick<Facts, 'target'>): boolean {
  const [old, now] = [before && resolvedTarget(before), resolvedTarget(after)]
  return old !== null && now !== null && isMoved(old, now)
}
