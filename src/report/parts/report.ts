import type { JudgedFinding } from '../../policy/enforcement.js'
import type { Verdict } from '../../review/ports/admission.js'

/** A place in a file that a person can open; 1-based. */
export interface Place {
  /** As the path was given on the command line, with forward slashes; `-` for standard input. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One finding, and where the text stands that it is about. */
export interface ReportedFinding {
  readonly judged: JudgedFinding
  /** The YAML node or the SQL file; null for objects that have no file (a cluster). */
  readonly place: Place | null
}

/** What is said of one AtlasMigration. */
export interface ReportedObject {
  readonly kind: 'AtlasMigration'
  readonly namespace: string
  readonly name: string
  /** Where the object itself stands; null in a cluster. */
  readonly place: Place | null
  readonly verdict: Verdict
  /** Most severe first, then in the order of the catalogue. */
  readonly findings: readonly ReportedFinding[]
  /** Why the verdict is incomplete; empty when it is not. */
  readonly undecided: readonly string[]
  /** Parts that are not checked; said once, never a reason to fail. */
  readonly unchecked: readonly string[]
  /** Remarks, such as one on the override annotation. */
  readonly notices: readonly string[]
}

/** Something in the input that cannot be used: broken YAML, two objects with one name. */
export interface ReportedProblem {
  readonly place: Place
  readonly message: string
  /** The line of the file, where it helps; may be long. */
  readonly text: string | null
}

/** AtlasMigrations on one revisions table, and what could be done about it. */
export interface ReportedGroup {
  /** `host:port/database, schema atlas_schema_revisions`; no user, no password. */
  readonly table: string
  /** `namespace/name` of each. */
  readonly migrations: readonly string[]
  /** One line each: whether they can be consolidated as they stand, and why not. */
  readonly proposals: readonly string[]
}

/** What `check` or `audit` found, for every output format. Data only. */
export interface Report {
  /** The command that was run, such as `check`. */
  readonly command: string
  readonly version: string
  /** Where the pages of the rules are, as in the settings; empty or absent for nowhere. */
  readonly documentationUrl?: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly seconds: number
  readonly objects: readonly ReportedObject[]
  readonly problems: readonly ReportedProblem[]
  readonly groups: readonly ReportedGroup[]
  /** Said once: kinds that are skipped, what was not looked at. */
  readonly notes: readonly string[]
}
