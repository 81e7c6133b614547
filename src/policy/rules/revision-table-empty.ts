import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
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
  return {
    found: 'the revisions table is empty, the database is not: the operator would fail',
    expected: 'no revisions table, or one with the rows of this database',
    remedy: `drop the empty table ${target.revisionsSchema}.${revisionsTable} and set spec.baseline`,
    field: 'spec.baseline',
    subjects: [tableSubject(facts, target)],
    details: [
      `Atlas would say: ${first.error.message}`,
      'A baseline alone does not help: "migrate status" comes first and takes none',
      'Or run "atlas migrate apply --baseline <version>" once by hand',
    ],
  }
}
