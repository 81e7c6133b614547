import { configNotices } from '../../policy/config-notice.js'
import { enforce, type JudgedFinding } from '../../policy/enforcement/enforcement.js'
import { type Outlook, outlookOf } from '../../policy/explain/outlook.js'
import type { Facts } from '../../policy/facts/facts.js'
import type { Rule } from '../../policy/facts/finding.js'
import type { WrittenKind } from '../../policy/enforcement/foreign-evidence.js'
import { outsideOperator, secretWakesNobody } from '../../policy/enforcement/operator-scope.js'
import { overrideNotices } from '../../policy/enforcement/override-notice.js'
import type { Settings } from '../../policy/settings/settings.js'
import { introduced } from '../../policy/enforcement/verdict.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { type ClusterView, withWrite } from '../facts/cluster-view.js'
import { type FactSources, gatherFacts } from '../facts/facts-gathering.js'
import { isMoveRefuted, type MovedSide } from '../facts/refuted-move.js'
import { type FaultListener, faultReason } from '../ports/fault.js'
import type { KnownDatabases } from '../facts/known-databases.js'
import { PartReads } from '../facts/part-reads.js'
import type { SharingSources } from '../facts/sharing.js'
import { isLeft, newTargetOf, oldDatabaseReads } from './old-database.js'
import type { Affected, Side } from './subject.js'
import type { TableReads, TableUse } from '../facts/table-reads.js'
import type { TargetIndex } from '../facts/target-index.js'
import { evaluateInTurns, type Turns } from './turns.js'
import { uncheckedParts, undecidedReasons } from './undecided.js'

/** What is the same for every AtlasMigration of one review. */
export interface EvaluationContext {
  readonly view: ClusterView
  readonly tables: TableReads
  readonly targets: TargetIndex
  readonly rules: readonly Rule[]
  readonly settings: Settings
  /** The kind of the written object; null when nothing is written, as in an audit. */
  readonly written: WrittenKind | null
  readonly dryRun: boolean
  readonly now: Date
  /** Resolves when the deadline passes. */
  readonly passed: Promise<null>
  readonly onFault: FaultListener
  /** Who may use the thread; shared by all reviews of the process. */
  readonly turns: Turns
  readonly known: KnownDatabases
  /** Time to wait for other databases, for the whole review together. */
  readonly patience: SharingSources['patience']
}

/** The verdict on one AtlasMigration. */
export interface Evaluation {
  readonly affected: Affected
  readonly judged: readonly JudgedFinding[]
  /**
   * Remarks that are no findings, for example on the override annotation, or on what a custom
   * atlas.hcl leaves unchecked.
   */
  readonly notices: readonly string[]
  /** Why the verdict is incomplete; empty when it is not. */
  readonly undecided: readonly string[]
  /** What this version of the program does not check. */
  readonly unchecked: readonly string[]
  /** The files that the operator would run now; null for none, and where that is not known. */
  readonly outlook: Outlook | null
}

/** Reads the facts about one AtlasMigration and judges it. */
export type Evaluate = (affected: Affected, context: EvaluationContext) => Promise<Evaluation>

/** The verdict on one AtlasMigration. */
export async function evaluate(
  affected: Affected,
  context: EvaluationContext,
): Promise<Evaluation> {
  return (
    unreconciled(affected, context.settings) ??
    conclude(affected, await judge(affected, context), context)
  )
}

/** The verdict on an object that the operator never looks at; null for all others. */
export function unreconciled(affected: Affected, { operator }: Settings): Evaluation | null {
  const reason = outsideOperator(operator, affected.after.migration.metadata)
  if (reason === null) return null
  return { affected, judged: [], notices: [reason], undecided: [], unchecked: [], outlook: null }
}

/** Completes a judgement with what the findings do not say: how far they can be relied on. */
export function conclude(
  affected: Affected,
  { facts, judged, notices, parts }: Judgement,
  { targets }: EvaluationContext,
): Evaluation {
  return {
    affected,
    judged,
    notices,
    undecided: openQuestions(facts, parts),
    unchecked: [...uncheckedParts(facts), ...parts.unchecked(), ...unknownOthers(targets)],
    outlook: outlookOf(facts),
  }
}

/**
 * The reasons why the verdict is incomplete, each once: a fact that could not be read often names
 * the reason itself.
 */
export function openQuestions(facts: Facts, parts: PartReads): readonly string[] {
  const reasons = undecidedReasons(facts)
  const more = parts.undecided().filter(note => !reasons.some(reason => reason.includes(note)))
  return [...reasons, ...more]
}

/** Findings with the facts they rest on. */
export interface Judgement extends Pick<Evaluation, 'judged' | 'notices'> {
  readonly facts: Facts
  /** Tells which of the facts could not be read. */
  readonly parts: PartReads
}

