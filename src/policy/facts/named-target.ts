import type { AtlasMigrationSpec } from './atlas-migration.js'

/** Whether the spec itself names a database, whatever a custom config says. */
export function namesTarget({ url, urlFrom, credentials }: AtlasMigrationSpec): boolean {
  return [url, urlFrom?.secretKeyRef, credentials?.host, credentials?.hostFrom?.secretKeyRef].some(
    Boolean,
  )
}
