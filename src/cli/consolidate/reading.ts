import { listNames } from '../../atlas/text/name-list.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { buildClusterView, type ClusterView } from '../../review/facts/cluster-view.js'
import type { Cluster, Deadline, RevisionsReader } from '../../review/ports/ports.js'
import { TableReads } from '../../review/facts/table-reads.js'
import type { InputAdapters } from '../input/adapters.js'
import type { Environment } from '../line/arguments.js'
import { type FoundTable, readTables } from './databases.js'
import { ConsolidationError } from './error.js'
import type { ConsolidationOptions } from './options.js'
import type { ReadParts } from './report.js'
import { type ReadSource, readSources } from './sources.js'
import { chooseSurvivors } from './survivors.js'
import { type DatabaseUser, findUsers, namedDatabases, usesSource } from './users.js'
import { type ChosenDatabases, openDatabases } from '../input/database-choice.js'
import { listMistakes } from '../../report/parts/mistake-list.js'
import type { Progress } from '../output/progress.js'
import { UsageError } from '../line/usage-error.js'

export interface ReadingContext {
  readonly adapters: InputAdapters
  readonly environment: Environment
  /** null when no cluster was named. */
  readonly cluster: Cluster | null
  readonly reader: RevisionsReader
  readonly deadline: Deadline
  readonly progress: Progress
}

/**
 * Reads the directories, and the revisions tables that the merged one must be right for.
 * @throws ConsolidationError when one of them cannot be read and was not left out on request.
 */
export async function readParts(
  options: ConsolidationOptions,
  context: ReadingContext,
): Promise<ReadParts> {
  const { cluster, deadline, progress } = context
  // Without a cluster there are no objects, and no Secrets that a URL could need.
  const view = buildClusterView(cluster ?? context.adapters.buildDeliveryCluster(), deadline)
  progress.step('reading the directories')
  const sources = await readAllSources(options, context, view)
  const tables = await readAllTables(options, context, { view, sources })
  checkUnread(tables, options)
  if (tables.length === 0 && !options.databases.offline)
    throw new UsageError(
      'no database is known that uses these directories: name each by --url or --rows, or say --offline to go on without proof',
    )
  const successions = chooseSurvivors(tables, {
    keep: options.keep,
    fileCount: migration => fileCount(migration, sources),
  })
  const notes = [
    ...sources.flatMap(ignoredNotes),
    ...tables.flatMap(elsewhereNotes),
    ...tables.flatMap(copyNotes),
  ]
  return { sources, successions, notes }
}

function ignoredNotes({ name, ignored }: ReadSource): readonly string[] {
  return ignored.map(file => `${name}: ${file} is left out: the operator does not read it`)
}

/** Notes rows in a schema that the operator does not use. Most often a move left them behind. */
function elsewhereNotes({ name, content }: FoundTable): readonly string[] {
  if (content.kind !== 'read' || content.elsewhere === null) return []
  return [
    `${name}: no rows where the operator looks, but in schema ${content.elsewhere}, where it does not`,
  ]
}

/**
 * Notes databases that say the same of themselves: two names of one host look like a host and its
 * copy.
 */
function copyNotes({ alike, ...table }: FoundTable): readonly string[] {
  if (alike.length === 0) return []
  const all = [...alike, table]
  const places = listNames(all.map(({ name, place }) => place ?? `that of ${name}`))
  return [
    `${places} answer as one database with the same rows, which could not be proven: each keeps its AtlasMigration (${listNames(all.map(({ name }) => name))}); if they are one, delete all but one of these, which leaves the database alone`,
  ]
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

async function readAllTables(
  { databases, revisionsSchema }: ConsolidationOptions,
  { adapters, environment, reader, deadline, progress }: ReadingContext,
  { view, sources }: { readonly view: ClusterView; readonly sources: readonly ReadSource[] },
): Promise<readonly FoundTable[]> {
  const { readExport } = adapters
  const chosen = await openDatabases(databases, { environment, reader, readExport })
  const existing = findUsers(view.migrations(), sources)
  const users = [...existing, ...namedDatabases(databases, existing, revisionsSchema)].map(user =>
    withChosen(user, chosen),
  )
  if (users.length > 0) progress.step('reading the databases')
  return readTables(users, { view, tables: new TableReads(chosen.reader, deadline) })
}

function withChosen(user: DatabaseUser, { substitute }: ChosenDatabases): DatabaseUser {
  return { ...user, asked: substitute(user.migration) }
}

/** @throws ConsolidationError for tables that could not be read, unless that was allowed. */
function checkUnread(
  tables: readonly FoundTable[],
  { withoutDatabases }: ConsolidationOptions,
): void {
  const isNamed = ({ users }: FoundTable, name: string) => users.some(user => user.name === name)
  const unread = tables.filter(({ content }) => content.kind === 'unread')
  const unknown = withoutDatabases.find(name => !unread.some(table => isNamed(table, name)))
  if (unknown !== undefined)
    throw new UsageError(
      `--without-database ${unknown}: expected one that cannot be read, found ${listNames(unread.map(({ name }) => name)) || 'none'}`,
    )
  const lines = unread
    .filter(table => !withoutDatabases.some(name => isNamed(table, name)))
    .flatMap(({ name, content }) =>
      content.kind === 'unread' && content.reason !== null ? [`${name}: ${content.reason}`] : [],
    )
  if (lines.length > 0)
    throw new ConsolidationError(
      `nothing can be proven for a database that cannot be read; repair that, give its rows (--rows), or leave it out (--without-database NAME)\n${listMistakes(lines)}`,
    )
}

/** Number of the AtlasMigration's files among the sources. */
function fileCount(migration: AtlasMigration, sources: readonly ReadSource[]): number {
  const own = sources.filter(source => usesSource(migration, source))
  return own.reduce((sum, { directory }) => sum + directory.files.length, 0)
}
