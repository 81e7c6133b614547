import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { predictedDown } from '../history/predicted-down.js'

export const migrateDownUnsafe: Rule = {
  id: 'migrate-down-unsafe',
  title:
    'The operator would migrate down, is allowed to, and would fail or revert the wrong thing.',
  why: 'It goes down with the directory of its last successful reconcile, kept in a Secret. Without it, with another database, or with rows that it does not have, the reconcile fails, the operator crashes, or data is lost.',
  severity: 'deny',
  evidence: 'database',
  order: 4010,
  since: '0.1.0',
  steps: predictedDown.steps,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const down = predictedDown(facts)
  if (!down?.allowed || !down.danger) return null
  const { cause, danger, otherCauses, subjects } = down
  return {
    found: `migrate down is allowed but not safe: ${danger.found}`,
    expected:
      'a dir-state Secret of this database with every version that goes, and only the newest go',
    remedy: cause.remedy,
    field: 'spec.protectedFlows.migrateDown',
    subjects,
    details: [
      ...[cause, ...otherCauses].map(({ found }) => `It goes down because ${found}`),
      ...cause.details,
    ],
    ...(danger.uncertain && { severity: 'warn' as const }),
  }
}
