import type { ConfigMap, Secret } from '../../policy/facts/atlas-migration.js'
import { MigrationIndex } from '../../review/object/migration-index.js'
import type { ManifestProblem } from '../text/manifest-problem.js'
import type { Manifest } from '../text/parse-manifest.js'
import { objectKey, uniqueObjects } from '../text/unique-objects.js'

/**
 * The objects of a whole folder at one moment, with the indexes that a review needs. It is never
 * changed.
 */
export interface ManifestsSnapshot {
  /** The keys are `namespace/name`, as in all maps here. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  readonly secrets: ReadonlyMap<string, Secret>
  readonly migrations: Pick<MigrationIndex, 'all' | 'ofConfigMap' | 'ofSecret'>
  readonly problems: readonly ManifestProblem[]
  readonly skippedKinds: readonly string[]
}

/**
 * Puts the objects of files together. Of two objects with one name, the first in the order of the
 * paths counts.
 */
export function buildSnapshot(files: ReadonlyMap<string, Manifest>): ManifestsSnapshot {
  const paths = [...files.keys()].sort()
  const manifests = paths.map(file => ({ file, manifest: files.get(file) as Manifest }))
  const placed = manifests.flatMap(({ file, manifest }) =>
    manifest.objects.map(entry => ({ file, entry })),
  )
  const { objects, duplicates } = uniqueObjects(placed)
  const migrations = new MigrationIndex()
  for (const { entry } of objects) if (entry.kind === 'AtlasMigration') migrations.set(entry.object)
  return {
    configMaps: new Map(
      objects.flatMap(({ entry }) =>
        entry.kind === 'ConfigMap' ? [[objectKey(entry), entry.object]] : [],
      ),
    ),
    secrets: new Map(
      objects.flatMap(({ entry }) =>
        entry.kind === 'Secret' ? [[objectKey(entry), entry.object]] : [],
      ),
    ),
    migrations,
    problems: [
      ...manifests.flatMap(({ file, manifest }) =>
        manifest.problems.map(problem => ({ file, ...problem })),
      ),
      ...duplicates,
    ],
    skippedKinds: [...new Set(manifests.flatMap(({ manifest }) => manifest.skippedKinds))].sort(),
  }
}
