import type { Facts, MissingReference } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const secretNotFound: Rule = {
  id: 'secret-not-found',
  title: 'A Secret or ConfigMap that the spec takes a value from does not exist, or lacks the key.',
  why: 'The operator retries, and wakes when a Secret it watches appears. userFrom, hostFrom, devURLFrom, configFrom and vars are not watched: after the last retry nothing happens until the AtlasMigration changes.',
  severity: 'warn',
  evidence: 'references',
  order: 3010,
  since: '0.1.0',
  evaluate,
}

function evaluate({ missing }: Facts): Finding | null {
  const [first, ...others] = missing.filter(reference => reference.reason !== 'unreadable')
  if (first !== undefined) return report(first, others)
  // That the webhook may not read a Secret says nothing about the operator, so only the audit
  // mentions it.
  const [unread, ...rest] = missing.map(reference => ({ ...reference, unwatched: false }))
  return unread === undefined ? null : { ...report(unread, rest), severity: 'audit' }
}

function report(first: MissingReference, others: readonly MissingReference[]): Finding {
  const all = [first, ...others]
  const unwatched = all.some(reference => reference.unwatched)
  const more = others.length > 0 ? `, and ${others.length} more` : ''
  return {
    found: `${describe(first)}${more}${unwatched ? '; the operator does not watch it' : ''}`,
    expected: 'every Secret and key that the spec refers to, in the same namespace',
    remedy: unwatched
      ? 'create it first: a later creation wakes nobody'
      : 'create it, or correct the reference',
    field: first.path,
    subjects: all.map(subject),
    details: others.map(describe),
  }
}

function describe({ path, secret, key, reason }: MissingReference): string {
  const kind = path.endsWith('configMapKeyRef') ? 'ConfigMap' : 'Secret'
  if (reason === 'key-not-found') return `${kind} ${secret} has no key ${key} (${path})`
  const state = reason === 'unreadable' ? 'could not be read here' : 'does not exist'
  return `${kind} ${secret} ${state} (${path})`
}

function subject({ path, secret, key }: MissingReference): string {
  return `${path}:${secret}/${key}`
}
