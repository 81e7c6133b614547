import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import type { Severity } from '../../policy/facts/finding.js'
import type { Verdict } from '../../review/ports/admission.js'
import type { Report, ReportedObject } from './report.js'

const ranks: Readonly<Record<Verdict, number>> = { fail: 0, error: 1, warn: 2, pass: 3, skip: 4 }

/** The objects of a report, those that need a person first. The order within a verdict stays. */
export function worstFirst({ objects }: Report): readonly ReportedObject[] {
  return objects.toSorted((a, b) => ranks[a.verdict] - ranks[b.verdict])
}

const actionRanks: Readonly<Record<Severity, number>> = { deny: 0, warn: 1, audit: 2 }

/** Findings by what they lead to. The order within an action stays, which is that of the rules. */
export function gravestFirst(judged: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return judged.toSorted((a, b) => actionRanks[a.action] - actionRanks[b.action])
}

/** Number of objects with each verdict. */
export function countVerdicts({ objects }: Report): Readonly<Record<Verdict, number>> {
  const counts = { fail: 0, error: 0, warn: 0, pass: 0, skip: 0 }
  for (const { verdict } of objects) counts[verdict]++
  return counts
}

/** The findings of an object that lead to an action. */
export function findingsWith({ findings }: ReportedObject, action: Severity) {
  return findings.filter(({ judged }) => judged.action === action)
}
