import { ownValue } from '../../atlas/text/own-value.js'
import { exemptionFor } from './exemption.js'
import type { Facts } from '../facts/facts.js'
import type { Severity } from '../facts/finding.js'
import { namespaceEnforcement } from './namespace-enforcement.js'
import { restsOnOthers, type WrittenKind } from './foreign-evidence.js'
import { isOverridable, parseOverrides } from './override.js'
import type { Enforcement, Settings } from '../settings/settings.js'
import { isYounger } from '../settings/version-order.js'
import { milder, severityOf, type IntroducedFinding } from './verdict.js'

export interface EnforcementInput {
  /** The facts after the write. Their AtlasMigration is the object that the findings are about. */
  readonly facts: Facts
  readonly findings: readonly IntroducedFinding[]
  readonly settings: Settings
  /** The kind of the written object; null when nothing is written, as in an audit. */
  readonly written: WrittenKind | null
  readonly dryRun: boolean
  /** The time, by which exemptions end. */
  readonly now: Date
}

/** Why a finding leads to less than its rule's severity. */
export type LoweringCause =
  'exempted' | 'overridden' | 'not-introduced' | 'dry-run' | 'mode' | 'new-rule'

/** The AtlasMigration that a finding is about. */
export interface ObjectReference {
  readonly kind: 'AtlasMigration'
  readonly namespace: string
  readonly name: string
}

/** A finding, and the action that it leads to. */
export interface JudgedFinding extends IntroducedFinding {
  readonly object: ObjectReference
  /** The severity that the policy gives the rule, before anything lowers it. */
  readonly severity: Severity
  readonly action: Severity
  /** What lowered the severity; null when `action` is `severity`. */
  readonly cause: LoweringCause | null
  /** The cause in words, such as `exempted by policy: legacy`; empty without a cause. */
  readonly reason: string
}

/**
 * Decides what every finding leads to: deny, warn or audit. Findings of rules that the policy turns
 * off are left out. An exemption or override lowers deny to warn and not further, so that every use
 * of one is seen.
 */
export function enforce(input: EnforcementInput): readonly JudgedFinding[] {
  const object = objectOf(input.facts)
  const enforcement = namespaceEnforcement(input.settings, object.namespace)
  const judged = input.findings.flatMap((found): readonly JudgedFinding[] => {
    const setting = ownValue(enforcement.rules, found.rule.id)
    if (setting === 'off') return []
    const severity = severityOf({
      ...found,
      rule: { ...found.rule, severity: setting ?? found.rule.severity },
    })
    const lowered = lower(severity, lowerings(found, { ...input, enforcement, object }))
    return [{ ...found, object, severity, ...lowered }]
  })
  return judged.filter(found => !isSaidByCause(found, judged))
}

/** Whether the finding of the rule that names the cause leads to as much, so that it says it all. */
function isSaidByCause(
  { finding: { partOf }, action }: JudgedFinding,
  judged: readonly JudgedFinding[],
): boolean {
  const cause = judged.find(({ rule }) => rule.id === partOf)
  return cause !== undefined && milder(cause.action, action) === action
}

function objectOf({ migration: { metadata } }: Facts): ObjectReference {
  return {
    kind: 'AtlasMigration',
    namespace: metadata.namespace ?? 'default',
    name: metadata.name ?? `${metadata.generateName ?? ''}...`,
  }
}

interface Lowering {
  readonly to: Severity
  readonly cause: LoweringCause
  readonly reason: string
}

type Circumstances = EnforcementInput & {
  readonly enforcement: Enforcement
  readonly object: ObjectReference
}

/**
 * Applies the lowerings one after the other. The first that reaches the final action is the cause.
 */
function lower(
  severity: Severity,
  lowerings: readonly Lowering[],
): Pick<JudgedFinding, 'action' | 'cause' | 'reason'> {
  return lowerings.reduce<Pick<JudgedFinding, 'action' | 'cause' | 'reason'>>(
    (current, { to, cause, reason }) =>
      milder(to, current.action) === current.action ? current : { action: to, cause, reason },
    { action: severity, cause: null, reason: '' },
  )
}

function lowerings(found: IntroducedFinding, at: Circumstances): readonly Lowering[] {
  return [
    ...exempted(found, at),
    ...overridden(found, at),
    ...(found.introduced ? [] : [notIntroduced]),
    ...(at.dryRun && at.enforcement.dryRun === 'warn' && restsOnOthers(found.rule.evidence, at)
      ? [staleOnDryRun]
      : []),
    ...byMode[at.enforcement.mode],
    // Last, because its reason says that nothing else keeps the finding from denying.
    ...heldBack(found, at),
  ]
}

/** A rule, or a part of one, that came after the version which the policy was written for. */
function heldBack({ rule, finding }: IntroducedFinding, at: Circumstances): readonly Lowering[] {
  const { enforcement, settings } = at
  // A rule that the policy names is none that it does not know yet.
  if (enforcement.newRules !== 'warn' || Object.hasOwn(enforcement.rules, rule.id)) return []
  const since = finding.since ?? rule.since
  if (!isYounger(since, settings.since)) return []
  const reason = `new in ${since}: would be denied without newRules: warn`
  return [{ to: 'warn', cause: 'new-rule', reason }]
}

const notIntroduced: Lowering = {
  to: 'warn',
  cause: 'not-introduced',
  reason: 'was so before this write',
}

const staleOnDryRun: Lowering = {
  to: 'warn',
  cause: 'dry-run',
  reason: 'dry run: objects that this depends on may change in the same delivery',
}

const byMode: Readonly<Record<Enforcement['mode'], readonly Lowering[]>> = {
  enforce: [],
  warn: [{ to: 'warn', cause: 'mode', reason: 'the policy only warns here' }],
  audit: [{ to: 'audit', cause: 'mode', reason: 'the policy only audits here' }],
}

function exempted({ rule }: IntroducedFinding, at: Circumstances): readonly Lowering[] {
  const exemption = exemptionFor(at.settings, { ...at.object, rule: rule.id }, at.now)
  if (exemption === null) return []
  const until = exemption.until === undefined ? '' : ` until ${exemption.until}`
  return [
    { to: 'warn', cause: 'exempted', reason: `exempted by policy${until}: ${exemption.reason}` },
  ]
}

function overridden({ rule }: IntroducedFinding, at: Circumstances): readonly Lowering[] {
  if (!isOverridable(at.settings, rule.id)) return []
  const override = parseOverrides(at.facts.migration).overrides.find(
    entry => entry.rule === rule.id,
  )
  if (override === undefined) return []
  return [{ to: 'warn', cause: 'overridden', reason: `allowed by annotation: ${override.reason}` }]
}
