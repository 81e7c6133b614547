import { directorySources } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'

export const multipleDirectories: Rule = {
  id: 'multiple-directories',
  title: 'spec.dir sets more than one of remote.name, local and configMapRef.',
  why: 'An AtlasMigration runs one directory: local and configMapRef together stop the operator, and remote silently wins over both.',
  severity: 'deny',
  evidence: 'spec',
  order: 1010,
  since: '0.1.0',
  cel: {
    subjects: `
      [(o.?spec.?dir.?remote.?name.orValue('') != '' ? ['spec.dir.remote'] : []) +
      (o.?spec.?dir.?local.hasValue() ? ['spec.dir.local'] : []) +
      (o.?spec.?dir.?configMapRef.hasValue() ? ['spec.dir.configMapRef'] : [])]
      .map(sources, size(sources) > 1 ? sources : [])[0]`,
    found: `
      'spec.dir sets more than one of remote, local and configMapRef: ' +
      (object.spec.dir.?remote.?name.orValue('') != '' ? 'only remote would be used' :
      '"cannot use both configmaps and local directory"')`,
    fix: `keep one; to join them, run atlas-admission consolidate`,
  },
  evaluate,
}

function evaluate({ migration: { spec } }: Facts): Finding | null {
  const sources = directorySources(spec)
  if (sources.length < 2) return null
  return {
    found: `spec.dir sets ${listNames(sources)}: ${outcome(sources)}`,
    expected: 'one directory, with one atlas.sum over all of its files',
    remedy: 'keep one; to join them, run atlas-admission consolidate',
    field: 'spec.dir',
    subjects: sources.map(source => `spec.dir.${source}`),
  }
}

function outcome([first]: readonly string[]): string {
  return first === 'remote'
    ? 'only remote would be used'
    : '"cannot use both configmaps and local directory"'
}
