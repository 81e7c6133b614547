import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import type { Outlook } from '../../policy/explain/outlook.js'
import type { Verdict } from '../../review/ports/admission.js'

/** A place in a file that a person can open; 1-based. */
export interface Place {
  /** As the path was given on the command line, with forward slashes; `-` for standard input. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One finding, and the place of what it is about. */
export interface ReportedFinding {
  readonly judged: JudgedFinding
  /** The YAML node or the SQL file; null for objects without a file (in a cluster). */
  readonly place: Place | null
}

/** What the report says of one AtlasMigration. */
export interface ReportedObject {
  readonly kind: 'AtlasMigration'
  readonly namespace: string
  readonly name: string
  /** The place of the object itself; null in a cluster. */
  readonly place: Place | null
  readonly verdict: Verdict
  /** The most severe first, then in the order of the rules. */
  readonly findings: readonly ReportedFinding[]
  /** Why the verdict is incomplete; empty when it is not. */
  readonly undecided: readonly string[]
  /** What is not checked. It is said once, and is never a reason to fail. */
  readonly unchecked: readonly string[]
  /** The files that the operator would run now; null for none, and where that is not known. */
  readonly outlook: Outlook | null
  /** Remarks, for example on the override annotation. */
  readonly notices: readonly string[]
}

/** Something in the input that cannot be used: broken YAML, or two objects with one name. */
export interface ReportedProblem {
  readonly place: Place
  readonly message: string
  /** The line of the file, where it helps. It may be long. */
  readonly text: string | null
}

/** AtlasMigrations that use one revisions table, and what could be done about it. */
export interface ReportedGroup {
  /** `host:port/database, schema atlas_schema_revisions`, without user and password. */
  readonly table: string
  /** `namespace/name` of each. */
  readonly migrations: readonly string[]
  /** One line each: whether the directories can be consolidated as they are, and why not. */
  readonly proposals: readonly string[]
}

/** What `check` or `audit` found, for every output format. Data only. */
export interface Report {
  /** The command that was run, such as `check`. */
  readonly command: string
  readonly version: string
  /** URL of the rule pages, as in the settings; empty or absent for none. */
  readonly documentationUrl?: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly seconds: number
  readonly objects: readonly ReportedObject[]
  readonly problems: readonly ReportedProblem[]
  readonly groups: readonly ReportedGroup[]
  /** Notes on the whole: kinds that are skipped, and what was not checked. */
  readonly notes: readonly string[]
}
