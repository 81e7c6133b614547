import type { FileObject } from '../manifests/unique-objects.js'
import type { ManifestInput } from '../manifests/manifest-input.js'
import type { EditedManifest, MigrationEdit } from '../manifests/migration-manifest.js'
import type { LocatedObject } from '../manifests/parse-manifest.js'
import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { DeliveryCluster } from '../review/delivery.js'
import type { Cluster, Deadline } from '../review/ports.js'
import type { Adapters } from './adapters.js'
import { accessOf } from './cluster-choice.js'
import type { ConsolidationOptions } from './consolidation-options.js'
import { failOnProblems } from './consolidation-sources.js'

/** How objects are reached. */
export interface ObjectAdapters extends Pick<Adapters, 'openKubernetes'> {
  readonly readManifests: (options: {
    readonly paths: readonly string[]
    readonly namespace: string
    readonly readStandardInput: () => Promise<string>
  }) => Promise<ManifestInput>
  readonly readStandardInput: () => Promise<string>
  readonly readText: (file: string) => Promise<string>
  readonly buildDeliveryCluster: () => DeliveryCluster
  readonly editMigration: (text: string, edit: MigrationEdit) => EditedManifest | null
}

/** The cluster, and the files that its objects come from. */
export interface OpenedObjects {
  /** null when none was named. */
  readonly cluster: Cluster | null
  readonly pointManifest: (
    migration: AtlasMigration,
    configMap: string,
  ) => Promise<EditedManifest | null>
  readonly close: () => void
}

/** Waits for a real cluster until it is read, or the deadline comes. */
export async function openObjects(
  { objects, namespace }: Pick<ConsolidationOptions, 'objects' | 'namespace'>,
  adapters: ObjectAdapters,
  deadline: Deadline,
): Promise<OpenedObjects> {
  const none = { pointManifest: async () => null, close: () => {} }
  if (objects === null) return { ...none, cluster: null }
  if (objects.kind === 'manifests') return openFiles(objects.paths, namespace, adapters)
  const cluster = await adapters.openKubernetes({
    access: accessOf(objects),
    namespaces: objects.namespaces,
    onRestart: () => {},
    onListenerError: () => {},
  })
  try {
    await cluster.whenSynced(deadline.signal)
    return { ...none, cluster, close: () => cluster.close() }
  } catch (error) {
    cluster.close()
    throw error
  }
}

async function openFiles(
  paths: readonly string[],
  namespace: string,
  adapters: ObjectAdapters,
): Promise<OpenedObjects> {
  const { readStandardInput } = adapters
  const { objects, problems } = await adapters.readManifests({
    paths,
    namespace,
    readStandardInput,
  })
  failOnProblems(problems)
  const cluster = adapters.buildDeliveryCluster()
  for (const { entry } of objects) cluster.put(entry)
  return {
    cluster,
    close: () => {},
    async pointManifest({ metadata: { namespace: at = '', name = '' } }, configMap) {
      const file = fileOf(objects, at, name)
      // Standard input cannot be read again.
      if (file === '-') return null
      const edit = { namespace: at, name, defaultNamespace: namespace, configMap }
      return adapters.editMigration(await adapters.readText(file), edit)
    },
  }
}

function fileOf(
  objects: readonly FileObject<LocatedObject>[],
  namespace: string,
  name: string,
): string {
  const found = objects.find(
    ({ entry: { kind, object } }) =>
      kind === 'AtlasMigration' &&
      object.metadata.namespace === namespace &&
      object.metadata.name === name,
  )
  // Every AtlasMigration of the cluster came from a file.
  return (found as FileObject<LocatedObject>).file
}
