import type { EngineErrorType } from '../../atlas/directory/engine-error.js'
import type { Facts } from '../facts/facts.js'
import type { Evidence, Rule } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { predictedDown, type PredictedDown } from '../history/predicted-down.js'
import {
  explainUnmatchedRows,
  type UnmatchedCause,
  type UnmatchedKind,
} from '../history/unmatched-rows.js'
import { evaluateRules, type RuleFinding } from '../enforcement/verdict.js'

/** What is known of one AtlasMigration. It is collected once and used for every cause. */
export interface Situation {
  readonly facts: Facts
  /** All findings by rule id, whatever the policy makes of them. */
  readonly findings: ReadonlyMap<string, RuleFinding>
  readonly evidence: ReadonlyMap<string, Evidence>
  readonly down: PredictedDown | null
  /** Why the operator tries to undo migrations, now or at the next reconcile; the first weighs most. */
  readonly downCauses: readonly UnmatchedCause[]
}

export function situationOf(facts: Facts, rules: readonly Rule[]): Situation {
  const findings = new Map(evaluateRules(facts, rules).map(found => [found.rule.id, found]))
  const evidence = new Map(rules.map(rule => [rule.id, rule.evidence]))
  const down = predictedDown(facts)
  const downCauses = down ? [down.cause, ...down.otherCauses] : nextDownCauses(facts)
  return { facts, findings, evidence, down, downCauses }
}

/** The causes where a file that runs first, or one that never ran, hides the lack of files once. */
function nextDownCauses(facts: Facts): readonly UnmatchedCause[] {
  const history = plannedHistory(facts)
  if (history?.prediction.next?.action !== 'down') return []
  return explainUnmatchedRows(facts, history)
}

/** Whether a cause is the one here, is ruled out, or is possible. */
export type Seen =
  | {
      readonly state: 'this'
      readonly because: string
      readonly remedy: string
      /** Id of the rule that found it; null for none. */
      readonly rule: string | null
    }
  | { readonly state: 'ruled-out' }
  /** Not enough is known to tell. */
  | { readonly state: 'possible' }

/** One possible cause of a sentence that the operator or Atlas wrote. */
export interface SentenceCause {
  /** What happened, as a sentence without a full stop. */
  readonly text: string
  readonly look: (situation: Situation) => Seen
}

const ruledOut: Seen = { state: 'ruled-out' }
const possible: Seen = { state: 'possible' }

/** A cause that nothing here can show. */
export const perhaps: SentenceCause['look'] = () => possible

/** A cause that a rule finds. `where` picks one of several causes that the rule knows. */
export function found(
  rule: string,
  where: (situation: Situation) => boolean = () => true,
): SentenceCause['look'] {
  return situation => {
    const entry = situation.findings.get(rule)
    if (where(situation) && entry) return thisFinding(entry)
    const evidence = situation.evidence.get(rule)
    return evidence !== undefined && knows(situation, evidence) ? ruledOut : possible
  }
}

function thisFinding({ rule, finding }: RuleFinding): Seen {
  return { state: 'this', because: finding.found, remedy: finding.remedy, rule: rule.id }
}

/** A cause for which the operator tries to undo migrations. */
export function down(kind: UnmatchedKind): SentenceCause['look'] {
  return situation => {
    const cause = situation.downCauses.find(cause => cause.kind === kind)
    if (!cause) {
      // Where nothing tells the origin of a row, its file may have been removed as well.
      const isOpen = kind === 'removed' && hasUnknown(situation)
      return knows(situation, 'database') && !isOpen ? ruledOut : possible
    }
    const { found: because, remedy } = cause
    return { state: 'this', because, remedy, rule: downRule(situation) }
  }
}

/** Files with a new version: they stop the operator at once, or run first and stop it then. */
export const moved: SentenceCause['look'] = situation => {
  const seen = down('repeated')(situation)
  return seen.state === 'this' ? seen : found('file-runs-again')(situation)
}

function hasUnknown({ downCauses }: Situation): boolean {
  return downCauses.some(({ kind }) => kind === 'unknown')
}

/** The rule that finds it: the two first ones look at the reconcile at hand alone. */
function downRule({ down, findings }: Situation): string | null {
  const rules = [
    down?.allowed ? 'migrate-down-unsafe' : 'migrate-down-predicted',
    'applied-file-missing',
    'file-runs-again',
  ]
  return rules.find(rule => findings.has(rule)) ?? null
}

export interface FactLook {
  /** Whether the cause holds; null when that is not known. */
  readonly holds: (facts: Facts) => boolean | null
  readonly because: string
  readonly remedy: string
}

/** A cause that no rule finds. */
export function fact({ holds, because, remedy }: FactLook): SentenceCause['look'] {
  return ({ facts }) => {
    const answer = holds(facts)
    if (answer === null) return possible
    return answer ? { state: 'this', because, remedy, rule: null } : ruledOut
  }
}

/** Whether the first predicted reconcile stops with an error of one of these types. */
export function failsWith(...types: readonly EngineErrorType[]) {
  return ({ facts: { prediction } }: Situation): boolean =>
    [prediction?.first.error, prediction?.first.apply?.error].some(
      error => error && types.includes(error.type),
    )
}

/**
 * Whether a rule that finds nothing rules its causes out. Without the rows, or where the operator
 * stops before it reads them, it does not.
 */
function knows({ facts }: Situation, evidence: Evidence): boolean {
  if (evidence === 'database') return plannedHistory(facts) !== null
  return evidence === 'content' ? facts.directory.kind === 'read' : true
}
