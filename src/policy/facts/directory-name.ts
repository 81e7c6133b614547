import type { AtlasMigration } from './atlas-migration.js'

/**
 * What `consolidate` calls the directory of an AtlasMigration: `configmap:NAMESPACE/NAME`, or
 * `migration:NAMESPACE/NAME` where it is inline; null where it has none that can be read, or two.
 */
export function directoryName({ metadata, spec }: AtlasMigration): string | null {
  const { namespace, name } = metadata
  const { local, configMapRef, remote } = spec.dir ?? {}
  if (remote?.name || (local && configMapRef)) return null
  if (local) return `migration:${namespace}/${name}`
  return configMapRef ? `configmap:${namespace}/${configMapRef.name}` : null
}
