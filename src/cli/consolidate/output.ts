import type { WrittenConfigMap } from '../../manifests/write/configmap-manifest.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import {
  directoryFiles,
  manifestFiles,
  mergedConfigMap,
  type PointedMigration,
  type SummedDirectory,
  type WrittenFiles,
} from './files.js'
import type { PointManifest } from './objects.js'
import type { ObjectName, ReadSource } from './sources.js'

export interface OutputSources {
  readonly directory: SummedDirectory
  readonly sources: readonly ReadSource[]
  readonly survivors: readonly AtlasMigration[]
  readonly pointManifest: PointManifest
  readonly printConfigMap: (configMap: WrittenConfigMap) => string
}

export interface ConsolidationOutput extends WrittenFiles {
  /** `namespace/name` of the AtlasMigrations whose manifest is among the files. */
  readonly pointed: readonly string[]
  /** The command that applies the files, without the folder. */
  readonly applyCommand: string
}

/** Builds everything that is to be written, before anything is written. */
export async function buildOutput(
  configMap: ObjectName | null,
  input: OutputSources,
): Promise<ConsolidationOutput> {
  const { directory, sources } = input
  if (configMap === null)
    return { files: directoryFiles(directory), edited: new Map(), pointed: [], applyCommand: '' }
  const written = mergedConfigMap(configMap, directory, sources)
  const text = input.printConfigMap(written)
  const pointed = await pointMigrations(configMap, input)
  return {
    ...manifestFiles(text, pointed),
    pointed: pointed.map(({ namespace, name }) => `${namespace}/${name}`),
    applyCommand: applyCommandOf(written),
  }
}

/** Most bytes of all annotations of an object (Kubernetes, `TotalAnnotationSizeLimitB`). */
const maxAnnotationBytes = 262_144

/**
 * Room for the rest of the manifest in client-side apply's annotation, and for other annotations.
 */
const marginBytes = 16_384

/**
 * The command that fits the size. Client-side apply keeps the whole manifest in an annotation, as
 * JSON in Go's form: with `<`, `>` and `&` escaped.
 */
function applyCommandOf({ data }: WrittenConfigMap): string {
  const kept = JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, '\\u0000')
  return Buffer.byteLength(kept) + marginBytes > maxAnnotationBytes
    ? 'kubectl apply --server-side -k'
    : 'kubectl apply -k'
}

/**
 * Edits the AtlasMigrations of the ConfigMap's namespace whose manifest is known and can be edited.
 */
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
