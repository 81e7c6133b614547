import type { AtlasMigration, SecretSource } from '../../policy/facts/atlas-migration.js'

/**
 * Names of the Secrets, in the object's own namespace, that say which database it is for: its target and dev URL are
 * made of them, or a custom atlas.hcl that may name another one.
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
