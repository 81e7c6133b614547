import { directorySources, isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const directoryMissing: Rule = {
  id: 'directory-missing',
  title: 'spec.dir names no migration directory.',
  why: 'The operator stops with "no directory specified", even when a custom atlas.hcl sets migration.dir.',
  severity: 'deny',
  evidence: 'spec',
  order: 1000,
  since: '0.1.0',
  cel: {
    subjects: `
      o.?spec.?dir.?remote.?name.orValue('') != '' || o.?spec.?dir.?local.hasValue() ? [] :
      !o.?spec.?dir.?configMapRef.hasValue() ? ['spec.dir'] :
      o.?spec.?dir.?configMapRef.?name.orValue('') == '' ? ['spec.dir.configMapRef.name'] : []`,
    found: `
      has(object.spec) && has(object.spec.dir) && has(object.spec.dir.configMapRef) ?
      'spec.dir.configMapRef has no name' :
      'spec.dir names no migration directory ("no directory specified")'`,
    fix: `set spec.dir.configMapRef.name, spec.dir.local or spec.dir.remote.name`,
  },
  evaluate,
}

const remedy = 'set spec.dir.configMapRef.name, spec.dir.local or spec.dir.remote.name'

function evaluate({ migration: { spec } }: Facts): Finding | null {
  if (directorySources(spec).length === 0) {
    return {
      found: 'spec.dir names no migration directory ("no directory specified")',
      expected: 'one of configMapRef, local and remote.name',
      remedy,
      field: 'spec.dir',
      subjects: ['spec.dir'],
    }
  }
  return hasNamelessReference(spec) ? nameless : null
}

/** Whether a reference has an empty name. The CRD accepts it, but no object has such a name. */
function hasNamelessReference(spec: Facts['migration']['spec']): boolean {
  return !isRemote(spec) && Boolean(spec.dir?.configMapRef) && !spec.dir?.configMapRef?.name
}

const nameless: Finding = {
  found: 'spec.dir.configMapRef has no name',
  expected: 'the name of a ConfigMap in the same namespace',
  remedy,
  field: 'spec.dir.configMapRef.name',
  subjects: ['spec.dir.configMapRef.name'],
}
