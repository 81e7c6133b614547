import type { Facts } from '../facts/facts.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { repeatAdvice } from '../history/repeat-advice.js'
import { repeatsToRun } from '../history/repeated-files.js'

export const fileRunsAgain: Rule = {
  id: 'file-runs-again',
  title: 'A file holds what ran here under another version, and would run again.',
  why: 'Atlas knows a file by its version only. After "migrate rebase" or a squash the same statements have a new one: a table is created twice and the operator stops, or rows are inserted twice and nothing says so.',
  severity: 'deny',
  evidence: 'database',
  order: 4055,
  since: '0.2.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (!history || history.prediction.first.action === 'down') return null
  const repeats = repeatsToRun(facts)
  const gone = repeats.filter(({ isKept }) => !isKept)
  const [main, ...others] = [...gone, ...repeats.filter(({ isKept }) => isKept)]
  if (!main) return null
  const { found, remedy, details } = repeatAdvice(main, facts)
  // While the operator stops at a late file, nothing else runs either.
  const isStuck = history.prediction.first.error?.type === 'HistoryNonLinearError'
  const hasRow = history.rows.some(row => row.version === main.file.version)
  return {
    found: hasRow
      ? `${found}, and stands under a version that ran`
      : `${found}: it would run again`,
    expected: 'every text once, under the version under which it ran',
    remedy,
    field: 'spec.dir',
    subjects: repeats.map(({ file }) => file.name),
    details: [
      ...details,
      ...others.map(other => {
        const advice = repeatAdvice(other, facts)
        return `Also: ${advice.found}; fix: ${advice.remedy}`
      }),
    ],
    // The rule file-out-of-order denied a late file all along.
    ...(isStuck && { since: '0.1.0' }),
    ...(gone.every(({ isUnsure }) => isUnsure) &&
      !isStuck && { severity: 'warn' satisfies Severity }),
  }
}
