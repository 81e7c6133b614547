import type { Facts } from '../facts/facts.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'

/** A rule, and what it found. */
export interface RuleFinding {
  readonly rule: Rule
  readonly finding: Finding
}

export interface IntroducedFinding extends RuleFinding {
  /** Whether this write brought it about; false for a problem that existed before. */
  readonly introduced: boolean
}

const ranks: Readonly<Record<Severity, number>> = { audit: 0, warn: 1, deny: 2 }

/** The milder of two severities. */
export function milder(a: Severity, b: Severity): Severity {
  return ranks[a] <= ranks[b] ? a : b
}

/**
 * The severity of a finding before any policy. A finding may lower its rule's severity, never raise
 * it.
 */
export function severityOf({ rule, finding }: RuleFinding): Severity {
  return milder(rule.severity, finding.severity ?? rule.severity)
}

/** Told of a rule that threw, which no rule should. */
export type RuleFaultListener = (rule: Rule, error: unknown) => void

function rethrow(_rule: Rule, error: unknown): never {
  throw error
}

/**
 * Every finding of the rules, in the order of the rules. Pure, like the rules. A rule that throws
 * leaves the others as they are.
 */
export function evaluateRules(
  facts: Facts,
  rules: readonly Rule[],
  onThrow: RuleFaultListener = rethrow,
): readonly RuleFinding[] {
  return rules.flatMap(rule => {
    try {
      const finding = rule.evaluate(facts)
      return finding === null ? [] : [{ rule, finding }]
    } catch (error) {
      onThrow(rule, error)
      return []
    }
  })
}

/**
 * Marks the findings that the write introduces: before it, the rule found nothing, or nothing about
 * one of the same subjects, or something milder (an out-of-order file becomes fatal when the order
 * is set to linear). On create `before` is null, and everything is introduced.
 */
export function introduced(
  before: readonly RuleFinding[] | null,
  after: readonly RuleFinding[],
): readonly IntroducedFinding[] {
  const old = new Map((before ?? []).map(found => [found.rule.id, found]))
  return after.map(found => ({ ...found, introduced: isIntroduced(found, old.get(found.rule.id)) }))
}

function isIntroduced(found: RuleFinding, old: RuleFinding | undefined): boolean {
  if (found.finding.isOld) return false
  if (old === undefined) return true
  if (ranks[severityOf(found)] > ranks[severityOf(old)]) return true
  const known = new Set(old.finding.subjects)
  return found.finding.subjects.some(subject => !known.has(subject))
}
