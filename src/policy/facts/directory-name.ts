import type { AtlasMigration } from './atlas-migration.js'

/**
 * The name of an AtlasMigration's directory as the command `consolidate` takes it:
 * `configmap:NAMESPACE/NAME`, or `migration:NAMESPACE/NAME` for inline files. null where it has no
 * directory that can be read, or two.
 */
export function directoryName({ metadata, spec }: AtlasMigration): string | null {
  const { namespace, name } = metadata
  const { local, configMapRef, remote } = spec.dir ?? {}
  if (remote?.name || (local && configMapRef)) return null
  if (local) return `migration:${namespace}/${name}`
  return configMapRef ? `configmap:${namespace}/${configMapRef.name}` : null
}
