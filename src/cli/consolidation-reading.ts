import { countOf } from '../atlas/name-list.js'
import type { MigrationFolder } from '../manifests/migration-folder.js'
import type { AtlasMigration } from '../policy/atlas-migration.js'
import { buildClusterView, type ClusterView } from '../review/cluster-view.js'
import type { Cluster, Deadline, RevisionsReader } from '../review/ports.js'
import { TableReads } from '../review/table-reads.js'
import type { Environment } from './arguments.js'
import { type DatabaseReading, readDatabases, type UnreadDatabase } from './consolidation-databases.js'
import { ConsolidationError } from './consolidation-error.js'
import type { ObjectAdapters } from './consolidation-objects.js'
import type { ConsolidationOptions } from './consolidation-options.js'
import type { ReadParts } from './consolidation-report.js'
import { type ReadSource, readSources } from './consolidation-sources.js'
import { chooseSurvivors } from './consolidation-survivors.js'
import { type DatabaseUser, findUsers, namedDatabases } from './consolidation-users.js'
import { type ChosenDatabases, type ExportedTable, openDatabases } from './database-choice.js'
import { listMistakes } from './mistake-list.js'
import type { Progress } from './progress.js'
import { UsageError } from './usage-error.js'

export interface ReadingAdapters extends Pick<ObjectAdapters, 'readManifests' | 'readStandardInput'> {
  readonly readMigrationFolder: (folder: string) => Promise<MigrationFolder>
  readonly readExport: (file: string) => Promise<ExportedTable>
}

export interface ReadingContext {
  readonly adapters: ReadingAdapters
  readonly environment: Environment
  /** null when none was named. */
  readonly cluster: Cluster | null
  readonly reader: RevisionsReader
  readonly deadline: Deadline
  readonly progress: Progress
}

/**
 * The directories, and the tables that the merged one must be right for.
 * @throws ConsolidationError when one of them cannot be read and was not left out on request.
 */
export async function readParts(
  options: ConsolidationOptions,
  context: ReadingContext,
): Promise<ReadParts> {
  const { cluster, deadline, progress } = context
  // Without a cluster there are no objects to look at, and no Secrets that a URL could need.
  const view = buildClusterView(cluster ?? emptyCluster, deadline)
  progress.step('reading the directories')
  const { sources, notes } = await readAllSources(options, context, view)
  const { users, reading } = await readAllDatabases(options, context, { view, sources })
  const leftOut = checkUnread(reading.unread, options)
  if (users.length === 0 && !options.databases.offline)
    throw new UsageError(
      'no database is known that uses these directories: name each by --url or --rows, or say --offline to go on without proof',
    )
  const successions = chooseSurvivors(reading.tables, {
    keep: options.keep,
    fileCount: migration => fileCount(migration, sources),
  })
  return { sources, successions, leftOut, notes: [...notes, ...reading.notes] }
}

const emptyCluster: Cluster = {
  readConfigMap: async () => null,
  readSecret: async () => null,
  configMapNames: async () => [],
  migrations: () => [],
  migrationsOfConfigMap: () => [],
  migrationsOfSecret: () => [],
}

function readAllSources(
  { requests, namespace }: ConsolidationOptions,
  { adapters, cluster }: ReadingContext,
  view: ClusterView,
) {
  const { readManifests, readStandardInput } = adapters
  return readSources(requests, {
    view: cluster && view,
    migrations: view.migrations(),
    readFolder: adapters.readMigrationFolder,
    readManifests: path => readManifests({ paths: [path], namespace, readStandardInput }),
  })
}

async function readAllDatabases(
  { databases, revisionsSchema }: ConsolidationOptions,
  { adapters, environment, reader, deadline, progress }: ReadingContext,
  { view, sources }: { readonly view: ClusterView; readonly sources: readonly ReadSource[] },
): Promise<{ readonly users: readonly DatabaseUser[]; readonly reading: DatabaseReading }> {
  const { readExport } = adapters
  const chosen = await openDatabases(databases, { environment, reader, readExport })
  const existing = findUsers(view.migrations(), sources)
  const users = [...existing, ...namedDatabases(databases, existing, revisionsSchema)].map(user =>
    withChosen(user, chosen),
  )
  if (users.length > 0) progress.step(`reading ${countOf(users.length, 'database')}`)
  const tables = new TableReads(chosen.reader, deadline)
  return { users, reading: await readDatabases(users, { view, tables }) }
}

function withChosen(user: DatabaseUser, { substitute }: ChosenDatabases): DatabaseUser {
  return { ...user, asked: substitute(user.migration) }
}

/** Databases that are left out; what is not known of the others is a reason to stop. */
function checkUnread(
  unread: readonly UnreadDatabase[],
  { withoutDatabases }: ConsolidationOptions,
): readonly UnreadDatabase[] {
  const unknown = withoutDatabases.find(name => !unread.some(database => database.name === name))
  if (unknown !== undefined)
    throw new UsageError(
      `--without-database ${unknown}: expected one that cannot be read, found ${unread.map(({ name }) => name).join(', ') || 'none'}`,
    )
  const open = unread.filter(
    ({ name, reason }) => reason !== null && !withoutDatabases.includes(name),
  )
  if (open.length === 0) return unread
  const lines = open.map(({ name, reason }) => `${name}: ${reason}`)
  throw new ConsolidationError(
    `nothing can be proven for a database that cannot be read; repair that, give its rows (--rows), or leave it out (--without-database NAME)\n${listMistakes(lines)}`,
  )
}

/** Files that the AtlasMigration has among the sources. */
function fileCount({ metadata, spec }: AtlasMigration, sources: readonly ReadSource[]): number {
  const own = sources.filter(({ configMap, migration }) =>
    migration === null
      ? configMap?.name === spec.dir?.configMapRef?.name
      : migration.namespace === metadata.namespace && migration.name === metadata.name,
  )
  return own.reduce((sum, { directory }) => sum + directory.files.length, 0)
}
