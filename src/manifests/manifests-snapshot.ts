import type { AtlasMigration, ConfigMap, Secret } from '../policy/atlas-migration.js'
import type { ManifestProblem } from './manifest-problem.js'
import type { Manifest, ManifestObject } from './parse-manifest.js'
import { secretNames } from './secret-names.js'

/** The objects of a whole folder at one moment, with the indexes a review asks for. Never changed once built. */
export interface ManifestsSnapshot {
  /** Keys are `namespace/name`, as in all maps here. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  readonly secrets: ReadonlyMap<string, Secret>
  readonly migrations: readonly AtlasMigration[]
  readonly byConfigMap: ReadonlyMap<string, readonly AtlasMigration[]>
  readonly bySecret: ReadonlyMap<string, readonly AtlasMigration[]>
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
  const migrations = objects.flatMap(entry => (entry.kind === 'AtlasMigration' ? entry.object : []))
  return {
    configMaps: new Map(
      objects.flatMap(entry => (entry.kind === 'ConfigMap' ? [[keyOf(entry), entry.object]] : [])),
    ),
    secrets: new Map(
      objects.flatMap(entry => (entry.kind === 'Secret' ? [[keyOf(entry), entry.object]] : [])),
    ),
    migrations,
    byConfigMap: indexed(migrations, ({ spec }) => spec.dir?.configMapRef?.name || []),
    bySecret: indexed(migrations, migration => [...secretNames(migration)]),
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

function indexed(
  migrations: readonly AtlasMigration[],
  namesOf: (migration: AtlasMigration) => string | readonly string[],
): ReadonlyMap<string, readonly AtlasMigration[]> {
  const index = new Map<string, AtlasMigration[]>()
  for (const migration of migrations)
    for (const name of [namesOf(migration)].flat()) {
      const key = `${migration.metadata.namespace}/${name}`
      const known = index.get(key)
      if (known) known.push(migration)
      else index.set(key, [migration])
    }
  return index
}
