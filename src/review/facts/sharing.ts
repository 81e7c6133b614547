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
  /** For AtlasMigrations of the same namespace, and for the others. */
  readonly patience: { readonly within: Patience; readonly across: Patience }
}

/** Those that use the table, and those that may. */
export type Sharing = Pick<Facts, 'sharing' | 'alike'>

/**
 * The other AtlasMigrations, of all namespaces, whose operator reads and writes the same table: proven to be in the
 * same database (a host has many spellings, and a copy says the same of itself), in the same revisions schema.
 *
 * Asking every database would cost a connection each, so only those are asked that can be the same: PostgreSQL names
 * the database in the URL, and that name is no alias.
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

/** Nobody is told the names in other namespaces where nothing is proven. */
function divide(migrations: readonly AtlasMigration[], home: string): AlikeMigrations {
  const names = new Set(migrations.map(migrationName))
  const own = migrations.filter(migration => namespaceOf(migration) === home)
  const ownNames = new Set(own.map(migrationName))
  return { names: [...ownNames], elsewhere: names.size - ownNames.size }
}

function namespaceOf({ metadata }: AtlasMigration): string {
  return metadata.namespace ?? ''
}

/** What goes wrong with another object says nothing of this one. */
async function compare(
  other: AtlasMigration,
  table: SharedTable,
  { patience, parts, ...sources }: SharingSources,
): Promise<Sameness> {
  // An object that is being deleted still reconciles, but it is on its way out: no reason to deny.
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
