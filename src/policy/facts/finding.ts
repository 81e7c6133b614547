import type { Steps } from '../../atlas/lineage/steps.js'
import type { Facts } from './facts.js'

/** What a finding leads to: deny, warn, or audit (log, metrics and reports only). */
export type Severity = 'deny' | 'warn' | 'audit'

/**
 * What one rule found in one AtlasMigration. The texts are for people and hold no URL, no password
 * and no SQL.
 */
export interface Finding {
  /** What was found, in one sentence without the object's name and without a full stop. */
  readonly found: string
  /** What was expected instead; empty when `found` says it all. */
  readonly expected: string
  /** The way out, short and in the imperative: it stands in the first line of the denial. */
  readonly remedy: string
  /** Path of the object's field, such as `spec.dir.configMapRef`; empty when none fits. */
  readonly field: string
  /**
   * What the finding is about: versions, file names, objects. A write introduces a finding when,
   * before it, the rule found nothing, something milder, or something without one of these
   * subjects.
   */
  readonly subjects: readonly string[]
  /** Lowers the rule's severity in this case; it cannot raise it. */
  readonly severity?: Severity
  /**
   * Set where nothing tells that the write brought it about, though nothing is known of what was
   * before: it may be as old as the rows.
   */
  readonly isOld?: true
  /**
   * The version that began to find this, where it is younger than the rule, or older because another
   * rule found it before. A policy with `newRules: warn` only warns of what came after it.
   */
  readonly since?: string
  /**
   * The rule that names the cause of this finding. Where that rule's finding weighs as much, this one
   * is left out, since one cause is said once.
   */
  readonly partOf?: string
  /** Further lines of the message. */
  readonly details?: readonly string[]
  /**
   * The file that the finding is about, and a line of it, for outputs that can point to a place.
   */
  readonly at?: FilePlace
}

/** A line of a migration file or of atlas.sum; 1-based. */
export interface FilePlace {
  readonly file: string
  readonly line: number
}

/** What a rule's finding depends on. It decides what may be denied on a dry run. */
export type Evidence = 'spec' | 'content' | 'references' | 'database'

/**
 * The same rule as CEL expressions, which `npm run manifest` puts into the chart. A test in
 * test/e2e compares both in a real API server. Line breaks are only for the reader: each text
 * becomes one line.
 */
export interface CelTwin {
  /**
   * Over `o`, the object before or after the write: a list of what a finding is about, empty
   * without a finding. A write is denied when the list after it has an entry that the list before
   * it has not.
   */
  readonly subjects: string
  /**
   * The list for the object before the write where a Secret, which CEL cannot read, might matter:
   * everything that may have been found then, so that nothing old is denied.
   */
  readonly possible?: string
  /** What was found, as in the webhook's message: CEL over the new object, `object`. */
  readonly found: string
  /** The way out, as plain text. */
  readonly fix: string
}

export interface Rule {
  readonly id: string
  /** The condition, in one sentence. */
  readonly title: string
  /** Why it matters, in one or two sentences. */
  readonly why: string
  readonly severity: Severity
  readonly evidence: Evidence
  /**
   * Its place in a denial and in the catalogue; smaller comes first. The thousands are groups: 1000
   * the spec alone, 2000 the directory, 3000 what the spec refers to, 4000 the live revisions
   * table. Steps of ten leave room for a rule between two others.
   */
  readonly order: number
  /** The version of this program that the rule came with, for policies with `newRules: warn`. */
  readonly since: string
  /**
   * The same rule for the chart's ValidatingAdmissionPolicy, only where CEL can decide it exactly
   * from the object.
   */
  readonly cel?: CelTwin
  /**
   * The part of `evaluate` that may take long, in steps, which `evaluate` then finds done. Absent:
   * all of it is quick.
   */
  readonly steps?: (facts: Facts) => Steps<unknown>
  /**
   * Set where the rule compares with what was before the write. The next write does not find it any
   * more, so whoever judges several writes together keeps it.
   */
  readonly isAboutChange?: true
  /** Looks for the condition; null when it does not hold. Pure. */
  readonly evaluate: (facts: Facts) => Finding | null
}
