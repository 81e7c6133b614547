import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { emptyBaselineText, ownSchemaText } from '../history/first-run-advice.js'
import { plannedHistory } from '../history/live-history.js'
import { neighbourNames } from '../history/neighbour-names.js'
import { resolvedTarget } from '../history/target-change.js'

export const firstRunCollides: Rule = {
  id: 'first-run-collides',
  title: 'Two AtlasMigrations start in one empty database, and the second one would fail.',
  why: 'A table of its own for each keeps the rows apart, not the check before a first run: whichever runs second finds the schema of the other, stops, and leaves an empty revisions table that no baseline repairs.',
  severity: 'warn',
  evidence: 'database',
  order: 4105,
  since: '0.2.0',
  evaluate,
}

/** A URL that names a schema, or a baseline, leaves out what others have in the database. */
function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  const others = neighbourNames(facts)
  if (!history || others.length === 0 || !startsUnbound(facts)) return null
  const { action, error } = history.prediction.first
  if (history.rows.length > 0 || history.notClean !== null || action !== 'apply' || error)
    return null
  return {
    found: `${listNames(others)} ${others.length === 1 ? 'starts' : 'start'} in this empty database too: whichever runs second finds it not clean, and fails`,
    expected: 'a schema of its own for each, or a baseline that skips nothing',
    remedy: ownSchemaText(facts),
    field: 'spec.url',
    subjects: others,
    details: [
      `Or, where their files make no table of one name: ${emptyBaselineText(facts)}`,
      'Each needs one of these ways before its first reconcile: what one makes keeps another from starting, and a failed start leaves an empty revisions table',
    ],
  }
}

function startsUnbound(facts: Facts): boolean {
  const target = resolvedTarget(facts)
  return target?.boundSchema === null && !facts.migration.spec.baseline
}
