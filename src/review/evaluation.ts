import { enforce, type JudgedFinding } from '../policy/enforcement.js'
import type { Facts } from '../policy/facts.js'
import type { Rule } from '../policy/finding.js'
import type { WrittenKind } from '../policy/foreign-evidence.js'
import { overrideNotices } from '../policy/override-notice.js'
import type { Settings } from '../policy/settings.js'
import { evaluateRules, introduced } from '../policy/verdict.js'
import { type ClusterView, withWrite } from './cluster-view.js'
import { gatherFacts } from './facts-gathering.js'
import type { Affected, Side } from './subject.js'
import type { TableReads } from './table-reads.js'
import type { TargetIndex } from './target-index.js'
import { uncheckedParts, undecidedReasons } from './undecided.js'

/** What is the same for every AtlasMigration of one review. */
export interface EvaluationContext {
  readonly view: ClusterView
  readonly tables: TableReads
  readonly targets: TargetIndex
  readonly rules: readonly Rule[]
  readonly settings: Settings
  /** null when nothing is written, as in an audit. */
  readonly written: WrittenKind | null
  readonly dryRun: boolean
  readonly now: Date
}

/** The verdict on one AtlasMigration. */
export interface Evaluation {
  readonly affected: Affected
  readonly judged: readonly JudgedFinding[]
  /** Remarks on the override annotation. */
  readonly notices: readonly string[]
  /** Why the verdict is incomplete; empty when it is not. */
  readonly undecided: readonly string[]
  /** Parts that this version does not check. */
  readonly unchecked: readonly string[]
}

/** The verdict on one AtlasMigration. */
export async function evaluate(
  affected: Affected,
  context: EvaluationContext,
): Promise<Evaluation> {
  return conclude(affected, await judge(affected, context), context)
}

/** Adds what the findings do not say: how far they can be relied on. */
export function conclude(
  affected: Affected,
  { facts, judged, notices }: Judgement,
  { targets }: EvaluationContext,
): Evaluation {
  return {
    affected,
    judged,
    notices,
    undecided: undecidedReasons(facts),
    unchecked: [...uncheckedParts(facts), ...unknownOthers(targets)],
  }
}

/** Findings with what they rest on. */
export interface Judgement extends Pick<Evaluation, 'judged' | 'notices'> {
  readonly facts: Facts
}

/** Judges the AtlasMigration as it was and as it would be, on the same rows, and lets policy weigh the difference. */
export async function judge(affected: Affected, context: EvaluationContext): Promise<Judgement> {
  const [before, after] = await gatherSides(affected, context)
  const facts: Facts = { ...after, before }
  const found = {
    before: before && evaluateRules(before, context.rules),
    after: evaluateRules(facts, context.rules),
  }
  const { settings, written, dryRun, now } = context
  const findings = introduced(found.before, found.after)
  const input = { facts, findings, settings, written, dryRun, now }
  const judged = enforce(input)
  return { facts, judged, notices: overrideNotices(input, judged) }
}

function unknownOthers(targets: TargetIndex): readonly string[] {
  const count = targets.unknown()
  return count === 0 ? [] : [`other users of the table (${count} AtlasMigrations not read yet)`]
}

type SideFacts = Omit<Facts, 'before'>

async function gatherSides(
  affected: Affected,
  context: EvaluationContext,
): Promise<readonly [Facts | null, SideFacts]> {
  if (affected.unchanged) {
    const facts = await gatherSide(affected.after, context)
    return [{ ...facts, before: null }, facts]
  }
  const { before } = affected
  const [old, after] = await Promise.all([
    before && gatherSide(before, context),
    gatherSide(affected.after, context),
  ])
  return [old && { ...old, before: null }, after]
}

function gatherSide(side: Side, { view, tables, targets }: EvaluationContext): Promise<SideFacts> {
  return gatherFacts(side.migration, { view: withWrite(view, side.write), tables, targets })
}
