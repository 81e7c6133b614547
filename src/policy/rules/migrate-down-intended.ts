import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { predictedDown } from '../history/predicted-down.js'

export const migrateDownIntended: Rule = {
  id: 'migrate-down-intended',
  title: 'The operator will migrate down, as spec.protectedFlows allows.',
  why: 'A migrate down reverts what the newest files did to the database, which may drop data.',
  severity: 'warn',
  evidence: 'database',
  order: 4030,
  since: '0.1.0',
  steps: predictedDown.steps,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const down = predictedDown(facts)
  if (!down?.allowed || down.danger) return null
  const reverted = down.unmatched.map(row => row.version)
  return {
    found: `the operator will migrate down to ${down.target} and revert ${listNames(reverted)}`,
    expected: '',
    remedy: `if that is not meant, ${down.cause.remedy}`,
    field: 'spec.protectedFlows.migrateDown',
    subjects: reverted,
  }
}
