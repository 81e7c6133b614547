import type {
  AtlasMigration,
  AtlasMigrationSpec,
  ObjectMetadata,
} from '../../policy/facts/atlas-migration.js'
import { allowAnnotation } from '../../policy/enforcement/override.js'
import { parseAtlasMigration } from '../../review/object/parse-object.js'

/**
 * An AtlasMigration as it is kept: what the library needs to follow it, and what a review may read
 * of it.
 */
export interface WatchedMigration {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly resourceVersion: string
  }
  /** null when the object cannot be read; `problem` says why. */
  readonly migration: AtlasMigration | null
  readonly problem: string | null
}

/**
 * Reads an object; null when it comes from no API server: without namespace, name or version it
 * cannot be used.
 */
export function parseWatchedMigration(value: unknown): WatchedMigration | null {
  const { metadata } = Object(value) as { readonly metadata?: unknown }
  const { namespace, name, resourceVersion } = Object(metadata) as Record<string, unknown>
  if (typeof namespace !== 'string' || typeof name !== 'string') return null
  if (typeof resourceVersion !== 'string' || resourceVersion === '') return null
  const identity = { namespace, name, resourceVersion }
  const parsed = parseAtlasMigration(value)
  if ('problems' in parsed)
    return { metadata: identity, migration: null, problem: parsed.problems.join('; ') }
  return { metadata: identity, migration: slimMigration(parsed.migration), problem: null }
}

/**
 * The object without what no rule reads. Most of a stored AtlasMigration is bookkeeping:
 * managedFields, the last-applied annotation (which holds the whole object again), conditions, and
 * the dev database's pod template.
 */
function slimMigration({ metadata, spec, status }: AtlasMigration): AtlasMigration {
  return {
    metadata: slimMetadata(metadata),
    spec: slimSpec(spec),
    ...(status && { status: slimStatus(status) }),
  }
}

function slimMetadata(metadata: ObjectMetadata): ObjectMetadata {
  const { namespace, name, uid, generation, resourceVersion, deletionTimestamp } = metadata
  const allow = metadata.annotations?.[allowAnnotation]
  return {
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(generation !== undefined && { generation }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(allow !== undefined && { annotations: { [allowAnnotation]: allow } }),
  }
}

const keptFields = [
  'envName',
  'config',
  'configFrom',
  'vars',
  'cloud',
  'url',
  'urlFrom',
  'credentials',
  'devURL',
  'devURLFrom',
  'revisionsSchema',
  'baseline',
  'execOrder',
  'backoffLimit',
  'protectedFlows',
  'dir',
] as const satisfies readonly (keyof AtlasMigrationSpec)[]

function slimSpec(spec: AtlasMigrationSpec): AtlasMigrationSpec {
  const kept = keptFields.flatMap(field =>
    spec[field] === undefined ? [] : [[field, spec[field]]],
  )
  return {
    ...Object.fromEntries(kept),
    // Rules only look whether there is one.
    ...(spec.devDB && { devDB: {} }),
  }
}

function slimStatus(status: NonNullable<AtlasMigration['status']>): AtlasMigration['status'] & {} {
  const { lastAppliedVersion, observed_hash } = status
  return {
    ...(lastAppliedVersion !== undefined && { lastAppliedVersion }),
    ...(observed_hash !== undefined && { observed_hash }),
  }
}
