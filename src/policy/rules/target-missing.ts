import { hasConfig } from '../facts/custom-config.js'
import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const targetMissing: Rule = {
  id: 'target-missing',
  title: 'The spec names no target database and no custom config.',
  why: 'The operator stops with "no target database defined".',
  severity: 'deny',
  evidence: 'spec',
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

function namesTarget({ url, urlFrom, credentials }: AtlasMigrationSpec): boolean {
  return [url, urlFrom?.secretKeyRef, credentials?.host, credentials?.hostFrom?.secretKeyRef].some(
    Boolean,
  )
}