/**
 * Judges the AtlasMigration before and after the write, by the same rows of its database. The
 * policy then weighs which findings the write introduces.
 */
export async function judge(affected: Affected, context: EvaluationContext): Promise<Judgement> {
  const use = context.tables.use(namespaceOf(affected.after))
  try {
    return await judgeWith(use, affected, context)
  } finally {
    use.end()
  }
}

async function judgeWith(
  use: TableUse,
  affected: Affected,
  context: EvaluationContext,
): Promise<Judgement> {
  const { settings, written, dryRun, now, rules } = context
  const name = migrationName(affected.after.migration)
  const parts = new PartReads(name, context.passed, context.onFault)
  const oldParts = new PartReads(name, context.passed, context.onFault)
  const oldUse = oldDatabaseReads(use, newTargetOf(affected, context))
  const [before, after] = await gatherSides(affected, {
    before: side => gatherSide(side, context, { parts: oldParts, use: oldUse }),
    after: side => gatherSide(side, context, { parts, use }),
  })
  // What a database that the write moves away from does not tell leaves nothing of the new one open.
  if (!isLeft(before, after)) parts.add(oldParts)
  const refuted = before && (await isMoveRefutedBy(affected, { before, after }, { context, parts }))
  const facts: Facts = { ...after, before, ...(refuted && { isMoveRefuted: true }) }
  const onThrow = (rule: Rule, error: unknown) => {
    parts.report('rule', rule.id, error)
    parts.leaveUndecided(`rule ${rule.id}: ${faultReason}`)
  }
  const options = { rules, onThrow, turn: turnOf(affected.after, context) }
  const found = {
    before: before && (await evaluateInTurns(before, options)),
    after: await evaluateInTurns(facts, options),
  }
  // A rule that threw over the old object must not let what it finds in the new one pass, nor deny one of no change.
  const findings = affected.unchanged
    ? found.after.map(old => ({ ...old, introduced: false }))
    : introduced(found.before, found.after)
  const input = { facts, findings, settings, written, dryRun, now }
  const judged = enforce(input)
  return {
    facts,
    judged,
    notices: [
      ...overrideNotices(input, judged),
      ...configNotices(facts),
      ...(written === 'Secret' && !settings.operator.watchSecrets ? [secretWakesNobody] : []),
    ],
    parts,
  }
}

/** Asked once, of databases that the write itself names. Without an answer the move counts as one. */
function isMoveRefutedBy(
  { before, after }: Affected,
  facts: { readonly before: Facts; readonly after: SideFacts },
  { context, parts }: { readonly context: EvaluationContext; readonly parts: PartReads },
): Promise<boolean> {
  const { tables, patience } = context
  const movedSide = ({ migration, write }: Side, known: MovedSide['facts']) => ({
    migration,
    view: withWrite(context.view, write),
    facts: known,
  })
  const sides = [movedSide(before ?? after, facts.before), movedSide(after, facts.after)] as const
  return parts.read({
    name: 'whether the database is the one before',
    read: () => isMoveRefuted(sides, { tables, patience: patience.within }),
    fallback: () => false,
    unchecked: { part: 'sharing', note: 'whether the database is the one before' },
  })
}

function unknownOthers(targets: TargetIndex): readonly string[] {
  const count = targets.unknown()
  return count === 0 ? [] : [`other users of the table (${count} AtlasMigrations not read yet)`]
}

function turnOf(side: Side, { turns }: EvaluationContext): () => Promise<void> {
  return () => turns.next(namespaceOf(side))
}

function namespaceOf({ migration }: Side): string {
  return migration.metadata.namespace ?? ''
}

type SideFacts = Omit<Facts, 'before'>

type Gather = (side: Side) => Promise<SideFacts>

async function gatherSides(
  affected: Affected,
  gather: { readonly before: Gather; readonly after: Gather },
): Promise<readonly [Facts | null, SideFacts]> {
  if (affected.unchanged) {
    const facts = await gather.after(affected.after)
    return [{ ...facts, before: null }, facts]
  }
  const { before } = affected
  const [old, after] = await Promise.all([
    before && gather.before(before),
    gather.after(affected.after),
  ])
  return [old && { ...old, before: null }, after]
}

function gatherSide(
  side: Side,
  context: EvaluationContext,
  { parts, use }: Pick<FactSources, 'parts' | 'use'>,
): Promise<SideFacts> {
  const { tables, targets, known, patience } = context
  const { operator } = context.settings
  const view = withWrite(context.view, side.write)
  const turn = turnOf(side, context)
  const sources = { view, tables, targets, known, patience, operator, parts, turn, use }
  return gatherFacts(side.migration, sources)
}
