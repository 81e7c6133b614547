import type { AtlasMigration } from './atlas-migration.js'

/** `namespace/name`: unique, since neither part can hold a slash. */
export function migrationName({ metadata }: AtlasMigration): string {
  return `${metadata.namespace}/${metadata.name}`
}
