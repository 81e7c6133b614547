import type { WrittenConfigMap } from '../manifests/configmap-manifest.js'
import type { AtlasMigration } from '../policy/atlas-migration.js'
import {
  directoryFiles,
  manifestFiles,
  mergedConfigMap,
  type PointedMigration,
  type SummedDirectory,
  type WrittenFiles,
} from './consolidation-files.js'
import type { PointManifest } from './consolidation-objects.js'
import type { ObjectName, ReadSource } from './consolidation-sources.js'

export interface OutputSources {
  readonly directory: SummedDirectory
  readonly sources: readonly ReadSource[]
  readonly survivors: readonly AtlasMigration[]
  readonly pointManifest: PointManifest
  readonly printConfigMap: (configMap: WrittenConfigMap) => string
}

export interface ConsolidationOutput extends WrittenFiles {
  /** `namespace/name` of AtlasMigrations whose manifest is among the files. */
  readonly pointed: readonly string[]
}

/** Everything that is going to be written, before anything is. */
export async function buildOutput(
  configMap: ObjectName | null,
  input: OutputSources,
): Promise<ConsolidationOutput> {
  const { directory, sources } = input
  if (configMap === null)
    return { files: directoryFiles(directory), edited: new Map(), pointed: [] }
  const text = input.printConfigMap(mergedConfigMap(configMap, directory, sources))
  const pointed = await pointMigrations(configMap, input)
  return {
    ...manifestFiles(text, pointed),
    pointed: pointed.map(({ namespace, name }) => `${namespace}/${name}`),
  }
}

/** Those of the ConfigMap's namespace whose manifest is known and can be edited. */
async function pointMigrations(
  configMap: ObjectName,
  { survivors, pointManifest }: OutputSources,
): Promise<readonly PointedMigration[]> {
  const pointed: PointedMigration[] = []
  for (const migration of survivors) {
    const { namespace = '', name = '' } = migration.metadata
    if (namespace !== configMap.namespace) continue
    const manifest = await pointManifest(migration, configMap.name)
    if (manifest !== null) pointed.push({ namespace, name, manifest })
  }
  return pointed
}
