import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { DatabaseIdentity, SharingMigration, Target } from '../policy/facts.js'
import type { ClusterView } from './cluster-view.js'
import type { ConcealedUrl } from './concealed-url.js'
import { readDirectorySource } from './directory-source.js'
import { isSameMigration, migrationName } from '../policy/migration-name.js'
import type { PartReads } from './part-reads.js'
import type { TableReads } from './table-reads.js'
import { type TargetIndex, tableKey } from './target-index.js'
import { type ResolvedTarget, resolveTarget } from './target-resolution.js'

/** The table whose other users are sought. */
export interface SharedTable {
  readonly migration: AtlasMigration
  readonly target: Target
  readonly identity: DatabaseIdentity
}

export interface SharingSources {
  readonly view: ClusterView
  readonly tables: TableReads
  readonly targets: TargetIndex
  readonly parts: PartReads
}

/**
 * The other AtlasMigrations, of all namespaces, whose operator reads and writes the same table: same
 * database by identity (a host has many spellings) and same revisions schema.
 *
 * Asking every database for its identity would cost a connection each, so only those are asked that
 * can be the same: PostgreSQL names the database in the URL, and that name is no alias.
 */
export async function findSharing(
  table: SharedTable,
  sources: SharingSources,
): Promise<readonly SharingMigration[]> {
  const candidates = await sources.targets.candidates(table.target, sources.view)
  const others = [...candidates, ...sources.view.arriving()].filter(
    other => !isSameMigration(other, table.migration),
  )
  const found = await Promise.all(others.map(other => compare(other, table, sources)))
  return distinct(found.filter(sharing => sharing !== null))
}

/** What goes wrong with another object says nothing of this one. */
async function compare(
  other: AtlasMigration,
  table: SharedTable,
  sources: SharingSources,
): Promise<SharingMigration | null> {
  try {
    return await describeIfShared(other, table, sources)
  } catch (error) {
    const name = migrationName(other)
    sources.parts.report('sharing', `comparing with ${name}`, error)
    sources.parts.leaveUnchecked(`could not be compared with ${name}`)
    return null
  }
}

/** One that is being stored may be among both, and one whose spec changes is there with both until then. */
function distinct(sharing: readonly SharingMigration[]): readonly SharingMigration[] {
  const directories = new Map<string, Set<SharingMigration['directory']>>()
  return sharing.filter(({ namespace, name, directory }) => {
    const key = `${namespace}/${name}`
    const known = directories.get(key) ?? new Set()
    if (known.has(directory)) return false
    directories.set(key, known.add(directory))
    return true
  })
}

async function describeIfShared(
  other: AtlasMigration,
  table: SharedTable,
  sources: SharingSources,
): Promise<SharingMigration | null> {
  // An object that is being deleted still reconciles, but it is on its way out: no reason to deny.
  if (other.metadata.deletionTimestamp) return null
  const resolved = await resolveTarget(sources.view, other)
  if (!(await usesTable(resolved, table, sources))) return null
  const directory = await readDirectorySource(sources.view, other)
  return {
    namespace: other.metadata.namespace ?? '',
    name: other.metadata.name ?? '',
    configMap: other.spec.dir?.configMapRef?.name ?? null,
    directory: directory.kind === 'read' ? directory.directory : null,
  }
}

async function usesTable(
  other: ResolvedTarget,
  table: SharedTable,
  sources: SharingSources,
): Promise<boolean> {
  if (other.facts.kind !== 'resolved' || !other.url) return false
  const { target } = other.facts
  // The index remembers; this is what the Secrets say now.
  if (tableKey(target) !== tableKey(table.target)) return false
  return isSameServer({ target, url: other.url }, table, sources)
}

async function isSameServer(
  other: { readonly target: Target; readonly url: ConcealedUrl },
  table: SharedTable,
  sources: SharingSources,
): Promise<boolean> {
  const { host, port } = other.target
  if (host === table.target.host && port === table.target.port) return true
  const identity = await sources.tables.readIdentity(other.url)
  return identity !== null && isSameDatabase(identity, table.identity)
}

/** Without a server-wide identity on both sides only the identifier row can prove it; else nothing is claimed. */
export function isSameDatabase(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  if (a.system !== '' && b.system !== '') return a.system === b.system && a.database === b.database
  return a.identifier !== null && a.identifier === b.identifier
}
