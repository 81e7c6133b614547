import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type {
  AlikeMigrations,
  Facts,
  Sameness,
  SharingMigration,
} from '../../policy/facts/facts.js'
import { isSameMigration, migrationName } from '../../policy/facts/migration-name.js'
import type { ClusterView } from './cluster-view.js'
import { readDirectorySource } from './read-directory.js'
import type { PartReads } from './part-reads.js'
import type { Patience } from '../limits/patience.js'
import { type MatchSources, matchTable, type SharedTable } from './table-match.js'
import type { TargetIndex } from './target-index.js'

export interface SharingSources extends MatchSources {
  readonly targets: TargetIndex
  readonly parts: PartReads
  /**
   * How long databases of AtlasMigrations of the same namespace (`within`), and of other namespaces
   * (`across`), are waited for.
   */
  readonly patience: { readonly within: Patience; readonly across: Patience }
}

/** The AtlasMigrations that use the table, and those that may. */
export type Sharing = Pick<Facts, 'sharing' | 'alike'>

/**
 * Finds the other AtlasMigrations, of all namespaces, whose operator uses the same table: the same
 * revisions schema in a database that is proven to be the same. A proof is needed because one host
 * has many spellings, and a copy of a database says the same of itself.
 *
 * Asking every database would cost a connection each. So only those are asked whose URL names the
 * same database, because PostgreSQL has no aliases for that name.
 */
export async function findSharing(table: SharedTable, sources: SharingSources): Promise<Sharing> {
  const candidates = await sources.targets.candidates(table.target, sources.view)
  const others = [...candidates, ...sources.view.arriving()].filter(
    other => !isSameMigration(other, table.migration),
  )
  const compared = await Promise.all(
    others.map(async other => ({ other, match: await compare(other, table, sources) })),
  )
  const matching = (match: Sameness) =>
    compared.filter(found => found.match === match).map(({ other }) => other)
  const home = namespaceOf(table.migration)
  const unknown = divide(matching('unknown'), home)
  if (unknown.names.length > 0)
    sources.parts.leaveUnchecked(`could not be compared with ${listNames(unknown.names)}`)
  if (unknown.elsewhere > 0)
    sources.parts.leaveUnchecked(
      `could not be compared with ${countOf(unknown.elsewhere, 'AtlasMigration')} of other namespaces`,
    )
  const users = await Promise.all(matching('same').map(other => describe(other, sources)))
  return {
    sharing: distinct(users),
    alike: divide(matching('alike'), home),
  }
}

/**
 * Names the AtlasMigrations of the same namespace, and only counts those of others: where nothing
 * is proven, nobody is told names from other namespaces.
 */
function divide(migrations: readonly AtlasMigration[], home: string): AlikeMigrations {
  const names = new Set(migrations.map(migrationName))
  const own = migrations.filter(migration => namespaceOf(migration) === home)
  const ownNames = new Set(own.map(migrationName))
  return { names: [...ownNames], elsewhere: names.size - ownNames.size }
}

function namespaceOf({ metadata }: AtlasMigration): string {
  return metadata.namespace ?? ''
}

/** Compares one other AtlasMigration. An error with it says nothing of the one under review. */
async function compare(
  other: AtlasMigration,
  table: SharedTable,
  { patience, parts, ...sources }: SharingSources,
): Promise<Sameness> {
  // An object that is being deleted still reconciles, but it will soon be gone, so it is no reason
  // to deny.
  if (other.metadata.deletionTimestamp) return 'different'
  const isNear = namespaceOf(other) === namespaceOf(table.migration)
  try {
    return await matchTable(other, table, {
      ...sources,
      patience: isNear ? patience.within : patience.across,
    })
  } catch (error) {
    parts.report('sharing', `comparing with ${migrationName(other)}`, error)
    return 'unknown'
  }
}

/**
 * Drops repetitions. An object that is being stored may be among both the stored and the arriving
 * ones. One whose directory changes stays twice, with both directories, until it is stored.
 */
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

async function describe(
  other: AtlasMigration,
  { view, parts }: SharingSources,
): Promise<SharingMigration> {
  return {
    namespace: namespaceOf(other),
    name: other.metadata.name ?? '',
    configMap: other.spec.dir?.configMapRef?.name ?? null,
    directory: await readDirectory(other, view, parts),
  }
}

async function readDirectory(
  other: AtlasMigration,
  view: ClusterView,
  parts: PartReads,
): Promise<SharingMigration['directory']> {
  try {
    const directory = await readDirectorySource(view, other)
    return directory.kind === 'read' ? directory.directory : null
  } catch (error) {
    parts.report('sharing', `the directory of ${migrationName(other)}`, error)
    return null
  }
}
