import type { ManifestInput } from '../../manifests/read/manifest-input.js'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import type { DeliveredObject } from '../../review/delivery.js'
import type { Arguments } from '../line/arguments.js'
import type { ChosenDatabases } from '../input/database-choice.js'
import { type InputPlaces, placeKey } from '../output/finding-place.js'
import { UsageError } from '../line/usage-error.js'

/** An option that lets a folder stand for a ConfigMap. */
export interface FolderOption {
  /** null: in every namespace in which an AtlasMigration refers to that name. */
  readonly namespace: string | null
  readonly name: string
  readonly folder: string
}

export function parseFolderOptions(args: Arguments): readonly FolderOption[] {
  return args.values('dir').map(text => {
    const [, namespace = null, name, folder] = /^(?:([^/=]+)\/)?([^/=]+)=(.+)$/s.exec(text) ?? []
    if (name === undefined || folder === undefined)
      throw new UsageError(
        `--dir: expected [NAMESPACE/]NAME=FOLDER, found "${text}"; such as shop-migrations=./migrations`,
      )
    return { namespace, name, folder }
  })
}

export interface ReadFolder extends FolderOption {
  readonly content: MigrationFolder
}

/** The objects of a check. */
export interface CheckInput {
  /** In the order in which they would be applied. */
  readonly objects: readonly DeliveredObject[]
  readonly places: InputPlaces
  /** Remarks, one line each. */
  readonly notes: readonly string[]
}

export interface CheckSources {
  readonly manifests: ManifestInput
  readonly folders: readonly ReadFolder[]
  readonly databases: ChosenDatabases
}

/**
 * Puts the objects of files and folders together. A folder takes the place of a ConfigMap of its
 * name.
 */
export function buildCheckInput({ manifests, folders, databases }: CheckSources): CheckInput {
  const placed = folders.flatMap(folder =>
    namespacesOf(folder, manifests).map(namespace => ({ ...folder, namespace })),
  )
  const replaced = new Set(placed.map(({ namespace, name }) => `${namespace}/${name}`))
  const kept = manifests.objects.filter(
    ({ entry: { kind, object } }) =>
      kind !== 'ConfigMap' || !replaced.has(`${object.metadata.namespace}/${object.metadata.name}`),
  )
  const objects = kept.map(({ entry }) =>
    entry.kind === 'AtlasMigration'
      ? { kind: entry.kind, object: databases.substitute(entry.object) }
      : entry,
  )
  return {
    objects: [...placed.map(configMapOf), ...objects],
    places: {
      objects: new Map(kept.map(found => [placeKey(found.entry.kind, found.entry.object), found])),
      folders: new Map(
        placed.map(({ namespace, name, folder }) => [`${namespace}/${name}`, folder]),
      ),
    },
    notes: [...skippedNote(manifests), ...unusedNotes(manifests)],
  }
}

/** @throws UsageError when nothing refers to the name, because such a check would check nothing. */
function namespacesOf(
  { namespace, name }: FolderOption,
  { objects }: ManifestInput,
): readonly string[] {
  if (namespace !== null) return [namespace]
  const users = objects.flatMap(({ entry }) =>
    entry.kind === 'AtlasMigration' && entry.object.spec.dir?.configMapRef?.name === name
      ? [String(entry.object.metadata.namespace)]
      : [],
  )
  if (users.length === 0)
    throw new UsageError(
      `--dir ${name}: no AtlasMigration here refers to a ConfigMap of that name (spec.dir.configMapRef.name)`,
    )
  return [...new Set(users)]
}

function configMapOf({
  namespace,
  name,
  content,
}: ReadFolder & { readonly namespace: string }): DeliveredObject {
  return { kind: 'ConfigMap', object: { metadata: { namespace, name }, data: content.data } }
}

function skippedNote({ skippedKinds }: ManifestInput): readonly string[] {
  return skippedKinds.length === 0
    ? []
    : [`skipped, since no rule is about them: ${skippedKinds.join(', ')}`]
}

/**
 * Notes about ConfigMaps with migrations that no AtlasMigration uses here. Most often its manifest
 * was forgotten.
 */
function unusedNotes({ objects }: ManifestInput): readonly string[] {
  const used = new Set(
    objects.flatMap(({ entry }) =>
      entry.kind === 'AtlasMigration'
        ? [`${entry.object.metadata.namespace}/${entry.object.spec.dir?.configMapRef?.name}`]
        : [],
    ),
  )
  return objects.flatMap(({ entry: { kind, object } }) => {
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    if (kind !== 'ConfigMap' || used.has(key) || !('atlas.sum' in (object.data ?? {}))) return []
    return [
      `ConfigMap ${key} holds migrations, but no AtlasMigration here refers to it: not judged`,
    ]
  })
}
