import { hasConfig } from '../facts/custom-config.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { namesTarget } from '../facts/named-target.js'

export const targetMissing: Rule = {
  id: 'target-missing',
  title: 'The spec names no target database and no custom config.',
  why: 'The operator stops with "no target database defined".',
  severity: 'deny',
  evidence: 'spec',
  order: 1020,
  since: '0.1.0',
  cel: {
    subjects: `
      o.?spec.?url.orValue('') == '' && !o.?spec.?urlFrom.?secretKeyRef.hasValue() &&
      o.?spec.?credentials.?host.orValue('') == '' && !o.?spec.?credentials.?hostFrom.?secretKeyRef.hasValue() &&
      o.?spec.?config.orValue('') == '' && !o.?spec.?configFrom.?secretKeyRef.hasValue() ? ['spec.url'] : []`,
    // The config in the Secret may be empty, which counts as none.
    possible: `
      o.?spec.?url.orValue('') == '' && !o.?spec.?urlFrom.?secretKeyRef.hasValue() &&
      o.?spec.?credentials.?host.orValue('') == '' && !o.?spec.?credentials.?hostFrom.?secretKeyRef.hasValue() &&
      (o.?spec.?config.orValue('') == '' || o.?spec.?configFrom.?secretKeyRef.hasValue()) ? ['spec.url'] : []`,
    found: `'the spec names no database ("no target database defined")'`,
    fix: `set spec.urlFrom.secretKeyRef, spec.url or spec.credentials.host`,
  },
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  if (namesTarget(facts.migration.spec) || hasConfig(facts)) return null
  return {
    found: 'the spec names no database ("no target database defined")',
    expected: 'url, urlFrom or credentials with host or hostFrom',
    remedy: 'set spec.urlFrom.secretKeyRef, spec.url or spec.credentials.host',
    field: 'spec.urlFrom',
    subjects: ['spec.url'],
  }
}
