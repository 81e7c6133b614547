import type { Facts, Target } from '../../policy/facts/facts.js'
import { isMoved, resolvedTarget } from '../../policy/history/target-change.js'
import { contradicts } from '../../policy/facts/same-database.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { ClusterView } from './cluster-view.js'
import type { ConcealedUrl } from '../url/concealed-url.js'
import type { Patience } from '../limits/patience.js'
import type { TableReads } from './table-reads.js'
import { resolveTarget } from './target-resolution.js'

/** The AtlasMigration before or after the write, with its facts and the cluster as it is then. */
export interface MovedSide {
  readonly migration: AtlasMigration
  readonly view: ClusterView
  readonly facts: Pick<Facts, 'target' | 'table'>
}

interface ProofSources {
  readonly tables: Pick<TableReads, 'compareDatabases'>
  readonly patience: Patience
}

/**
 * Whether both targets are proven to end in one database, though the write changes the host, the port
 * or the name: another spelling of one host, or a pooler in front of it. Asked only where that can be
 * so, since it takes a connection to each.
 */
export async function isMoveRefuted(
  [before, after]: readonly [MovedSide, MovedSide],
  { tables, patience }: ProofSources,
): Promise<boolean> {
  const [old, now] = [resolvedTarget(before.facts), resolvedTarget(after.facts)]
  if (!old || !now || !isMoved(old, now) || !mayBeOne(before, after)) return false
  const urls = [await urlOf(before), await urlOf(after)] as const
  if (!hasBoth(urls)) return false
  const { revisionsSchema }: Target = now
  const proof = tables.compareDatabases(urls, { revisionsSchema, patience })
  return (await patience.wait(proof)) === 'same'
}

function hasBoth(
  urls: readonly [ConcealedUrl | null, ConcealedUrl | null],
): urls is readonly [ConcealedUrl, ConcealedUrl] {
  return urls.every(url => url !== null)
}

function mayBeOne({ facts: before }: MovedSide, { facts: after }: MovedSide): boolean {
  if (before.table.kind !== 'read' || after.table.kind !== 'read') return false
  return !contradicts(before.table.identity, after.table.identity)
}

async function urlOf({ view, migration }: MovedSide): Promise<ConcealedUrl | null> {
  return (await resolveTarget(view, migration)).url
}
