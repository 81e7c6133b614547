import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { resolvedTarget, tableSubject } from '../history/target-change.js'

export const baselineRequired: Rule = {
  id: 'baseline-required',
  title: 'The database is not clean, has no revisions table, and the spec has no baseline.',
  why: 'The first reconcile fails and leaves an empty revisions table behind. From then on the operator fails at "migrate status", which takes no baseline: setting one later does not help.',
  severity: 'deny',
  evidence: 'database',
  order: 4100,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const first = plannedHistory(facts)?.prediction.first
  const target = resolvedTarget(facts)
  if (first?.action !== 'apply' || first.error?.type !== 'NotCleanError' || !target) return null
  return {
    found: 'the database is not empty, and has neither revisions table nor spec.baseline',
    expected: 'a baseline from the first reconcile on',
    remedy: 'set spec.baseline to the version that it is at',
    field: 'spec.baseline',
    subjects: [tableSubject(facts, target)],
    details: [
      `Atlas would say: ${first.error.message}`,
      'If the database was moved, restore its revisions table with it instead',
      'The failed first reconcile would leave an empty revisions table, which a later baseline does not repair',
    ],
  }
}
