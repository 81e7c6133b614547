import type { LoweringCause } from '../../policy/enforcement/enforcement.js'
import type { Outlook } from '../../policy/explain/outlook.js'
import type { Severity } from '../../policy/facts/finding.js'
import { harmlessJson } from '../../policy/text/harmless-text.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Verdict } from '../../review/ports/admission.js'
import { findingText, rulePage } from '../parts/finding-text.js'
import type {
  Place,
  Report,
  ReportedFinding,
  ReportedGroup,
  ReportedObject,
} from '../parts/report.js'
import { countVerdicts, worstFirst } from '../parts/severity-order.js'

/**
 * The report as JSON. While `schemaVersion` is the same, keys are never renamed or removed and keep
 * their meaning; new ones may come. Every text is one line without control characters.
 */
export interface JsonReport {
  readonly schemaVersion: 1
  readonly tool: { readonly name: 'atlas-admission'; readonly version: string }
  readonly command: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly seconds: number
  /** Number of AtlasMigrations with each verdict, and of problems in the input. */
  readonly summary: Readonly<Record<Verdict | 'problems', number>>
  /** The worst first. */
  readonly objects: readonly JsonObject[]
  readonly problems: readonly { readonly place: Place; readonly message: string }[]
  readonly groups: readonly ReportedGroup[]
  readonly notes: readonly string[]
}

export interface JsonObject extends Omit<ReportedObject, 'findings' | 'outlook'> {
  /** The files that the operator would run now; null for none, and where that is not known. */
  readonly willRun: { readonly count: number; readonly files: readonly string[] } | null
  readonly findings: readonly JsonFinding[]
}

export interface JsonFinding {
  readonly rule: string
  /** URL of the rule's page, or null. */
  readonly documentation: string | null
  /** What the finding leads to. */
  readonly action: Severity
  /** The severity that the policy gives the rule. */
  readonly severity: Severity
  /** Why `action` is milder than `severity`; null when it is not. */
  readonly cause: LoweringCause | null
  /** The cause in words; empty without one. */
  readonly reason: string
  /** False for a problem that existed before the write. */
  readonly introduced: boolean
  readonly found: string
  /** Empty when `found` says it all. */
  readonly expected: string
  readonly remedy: string
  readonly details: readonly string[]
  /** Such as `spec.dir.configMapRef`; empty when none fits. */
  readonly field: string
  /** Versions, files and objects that the finding is about. */
  readonly subjects: readonly string[]
  readonly place: Place | null
}

/**
 * Prints the report as indented JSON, so that two reports can be compared line by line. No line
 * break at the end.
 */
export function formatJson(report: Report): string {
  return harmlessJson(JSON.stringify(buildJson(report), null, 2))
}

function buildJson(report: Report): JsonReport {
  const { command, version, startedAt, seconds, problems, groups, notes } = report
  return {
    schemaVersion: 1,
    tool: { name: 'atlas-admission', version },
    command,
    startedAt,
    seconds,
    summary: { ...countVerdicts(report), problems: problems.length },
    objects: worstFirst(report).map(object => jsonObject(object, report)),
    problems: problems.map(({ place, message }) => ({ place, message: sanitizeText(message) })),
    groups: groups.map(({ table, migrations, proposals }) => ({
      table: sanitizeText(table),
      migrations,
      proposals: proposals.map(sanitizeText),
    })),
    notes: notes.map(sanitizeText),
  }
}

function jsonObject(object: ReportedObject, report: Report): JsonObject {
  const { kind, namespace, name, place, verdict } = object
  return {
    kind,
    namespace,
    name,
    place,
    verdict,
    findings: object.findings.map(found => jsonFinding(found, report)),
    undecided: object.undecided.map(sanitizeText),
    unchecked: object.unchecked.map(sanitizeText),
    willRun: object.outlook && willRun(object.outlook),
    notices: object.notices.map(sanitizeText),
  }
}

function willRun({ files }: Outlook) {
  return { count: files.length, files: files.map(sanitizeText) }
}

export function jsonFinding(
  { judged, place }: ReportedFinding,
  report: Pick<Report, 'documentationUrl'>,
): JsonFinding {
  const { rule, action, severity, cause, introduced, finding } = judged
  const { found, expected, remedy, reason, details } = findingText(judged)
  return {
    rule: rule.id,
    documentation: rulePage(report, rule.id),
    action,
    severity,
    cause,
    reason,
    introduced,
    found,
    expected,
    remedy,
    details,
    field: sanitizeText(finding.field),
    subjects: finding.subjects.map(sanitizeText),
    place,
  }
}
