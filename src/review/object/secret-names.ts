import type { AtlasMigration, SecretSource } from '../../policy/facts/atlas-migration.js'

/**
 * Names of the Secrets, in the object's own namespace, that decide which database it is for: those
 * of its target and dev URL, and of a custom atlas.hcl, which may name another database.
 */
export function secretNames({ spec }: AtlasMigration): ReadonlySet<string> {
  const { credentials = {} } = spec
  const sources: readonly (SecretSource | undefined)[] = [
    spec.urlFrom,
    spec.devURLFrom,
    spec.configFrom,
    credentials.userFrom,
    credentials.passwordFrom,
    credentials.hostFrom,
  ]
  return new Set(sources.flatMap(source => source?.secretKeyRef?.name || []))
}
