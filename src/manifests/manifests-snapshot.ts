import type { ConfigMap, Secret } from '../policy/atlas-migration.js'
import { MigrationIndex } from '../review/migration-index.js'
import type { ManifestProblem } from './manifest-problem.js'
import type { Manifest, ManifestObject } from './parse-manifest.js'

/** The objects of a whole folder at one moment, with the indexes a review asks for. Never changed once built. */
export interface ManifestsSnapshot {
  /** Keys are `namespace/name`, as in all maps here. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  readonly secrets: ReadonlyMap<string, Secret>
  readonly migrations: Pick<MigrationIndex, 'all' | 'ofConfigMap' | 'ofSecret'>
  readonly problems: readonly ManifestProblem[]
  readonly skippedKinds: readonly string[]
}

interface PlacedObject {
  readonly file: string
  readonly entry: ManifestObject
}

/** Puts files together. Of two objects with one name, the first in the order of the paths counts. */
export function buildSnapshot(files: ReadonlyMap<string, Manifest>): ManifestsSnapshot {
  const paths = [...files.keys()].sort()
  const manifests = paths.map(file => ({ file, manifest: files.get(file) as Manifest }))
  const placed = manifests.flatMap(({ file, manifest }) =>
    manifest.objects.map(entry => ({ file, entry })),
  )
  const { objects, duplicates } = uniqueObjects(placed)
  const migrations = new MigrationIndex()
  for (const entry of objects) if (entry.kind === 'AtlasMigration') migrations.set(entry.object)
  return {
    configMaps: new Map(
      objects.flatMap(entry => (entry.kind === 'ConfigMap' ? [[keyOf(entry), entry.object]] : [])),
    ),
    secrets: new Map(
      objects.flatMap(entry => (entry.kind === 'Secret' ? [[keyOf(entry), entry.object]] : [])),
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

function keyOf({ object: { metadata } }: ManifestObject): string {
  return `${metadata.namespace}/${metadata.name}`
}

function uniqueObjects(placed: readonly PlacedObject[]): {
  readonly objects: readonly ManifestObject[]
  readonly duplicates: readonly ManifestProblem[]
} {
  const first = new Map<string, PlacedObject>()
  const duplicates: ManifestProblem[] = []
  for (const { file, entry } of placed) {
    const id = `${entry.kind} ${keyOf(entry)}`
    const earlier = first.get(id)
    if (earlier === undefined) first.set(id, { file, entry })
    else duplicates.push(duplicateProblem(id, { file, entry }, earlier))
  }
  return { objects: [...first.values()].map(({ entry }) => entry), duplicates }
}

function duplicateProblem(id: string, later: PlacedObject, earlier: PlacedObject): ManifestProblem {
  const { line, column } = earlier.entry
  return {
    file: later.file,
    line: later.entry.line,
    column: later.entry.column,
    message: `${id} is also in ${earlier.file}:${line}:${column}; that one counts, this one is ignored: rename or remove one of them`,
  }
}
