import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const migrationInProgress: Rule = {
  id: 'migration-in-progress',
  title: 'A migration is running on the database.',
  why: 'Somebody holds the lock of "migrate apply": the rows read for this verdict are about to change, and the operator waits ten seconds for the lock, then fails and retries.',
  severity: 'warn',
  evidence: 'database',
  order: 4160,
  since: '0.1.0',
  evaluate,
}

/** `atlas migrate drift`, which an AtlasDriftCheck runs, takes the lock of an apply (operator 0.8). */
const driftCheck =
  'Or an AtlasDriftCheck of this AtlasMigration looks at it: it holds the same lock'

function evaluate({ table, operator }: Facts): Finding | null {
  if (table.kind !== 'read' || !table.locked) return null
  return {
    found: 'a migration is running on this database, what was read of it may be out of date',
    expected: '',
    remedy: 'wait until it is over and look again',
    field: '',
    subjects: [],
    details: operator.version === '0.7' ? [] : [driftCheck],
  }
}
