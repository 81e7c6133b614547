import { foldIntoMove } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { loweredIfKnown } from '../history/known-trouble.js'
import { downRefusal, predictedDown } from '../history/predicted-down.js'

export const migrateDownPredicted: Rule = {
  id: 'migrate-down-predicted',
  title: 'The operator would decide to migrate down, and refuse it.',
  why: 'It compares how many files and rows there are, not which: lost files, a second directory on the table or one late file look like a downgrade. The AtlasMigration then stays not Ready, and allowing the downgrade makes it worse.',
  severity: 'deny',
  evidence: 'database',
  order: 4020,
  since: '0.1.0',
  steps: predictedDown.steps,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const down = predictedDown(facts)
  if (!down || down.allowed) return null
  const { cause, otherCauses, subjects } = down
  return {
    found: `${cause.found}, so the operator goes down`,
    expected: 'one file for each row of the revisions table, and no file older than the last row',
    remedy: cause.remedy,
    field: 'spec.dir',
    subjects,
    details: [
      `The operator would say: ${downRefusal}`,
      ...cause.details,
      ...otherCauses.map(other => `Also: ${other.found}; fix: ${other.remedy}`),
    ],
    ...loweredIfKnown(facts, subjects),
    ...foldIntoMove(facts, subjects),
    ...(cause.partOf !== undefined && otherCauses.length === 0 && { partOf: cause.partOf }),
  }
}
