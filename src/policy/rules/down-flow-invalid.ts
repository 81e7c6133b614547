import { directorySources, isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const downFlowInvalid: Rule = {
  id: 'down-flow-invalid',
  title:
    'protectedFlows.migrateDown sets allow and autoApprove in a combination that stops the operator.',
  why: 'For a ConfigMap or local directory allow needs autoApprove; for a remote directory autoApprove is not allowed. The operator then reads no data at all.',
  severity: 'deny',
  evidence: 'spec',
  order: 1030,
  since: '0.1.0',
  cel: {
    subjects: `
      !o.?spec.?protectedFlows.?migrateDown.?allow.orValue(false) ? [] :
      o.?spec.?dir.?remote.?name.orValue('') != '' ?
      (o.spec.protectedFlows.migrateDown.?autoApprove.orValue(false) ?
      ['spec.protectedFlows.migrateDown.autoApprove'] : []) :
      !o.spec.protectedFlows.migrateDown.?autoApprove.orValue(false) &&
      (o.?spec.?dir.?local.hasValue() || o.?spec.?dir.?configMapRef.hasValue()) ?
      ['spec.protectedFlows.migrateDown.allow'] : []`,
    found: `
      object.spec.dir.?remote.?name.orValue('') != '' ?
      'migrateDown: autoApprove is not allowed for a remote directory' :
      'migrateDown: allow cannot be true without autoApprove for local migration directory'`,
    fix: `for a remote directory set migrateDown.autoApprove to false, for others set it like allow`,
  },
  evaluate,
}

function evaluate({ migration: { spec } }: Facts): Finding | null {
  const { allow = false, autoApprove = false } = spec.protectedFlows?.migrateDown ?? {}
  const remote = isRemote(spec)
  if (!allow || autoApprove !== remote || directorySources(spec).length === 0) return null
  return remote ? remoteFinding : localFinding
}

const field = 'spec.protectedFlows.migrateDown'

const localFinding: Finding = {
  found: 'migrateDown: allow cannot be true without autoApprove for local migration directory',
  expected: 'for a ConfigMap or local directory, both true or allow false',
  remedy: 'set migrateDown.allow to false, or autoApprove to true as well',
  field,
  subjects: [`${field}.allow`],
}

const remoteFinding: Finding = {
  found: 'migrateDown: autoApprove is not allowed for a remote directory',
  expected: 'for a remote directory, autoApprove false: a down is approved in Atlas Cloud',
  remedy: 'set migrateDown.autoApprove to false',
  field,
  subjects: [`${field}.autoApprove`],
}
