import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { liveHistory } from '../history/live-history.js'

export const baselineUnknown: Rule = {
  id: 'baseline-unknown',
  title: 'spec.baseline is not the version of a file in the directory.',
  why: 'On a first run Atlas stops with "baseline version not found". Once there are rows the baseline is ignored.',
  severity: 'deny',
  evidence: 'database',
  order: 4120,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = liveHistory(facts)
  const { baseline = '' } = facts.migration.spec
  if (!history || baseline === '' || history.files.length === 0) return null
  // Atlas accepts no checkpoint as a baseline (v1.2.3).
  const known = history.files.filter(file => !file.checkpoint)
  if (known.some(file => file.version === baseline)) return null
  const isFirstRun = history.rows.length === 0
  return {
    found: `baseline ${baseline} is no version in the directory${isFirstRun ? '' : ', and is ignored since there are rows'}`,
    expected: 'the version of a migration file that is no checkpoint',
    remedy: isFirstRun ? 'set spec.baseline to the version of a file' : 'remove spec.baseline',
    field: 'spec.baseline',
    subjects: [baseline],
    details: isFirstRun ? [`Atlas would say: baseline version "${baseline}" not found`] : [],
    ...(!isFirstRun && { severity: 'warn' as const }),
  }
}
