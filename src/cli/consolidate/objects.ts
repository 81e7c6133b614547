import type { EditedManifest, MigrationEdit } from '../../manifests/write/migration-manifest.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { Adapters, InputAdapters } from '../input/adapters.js'
import type { ClusterChoice } from '../input/cluster-choice.js'

/** How objects are reached. */
export interface ObjectAdapters
  extends
    Pick<Adapters, 'openKubernetes' | 'openManifests'>,
    Pick<InputAdapters, 'readManifests' | 'readStandardInput'> {
  readonly readText: (file: string) => Promise<string>
  readonly editMigration: (text: string, edit: MigrationEdit) => EditedManifest | null
}

/**
 * Makes the manifest of an AtlasMigration name another ConfigMap; null when it has no file, or the
 * file cannot be edited.
 */
export type PointManifest = (
  migration: AtlasMigration,
  configMap: string,
) => Promise<EditedManifest | null>

/** Only a folder holds manifests. The objects of an API server are not the files in Git. */
export function manifestPointer(
  choice: ClusterChoice | null,
  { readManifests, readStandardInput, readText, editMigration }: ObjectAdapters,
): PointManifest {
  if (choice?.kind !== 'manifests') return async () => null
  const paths = [choice.folder]
  return async ({ metadata: { namespace = '', name = '' } }, configMap) => {
    const { objects } = await readManifests({ paths, namespace: 'default', readStandardInput })
    const found = objects.find(
      ({ entry: { kind, object } }) =>
        kind === 'AtlasMigration' &&
        object.metadata.namespace === namespace &&
        object.metadata.name === name,
    )
    if (found === undefined) return null
    return editMigration(await readText(found.file), { namespace, name, configMap })
  }
}
