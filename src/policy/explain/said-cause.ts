import type { EngineErrorType } from '../../atlas/directory/engine-error.js'
import type { Facts } from '../facts/facts.js'
import type { Evidence, Rule } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { predictedDown, type PredictedDown } from '../history/predicted-down.js'
import type { UnmatchedKind } from '../history/unmatched-rows.js'
import { evaluateRules, type RuleFinding } from '../verdict.js'

/** What is known of one AtlasMigration, asked once for every cause. */
export interface Situation {
  readonly facts: Facts
  /** By rule id, whatever the policy makes of them. */
  readonly findings: ReadonlyMap<string, RuleFinding>
  readonly evidence: ReadonlyMap<string, Evidence>
  readonly down: PredictedDown | null
}

export function situationOf(facts: Facts, rules: readonly Rule[]): Situation {
  const findings = new Map(evaluateRules(facts, rules).map(found => [found.rule.id, found]))
  const evidence = new Map(rules.map(rule => [rule.id, rule.evidence]))
  return { facts, findings, evidence, down: predictedDown(facts) }
}

/** What the facts say about a cause. */
export type Seen =
  | {
      readonly state: 'this'
      readonly because: string
      readonly remedy: string
      /** Id of the rule that knows more; null for none. */
      readonly rule: string | null
    }
  | { readonly state: 'ruled-out' }
  /** Not enough is known here. */
  | { readonly state: 'possible' }

/** One cause that a sentence can have. */
export interface SentenceCause {
  /** What happened, as a sentence without a stop. */
  readonly text: string
  readonly look: (situation: Situation) => Seen
}

const ruledOut: Seen = { state: 'ruled-out' }
const possible: Seen = { state: 'possible' }

/** The rule finds it. `where` narrows it down where a rule knows several causes. */
export function found(
  rule: string,
  where: (situation: Situation) => boolean = () => true,
): SentenceCause['look'] {
  return situation => {
    const entry = situation.findings.get(rule)
    if (where(situation) && entry) return thisFinding(entry)
    return knows(situation, situation.evidence.get(rule) as Evidence) ? ruledOut : possible
  }
}

function thisFinding({ rule, finding }: RuleFinding): Seen {
  return { state: 'this', because: finding.found, remedy: finding.remedy, rule: rule.id }
}

/** The operator goes down, and this is why. */
export function down(kind: UnmatchedKind): SentenceCause['look'] {
  return situation => {
    const { down } = situation
    const cause = [down?.cause, ...(down?.otherCauses ?? [])].find(cause => cause?.kind === kind)
    if (!cause) return knows(situation, 'database') ? ruledOut : possible
    const { found: because, remedy } = cause
    const rule = down?.allowed ? 'migrate-down-unsafe' : 'migrate-down-predicted'
    return { state: 'this', because, remedy, rule }
  }
}

export interface FactLook {
  /** null: not known. */
  readonly holds: (facts: Facts) => boolean | null
  readonly because: string
  readonly remedy: string
}

/** Something that no rule is about. */
export function fact({ holds, because, remedy }: FactLook): SentenceCause['look'] {
  return ({ facts }) => {
    const answer = holds(facts)
    if (answer === null) return possible
    return answer ? { state: 'this', because, remedy, rule: null } : ruledOut
  }
}

/** The first reconcile that is predicted stops with such an error. */
export function failsWith(...types: readonly EngineErrorType[]) {
  return ({ facts: { prediction } }: Situation): boolean =>
    [prediction?.first.error, prediction?.first.apply?.error].some(
      error => error && types.includes(error.type),
    )
}

/** Without the rows, or where the operator does not come to them, a rule that is silent has not looked. */
function knows({ facts }: Situation, evidence: Evidence): boolean {
  if (evidence === 'database') return plannedHistory(facts) !== null
  return evidence === 'content' ? facts.directory.kind === 'read' : true
}
