import { listNames } from '../../atlas/text/name-list.js'
import { foldIntoPlace } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { firstRun } from '../history/first-run.js'
import { emptyBaselineText, firstRunAdvice } from '../history/first-run-advice.js'
import { neighbourDetails } from '../history/neighbour-names.js'
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
  const { details, ...texts } = textsFor(facts)
  return {
    ...texts,
    field: 'spec.baseline',
    subjects: [tableSubject(facts, target)],
    details: [
      `Atlas would say: ${first.error.message}`,
      ...details,
      'The failed first reconcile would leave an empty revisions table, which a later baseline does not repair',
    ],
    ...foldIntoPlace(facts),
  }
}

type Texts = Pick<Finding, 'found' | 'expected' | 'remedy'> & {
  readonly details: readonly string[]
}

function textsFor(facts: Facts): Texts {
  const run = firstRun(facts)
  if (run?.holds === 'nothing') {
    const { inTheWay } = run
    const advice = firstRunAdvice(facts, run)
    const schemas = `schema${inTheWay.length === 1 ? '' : 's'} ${listNames(inTheWay)}`
    return {
      found: `nothing of these files is in the database, but ${schemas} ${inTheWay.length === 1 ? 'is' : 'are'}: the first reconcile would fail`,
      expected: 'a database or schema that is empty, or a baseline that skips nothing',
      remedy: advice.remedy,
      details: [...advice.details, ...neighbourDetails(facts)],
    }
  }
  return {
    found: 'the database is not empty, and has neither revisions table nor spec.baseline',
    expected: 'a baseline from the first reconcile on',
    remedy: 'set spec.baseline to the version that it is at',
    details: [
      'If the database was moved, restore its revisions table with it instead',
      ...(run?.holds === 'something'
        ? []
        : [`If nothing of these files ever ran there: ${emptyBaselineText(facts)}`]),
    ],
  }
}
