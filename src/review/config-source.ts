import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { ConfigFacts, MissingReference } from '../policy/facts.js'
import type { ClusterView } from './cluster-view.js'
import { readSecretValue } from './secret-values.js'

/** The custom atlas.hcl of an object: configFrom before config, empty is none (operator 0.7, GetConfig). */
export async function readConfig(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<{ facts: ConfigFacts; missing: readonly MissingReference[] }> {
  const { config, configFrom } = migration.spec
  if (!configFrom?.secretKeyRef) return { facts: describe(config), missing: [] }
  const field = { path: 'spec.configFrom', source: configFrom, unwatched: true }
  const { value, missing } = await readSecretValue(view, migration.metadata.namespace ?? '', field)
  if (missing) return { facts: { kind: 'unreadable' }, missing: [missing] }
  return { facts: describe(value), missing: [] }
}

/** References of `spec.vars` that are not there; their values never matter to a verdict. */
export async function findMissingVariables(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<readonly MissingReference[]> {
  const fields = (migration.spec.vars ?? []).map((variable, index) => ({
    path: `spec.vars[${index}].valueFrom`,
    source: variable.valueFrom,
    unwatched: true,
  }))
  const namespace = migration.metadata.namespace ?? ''
  const values = await Promise.all(fields.map(field => readSecretValue(view, namespace, field)))
  return values.flatMap(value => value.missing ?? [])
}

function describe(text: string | undefined): ConfigFacts {
  return text ? { kind: 'read', text } : { kind: 'none' }
}
