import type { AtlasMigration, KeyReference } from '../../policy/facts/atlas-migration.js'
import type { ConfigFacts, MissingReference } from '../../policy/facts/facts.js'
import type { ClusterView } from './cluster-view.js'
import { readSecretValue } from './secret-values.js'

/**
 * The custom atlas.hcl of an AtlasMigration: configFrom before config, and an empty text counts as
 * none (operator 0.7, GetConfig).
 */
export async function readConfig(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<{ facts: ConfigFacts; missing: readonly MissingReference[] }> {
  const { config, configFrom } = migration.spec
  if (!configFrom?.secretKeyRef) return { facts: describe(view, config), missing: [] }
  const field = { path: 'spec.configFrom', source: configFrom, unwatched: true }
  const { value, missing } = await readSecretValue(view, migration.metadata.namespace ?? '', field)
  if (missing) return { facts: { kind: 'unreadable' }, missing: [missing] }
  return { facts: describe(view, value), missing: [] }
}

/**
 * The references of `spec.vars` to objects that do not exist. Their values never matter to a
 * verdict.
 */
export async function findMissingVariables(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<readonly MissingReference[]> {
  const namespace = migration.metadata.namespace ?? ''
  const found = await Promise.all(
    (migration.spec.vars ?? []).flatMap(({ valueFrom }, index) => {
      const path = `spec.vars[${index}].valueFrom`
      const field = { path, source: valueFrom, unwatched: true }
      return [
        readSecretValue(view, namespace, field).then(({ missing }) => missing),
        findMissingKey(view, namespace, { path, reference: valueFrom?.configMapKeyRef }),
      ]
    }),
  )
  return found.filter(missing => missing !== null)
}

interface ConfigMapField {
  readonly path: string
  readonly reference: KeyReference | undefined
}

async function findMissingKey(
  view: ClusterView,
  namespace: string,
  { path, reference }: ConfigMapField,
): Promise<MissingReference | null> {
  if (!reference) return null
  const { name = '', key } = reference
  const reading = await view.readConfigMap(namespace, name)
  const missing = { path: `${path}.configMapKeyRef`, secret: name, key, unwatched: true }
  if ('unreadable' in reading) return { ...missing, reason: 'unreadable', why: reading.unreadable }
  if (!reading.value) return { ...missing, reason: 'secret-not-found' }
  return Object.hasOwn(reading.value.data ?? {}, key)
    ? null
    : { ...missing, reason: 'key-not-found' }
}

/** An empty text counts as no config, because the operator tests for the empty string. */
function describe(view: ClusterView, text: string | undefined): ConfigFacts {
  return text ? { kind: 'read', document: view.configOf(text) } : { kind: 'none' }
}
