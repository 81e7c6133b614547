import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, Sameness, Target } from '../../policy/facts/facts.js'
import { claimsToBeSame, contradicts } from '../../policy/facts/same-database.js'
import type { ClusterView } from './cluster-view.js'
import type { ConcealedUrl } from './concealed-url.js'
import type { KnownDatabases } from './known-databases.js'
import type { Patience } from '../limits/patience.js'
import type { TableReads } from './table-reads.js'
import { tableKey } from './target-index.js'
import { resolveTarget } from './target-resolution.js'

/** The revisions table whose other users are sought. */
export interface SharedTable {
  readonly migration: AtlasMigration
  readonly target: Target
  readonly url: ConcealedUrl
  readonly identity: DatabaseIdentity
}

export interface MatchSources {
  readonly view: ClusterView
  readonly tables: TableReads
  readonly known: KnownDatabases
}

/**
 * Whether another AtlasMigration uses the table, as far as that can be told within the time of
 * `patience`.
 */
export async function matchTable(
  other: AtlasMigration,
  table: SharedTable,
  { patience, ...sources }: MatchSources & { readonly patience: Patience },
): Promise<Sameness> {
  const progress: Progress = { soFar: 'unknown' }
  const matched = match(other, { table, sources, patience, progress })
  return (await patience.wait(matched)) ?? progress.soFar
}

/** The answer so far, which counts when the time is over. */
interface Progress {
  soFar: Sameness
}

interface Search {
  readonly table: SharedTable
  readonly sources: MatchSources
  readonly patience: Patience
  readonly progress: Progress
}

async function match(
  other: AtlasMigration,
  { table, sources, patience, progress }: Search,
): Promise<Sameness> {
  const { facts, url } = await resolveTarget(sources.view, other)
  if (facts.kind !== 'resolved' || !url) return 'different'
  const { target } = facts
  // The index of targets may be out of date; this is what the Secrets say now.
  if (tableKey(target) !== tableKey(table.target)) return 'different'
  // The table was read with this very URL, so its login works.
  if (target.fingerprint === table.target.fingerprint) return 'same'
  if (target.host === table.target.host && target.port === table.target.port)
    progress.soFar = 'alike'
  const identity = await sources.known.identityOf(url, other.metadata.namespace ?? '')
  if (identity === null) return progress.soFar
  if (contradicts(identity, table.identity)) return 'different'
  if (claimsToBeSame(identity, table.identity)) progress.soFar = 'alike'
  const proof = await sources.tables.compareDatabases([table.url, url], {
    revisionsSchema: target.revisionsSchema,
    patience,
  })
  return proof === 'unknown' ? progress.soFar : proof
}
