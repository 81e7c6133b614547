import { listNames } from '../../atlas/text/name-list.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { nearestName } from '../../policy/text/nearest-name.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { takeSnapshot } from '../../review/cluster-snapshot.js'
import type { Cluster } from '../../review/ports/ports.js'
import type { Adapters, InputAdapters } from '../input/adapters.js'
import { buildCheckInput } from '../check/input.js'
import type { CheckAdapters } from '../check/judge-manifests.js'
import type { ChosenDatabases } from '../input/database-choice.js'
import type { MigrationName, ObjectChoice } from './options.js'
import { ManifestsError } from '../input/manifests-error.js'
import { listMistakes } from '../../report/parts/mistake-list.js'
import { type OpeningLimit, openOnce } from '../input/open-once.js'
import { UsageError } from '../line/usage-error.js'

export type ExplainAdapters = Pick<Adapters, 'openManifests' | 'openKubernetes'> &
  InputAdapters &
  Pick<CheckAdapters, 'openReader'>

export interface OpenedMigration {
  readonly migration: AtlasMigration
  readonly cluster: Cluster
  close(): void
}

/**
 * Opens the objects and finds the one that is meant, with the database that the options choose for
 * it.
 * @throws UsageError, ManifestsError, InputError, KubeconfigError, ClusterError
 */
export async function openMigration(
  choice: ObjectChoice,
  {
    databases,
    ...rest
  }: OpeningLimit & {
    readonly adapters: ExplainAdapters
    readonly databases: ChosenDatabases
  },
): Promise<OpenedMigration> {
  const { adapters, ...limit } = rest
  if (choice.kind === 'files') {
    const cluster = await openFiles(choice, adapters, databases)
    return { migration: findMigration(cluster, choice.named), cluster, close() {} }
  }
  const opened = await openOnce(choice.cluster, adapters, limit)
  try {
    const cluster = takeSnapshot(opened.cluster, databases.substitute)
    return { migration: findMigration(cluster, choice.named), cluster, close: () => opened.close() }
  } catch (error) {
    opened.close()
    throw error
  }
}

async function openFiles(
  { path, folders, namespace }: Extract<ObjectChoice, { kind: 'files' }>,
  adapters: ExplainAdapters,
  databases: ChosenDatabases,
): Promise<Cluster> {
  const { readStandardInput } = adapters
  const manifests = await adapters.readManifests({ paths: [path], namespace, readStandardInput })
  if (manifests.problems.length > 0) {
    const mistakes = manifests.problems.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    )
    throw new ManifestsError(`the manifests cannot be used\n${listMistakes(mistakes)}`)
  }
  const read = folders.map(async folder => ({
    ...folder,
    content: await adapters.readMigrationFolder(folder.folder),
  }))
  const input = buildCheckInput({ manifests, folders: await Promise.all(read), databases })
  const cluster = adapters.buildDeliveryCluster()
  for (const object of input.objects) cluster.put(object)
  return cluster
}

function findMigration(cluster: Cluster, named: MigrationName | null): AtlasMigration {
  const all = cluster.migrations()
  const found = named === null ? all : all.filter(migration => isNamed(migration, named))
  const [first, second] = found
  if (first === undefined) throw new UsageError(notFound(all, named))
  if (second === undefined) return first
  const names = listNames(found.map(migrationName))
  throw new UsageError(
    named === null
      ? `there are several AtlasMigrations: ${names}; choose one with --name`
      : `there are several AtlasMigrations of that name: ${names}; give the namespace too`,
  )
}

function isNamed({ metadata }: AtlasMigration, { namespace, name }: MigrationName): boolean {
  return metadata.name === name && (namespace === null || metadata.namespace === namespace)
}

function notFound(all: readonly AtlasMigration[], named: MigrationName | null): string {
  if (named === null || all.length === 0) return 'there is no AtlasMigration'
  const name = named.namespace === null ? named.name : `${named.namespace}/${named.name}`
  const near = nearestName(
    name,
    all.map(other =>
      named.namespace === null ? String(other.metadata.name) : migrationName(other),
    ),
  )
  const hint =
    near === null ? `there are ${listNames(all.map(migrationName))}` : `did you mean ${near}?`
  return `there is no AtlasMigration ${name}; ${hint}`
}
