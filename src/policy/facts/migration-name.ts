import type { AtlasMigration } from './atlas-migration.js'

/** `namespace/name`: unique, since neither part can hold a slash. */
export function migrationName({ metadata }: AtlasMigration): string {
  return `${metadata.namespace}/${metadata.name}`
}

/**
 * Whether the name is only the beginning of one (generateName), which many objects have in common. An API server has
 * made the name before it calls a validating webhook, but not before it calls a mutating one.
 */
export function isUnnamed({ metadata }: AtlasMigration): boolean {
  return metadata.name === metadata.generateName
}

/** Whether one takes the place of the other in a cluster. */
export function isSameMigration(a: AtlasMigration, b: AtlasMigration): boolean {
  if (a.metadata.namespace !== b.metadata.namespace || a.metadata.name !== b.metadata.name)
    return false
  return isUnnamed(a) || isUnnamed(b) ? a.metadata.uid === b.metadata.uid : true
}
