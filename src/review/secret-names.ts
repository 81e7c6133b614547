import type { AtlasMigration, SecretSource } from '../policy/atlas-migration.js'

/** Names of the Secrets, in the object's own namespace, that its target or dev URL is made of. */
export function secretNames({ spec }: AtlasMigration): ReadonlySet<string> {
  const { credentials = {} } = spec
  const sources: readonly (SecretSource | undefined)[] = [
    spec.urlFrom,
    spec.devURLFrom,
    credentials.userFrom,
    credentials.passwordFrom,
    credentials.hostFrom,
  ]
  return new Set(sources.flatMap(source => source?.secretKeyRef?.name || []))
}
