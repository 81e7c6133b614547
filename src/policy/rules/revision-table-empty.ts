import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { firstRun } from '../history/first-run.js'
import { firstRunAdvice } from '../history/first-run-advice.js'
import { plannedHistory } from '../history/live-history.js'
import { resolvedTarget, tableSubject } from '../history/target-change.js'
import { revisionsTable } from '../../atlas/engine/revision.js'

export const revisionTableEmpty: Rule = {
  id: 'revision-table-empty',
  title: 'The revisions table exists without a row, and the database is not clean.',
  why: 'The operator asks "migrate status" first, which takes no baseline and fails. Only without the empty table is the baseline looked at.',
  severity: 'deny',
  evidence: 'database',
  order: 4110,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const first = plannedHistory(facts)?.prediction.first
  const target = resolvedTarget(facts)
  const isRefused = first?.action === 'error-status' && first.error?.type === 'NotCleanError'
  if (!first?.error || !isRefused || !target) return null
  const { remedy, details } = wayOut(facts, `${target.revisionsSchema}.${revisionsTable}`)
  return {
    found: 'the revisions table is empty, the database is not: the operator would fail',
    expected: 'no revisions table, or one with the rows of this database',
    remedy,
    field: 'spec.baseline',
    subjects: [tableSubject(facts, target)],
    details: [
      `Atlas would say: ${first.error.message}`,
      'A baseline alone does not help: "migrate status" comes first and takes none',
      ...details,
    ],
  }
}

/** A baseline helps only where something of the files is there. Else it would skip what never ran. */
function wayOut(facts: Facts, table: string): Pick<Required<Finding>, 'remedy' | 'details'> {
  const run = firstRun(facts)
  if (run?.holds !== 'nothing')
    return {
      remedy: `drop the empty table ${table} and set spec.baseline`,
      details: ['Or run "atlas migrate apply --baseline <version>" once by hand'],
    }
  const advice = firstRunAdvice(facts, run)
  return {
    remedy: `drop the empty table ${table}, then start without skipping a file`,
    details: [
      `Nothing of these files is in the database. To start: ${advice.remedy}`,
      ...advice.details,
    ],
  }
}
