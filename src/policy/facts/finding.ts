import type { Facts } from './facts.js'

/** deny, warn, or audit (log, metrics and reports only). */
export type Severity = 'deny' | 'warn' | 'audit'

/** What one rule found in one AtlasMigration. Text is for people: no URL, no password, no SQL. */
export interface Finding {
  /** What was found, in one sentence without the object's name and without a final stop. */
  readonly found: string
  /** What was expected instead; empty when `found` says it all. */
  readonly expected: string
  /** The way out, imperative, short: it stands in the first line of the denial. */
  readonly remedy: string
  /** Field of the object, such as `spec.dir.configMapRef`; empty when none fits. */
  readonly field: string
  /**
   * What the finding is about (versions, file names, objects). A finding is introduced by a write when
   * the state before has no finding of this rule, a milder one, or one that lacks one of these subjects.
   */
  readonly subjects: readonly string[]
  /** Lowers the rule's severity in this case; never raises it. */
  readonly severity?: Severity
  /** One line each, for the rest of the message. */
  readonly details?: readonly string[]
  /** The file of the directory that it is about, and a line of it (1-based), for those who can point to it. */
  readonly at?: FilePlace
}

/** A line of a migration file or of atlas.sum; 1-based. */
export interface FilePlace {
  readonly file: string
  readonly line: number
}

/** What a rule's verdict depends on: decides what a dry run may deny. */
export type Evidence = 'spec' | 'content' | 'references' | 'database'

/**
 * A rule as CEL, `npm run manifest` puts it into the chart. test/e2e holds both against each other in a real API server.
 * Line breaks are for the reader: each text becomes one line.
 */
export interface CelTwin {
  /**
   * Over `o`, one side of a write: what a finding is about, empty without one. A write is denied when its new side has a
   * subject that its old side has not.
   */
  readonly subjects: string
  /**
   * The same for the old side, where a Secret that CEL cannot read might matter: everything that may have been found
   * before, so that nothing old is denied.
   */
  readonly possible?: string
  /** The message, as the webhook puts it: CEL over the new object, as `object`. */
  readonly found: string
  /** The way out, as plain text. */
  readonly fix: string
}

export interface Rule {
  readonly id: string
  /** One sentence: the condition. */
  readonly title: string
  /** Why it matters: one or two sentences. */
  readonly why: string
  readonly severity: Severity
  readonly evidence: Evidence
  /**
   * Its place in a denial and in the catalogue; smaller comes first. Thousands are groups: 1000 the spec alone,
   * 2000 the directory, 3000 what the spec refers to, 4000 the live revisions table. Steps of ten leave room for another between two.
   */
  readonly order: number
  /** The same rule for the ValidatingAdmissionPolicy of the chart; only where CEL decides it exactly from the object. */
  readonly cel?: CelTwin
  /** Pure. null when there is nothing to say. */
  readonly evaluate: (facts: Facts) => Finding | null
}
