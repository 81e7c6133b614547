import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, Sameness, Target } from '../../policy/facts/facts.js'
import {
  type DatabaseUrlParts,
  parseDatabaseUrl,
  urlParameter,
} from '../../policy/url/database-url.js'
import { claimsToBeSame, contradicts } from '../../policy/facts/same-database.js'
import type { ClusterView } from './cluster-view.js'
import type { ConcealedUrl } from '../url/concealed-url.js'
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
  /** null where the table was not read. Then only an equal URL tells, and no database is asked. */
  readonly identity: DatabaseIdentity | null
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
  if (target.fingerprint === table.target.fingerprint) return withEqualUrl(other, table)
  if (table.identity === null) return 'different'
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

/**
 * What an equal URL says. Where the table was read with it, its login works. Otherwise a stranger
 * may have guessed the URL, unless a password is part of it.
 */
function withEqualUrl(other: AtlasMigration, { identity, migration, url }: SharedTable): Sameness {
  if (identity !== null) return 'same'
  const isNear = other.metadata.namespace === migration.metadata.namespace
  const parts = parseDatabaseUrl(url.reveal())
  if (parts.kind === 'invalid' || isMadeAnew(parts)) return 'different'
  return isNear || hasPassword(parts) ? 'same' : 'alike'
}

/** Whether every run gets a database of its own: a container, or SQLite without a file. */
function isMadeAnew(parts: DatabaseUrlParts): boolean {
  if (parts.scheme.startsWith('docker') || urlParameter(parts, 'mode') === 'memory') return true
  return parts.dialect === 'sqlite' && (parts.database === '' || parts.database.includes(':memory'))
}

function hasPassword(parts: DatabaseUrlParts): boolean {
  return parts.password !== '' || Boolean(urlParameter(parts, 'password'))
}
