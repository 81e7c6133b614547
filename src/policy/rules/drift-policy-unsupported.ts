import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import { readableConfig, type CustomConfig } from '../facts/custom-config.js'
import { directorySources, isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const driftPolicyUnsupported: Rule = {
  id: 'drift-policy-unsupported',
  title:
    'spec.policy.drift is set, and the migration directory is a ConfigMap or local, not one of the Atlas Registry.',
  why: 'Operator 0.8 then stops before it reads the revisions table (reason ReadingMigrationData), at every retry. An empty `drift: {}` counts as well, and so does a drift policy of whose fields the API server dropped all.',
  severity: 'deny',
  since: '0.2.0',
  evidence: 'spec',
  order: 1035,
  cel: {
    subjects: `
      o.?spec.?policy.?drift.hasValue() && o.?spec.?dir.?remote.?name.orValue('') == '' &&
      o.?spec.?config.orValue('') == '' && !o.?spec.?configFrom.?secretKeyRef.hasValue() &&
      (o.?spec.?dir.?local.hasValue() || o.?spec.?dir.?configMapRef.hasValue()) ?
      ['spec.policy.drift'] : []`,
    // The config in the Secret may be empty, which counts as none.
    possible: `
      o.?spec.?policy.?drift.hasValue() && o.?spec.?dir.?remote.?name.orValue('') == '' &&
      (o.?spec.?dir.?local.hasValue() || o.?spec.?dir.?configMapRef.hasValue()) ?
      ['spec.policy.drift'] : []`,
    found: `'the operator stops: spec.policy.drift needs a directory on the Atlas Registry'`,
    fix: `remove spec.policy.drift, or set spec.dir.remote`,
  },
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { spec } = facts.migration
  if (!hasDriftPolicy(spec)) return null
  // The definition of 0.7 does not have the field, so the API server drops it.
  if (facts.operator.version === '0.7') return null
  if (isRemote(spec)) return remoteFinding
  if (directorySources(spec).length === 0) return null
  const config = readableConfig(facts)
  if (config.kind === 'none') return localFinding
  if (namesRepository(config)) return null
  return config.kind === 'read' ? localFinding : { ...localFinding, severity: 'warn' }
}

function hasDriftPolicy({ policy }: AtlasMigrationSpec): boolean {
  return (policy?.drift ?? null) !== null
}

/** Whether the config's `migration` block has a `repo`: the directory is then in the registry. */
function namesRepository(config: CustomConfig): boolean {
  if (config.kind !== 'read') return false
  return config.environments
    .flatMap(({ blocks }) => blocks)
    .filter(({ type }) => type === 'migration')
    .some(({ body }) => body.blocks.some(({ type }) => type === 'repo'))
}

const field = 'spec.policy.drift'

const localFinding: Finding = {
  found: 'the operator stops: spec.policy.drift needs a directory on the Atlas Registry',
  expected: 'no drift policy, or a directory in the registry (spec.dir.remote)',
  remedy: 'remove spec.policy.drift, or set spec.dir.remote',
  field,
  subjects: [field],
}

const remoteFinding: Finding = {
  found: 'an apply may stop with "DriftDetected" (spec.policy.drift)',
  expected: 'a database that is as the registry knows it',
  remedy: 'set drift.onError to CONTINUE to go on all the same',
  field,
  subjects: [field],
  severity: 'audit',
}
