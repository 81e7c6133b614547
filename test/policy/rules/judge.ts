import t from 'tap'
import type { Finding, Rule, Severity } from '../../../src/policy/facts/finding.js'
import { buildFacts } from '../facts/facts-builder.js'
import type { Situation } from '../facts/facts-builder.js'

/** null: the rule has nothing to say. */
export type Expected = null | {
  readonly severity: Severity
  readonly subjects: readonly string[]
  /** Matched against all text of the finding. */
  readonly says?: RegExp
  /** Must not match any of it. */
  readonly neverSays?: RegExp
}

export type Case = [name: string, situation: Situation, expected: Expected]

export function textOf({ found, expected, remedy, details = [] }: Finding): string {
  return [found, expected, remedy, ...details].join('\n')
}

/** Runs a table of cases against one rule. */
export function judge(rule: Rule, cases: readonly Case[]): void {
  void t.test(rule.id, t => {
    for (const [name, situation, expected] of cases) {
      const finding = rule.evaluate(buildFacts(situation))
      if (!expected || !finding) {
        t.equal(finding, expected, name)
        continue
      }
      t.equal(finding.severity ?? rule.severity, expected.severity, `${name}: severity`)
      t.same(finding.subjects, expected.subjects, `${name}: subjects`)
      t.match(textOf(finding), expected.says ?? /./, `${name}: text`)
      if (expected.neverSays) t.notMatch(textOf(finding), expected.neverSays, `${name}: text`)
      t.ok(finding.found.length + finding.remedy.length < 220, `${name}: fits a line`)
    }
    t.end()
  })
}
