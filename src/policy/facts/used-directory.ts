import { readableConfig, setsAttribute, setsInMigration } from './custom-config.js'
import type { DirectoryFacts, Facts } from './facts.js'

export type ReadDirectory = Extract<DirectoryFacts, { readonly kind: 'read' }>

/**
 * The directory whose files the operator really runs. null when it is not known here, or not
 * certain: it is in Atlas Cloud, does not exist, or a custom atlas.hcl may name another one or read
 * it in another format.
 */
export function usedDirectory(facts: Facts): ReadDirectory | null {
  if (facts.directory.kind !== 'read') return null
  const config = readableConfig(facts)
  if (config.kind === 'none') return facts.directory
  if (config.kind === 'unknown' || setsAttribute(config, 'for_each')) return null
  const replaced = ['dir', 'format'].some(name => setsInMigration(config, name))
  return replaced ? null : facts.directory
}

/** The field of the AtlasMigration that leads to these files. */
export function directoryField({ source }: ReadDirectory): string {
  return source === 'local' ? 'spec.dir.local' : 'spec.dir.configMapRef'
}
