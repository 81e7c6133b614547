import type { AtlasMigration } from './atlas-migration.js'

/** `namespace/name`, which is unique because neither part can hold a slash. */
export function migrationName({ metadata }: AtlasMigration): string {
  return `${metadata.namespace}/${metadata.name}`
}

/**
 * Whether the object has only the beginning of a name (generateName), which many objects have in
 * common. The API server makes the name before it calls a validating webhook, but after it calls a
 * mutating one.
 */
export function isUnnamed({ metadata }: AtlasMigration): boolean {
  return metadata.name === metadata.generateName
}

/**
 * Whether both have the same namespace and name, so that one takes the place of the other in a
 * cluster.
 */
export function isSameMigration(a: AtlasMigration, b: AtlasMigration): boolean {
  if (a.metadata.namespace !== b.metadata.namespace || a.metadata.name !== b.metadata.name)
    return false
  return isUnnamed(a) || isUnnamed(b) ? a.metadata.uid === b.metadata.uid : true
}
