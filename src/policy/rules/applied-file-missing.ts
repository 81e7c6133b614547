import { isPartial, RevisionType } from '../../atlas/engine/revision.js'
import type { Revision } from '../../atlas/engine/revision.js'
import { foldIntoMove } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'
import { loweredIfKnown } from '../history/known-trouble.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory } from '../history/live-history.js'
import { isDownAllowed } from '../history/predicted-down.js'
import { repeatsToRun } from '../history/repeated-files.js'
import { explainUnmatchedRows, squashFinder } from '../history/unmatched-rows.js'

export const appliedFileMissing: Rule = {
  id: 'applied-file-missing',
  title: 'A row of the revisions table has no file, although the operator does not go down yet.',
  why: 'The operator only counts: new or never-run files hide the gap for a while. It reports Ready, and migrates down at a later reconcile.',
  severity: 'deny',
  evidence: 'database',
  order: 4060,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (!history || history.prediction.first.action === 'down') return null
  const told = new Set(repeatsToRun(facts).flatMap(({ rows }) => rows))
  const unmatched = history.unmatched.filter(row => !isStuckRow(row, history) && !told.has(row))
  const [cause, ...others] = explainUnmatchedRows(facts, { ...history, unmatched })
  if (!cause) return null
  const subjects = unmatched.map(row => row.version)
  return {
    found: `${cause.found}; ${consequence(history)}`,
    expected: 'one file for each row of the revisions table',
    remedy: cause.remedy,
    field: 'spec.dir',
    subjects,
    details: [
      ...(goesDownNext(history) && isDownAllowed(facts.migration.spec)
        ? ['spec.protectedFlows allows that migrate down: it would run on its own']
        : []),
      ...cause.details,
      ...others.map(other => `Also: ${other.found}; fix: ${other.remedy}`),
    ],
    ...(isHarmless(unmatched, history)
      ? { severity: 'warn' satisfies Severity }
      : loweredIfKnown(facts, subjects)),
    ...foldIntoMove(facts, subjects),
  }
}

/**
 * Whether the row is a partially applied last one. Without its file the operator stops, which the
 * rule revision-partial finds.
 */
function isStuckRow(row: Revision, { rows }: LiveHistory): boolean {
  return row === rows.at(-1) && isPartial(row)
}

function goesDownNext({ prediction }: LiveHistory): boolean {
  return prediction.next?.action === 'down'
}

function consequence(history: LiveHistory): string {
  if (goesDownNext(history)) return 'Ready now, down at the next reconcile'
  return history.prediction.next
    ? 'Ready only because the counts match'
    : 'new databases will differ'
}

/**
 * Whether the rows come from a squash, a baseline or `migrate set`, and neither this reconcile nor
 * the next one fails because of them.
 */
function isHarmless(unmatched: readonly Revision[], history: LiveHistory): boolean {
  const noExecution = RevisionType.baseline | RevisionType.resolved
  const isSquashed = squashFinder(history.files)
  return (
    !goesDownNext(history) &&
    unmatched.every(row => (row.type & noExecution) !== 0 || isSquashed(row))
  )
}
