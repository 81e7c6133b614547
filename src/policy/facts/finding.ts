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

export interface Rule {
  readonly id: string
  /** One sentence: the condition. */
  readonly title: string
  /** Why it matters: one or two sentences. */
  readonly why: string
  readonly severity: Severity
  readonly evidence: Evidence
  /** Pure. null when there is nothing to say. */
  readonly evaluate: (facts: Facts) => Finding | null
}
