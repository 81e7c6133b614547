import { maySet, readableConfig } from '../facts/custom-config.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const urlInvalid: Rule = {
  id: 'url-invalid',
  title:
    'The database URL cannot be parsed, has an unknown scheme, or a search_path that lists several schemas.',
  why: 'The operator or Atlas stops before it reaches the database. With several schemas in search_path the revisions table is made in the first and looked for in one named like the whole list.',
  severity: 'deny',
  evidence: 'spec',
  order: 1080,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { target } = facts
  if (target.kind === 'invalid') return unusable(facts, target)
  if (target.kind !== 'resolved' || !listsSchemas(target.target)) return null
  return severalSchemas(facts, target.target)
}

function unusable(
  facts: Facts,
  target: { readonly problem: string; readonly fromSecret: boolean },
): Finding {
  return {
    found: target.problem,
    expected: 'scheme://user:password@host:port/database, with reserved characters percent-encoded',
    remedy: 'correct the URL, or use spec.credentials, which encodes for you',
    field: urlField(facts),
    subjects: [target.problem],
    ...lowered(facts, target.fromSecret),
  }
}

function listsSchemas(target: Target): boolean {
  return target.dialect === 'postgres' && (target.boundSchema ?? '').includes(',')
}

/**
 * The finding for a search_path of several schemas. spec.revisionsSchema keeps the revisions table
 * out of it, so only a risk is left then.
 */
function severalSchemas(facts: Facts, target: Target): Finding {
  return {
    found: 'search_path lists several schemas: Atlas takes the list for the name of one schema',
    expected: 'one schema, or no search_path',
    remedy: 'leave one schema in search_path',
    field: urlField(facts),
    subjects: ['search_path'],
    ...lowered(facts, target.fromSecret || Boolean(facts.migration.spec.revisionsSchema)),
  }
}

/**
 * Lowers the finding where it is not certain: a Secret can change without this object, and the
 * `url` of a custom config wins over the spec's.
 */
function lowered(facts: Facts, isUncertain: boolean): Pick<Finding, 'severity'> {
  return isUncertain || maySet(readableConfig(facts), ['url']) ? { severity: 'warn' } : {}
}

/**
 * The field that the URL comes from. The operator takes urlFrom before url, and url before
 * credentials.
 */
function urlField({ migration: { spec } }: Facts): string {
  if (spec.urlFrom?.secretKeyRef) return 'spec.urlFrom'
  return spec.url ? 'spec.url' : 'spec.credentials'
}
