import { documentationUrl } from '../../policy/documentation-url.js'
import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Place, Report, ReportedObject } from './report.js'

/** A finding in lines that are safe to show: no control characters, no secret. */
export interface FindingText {
  readonly found: string
  /** Empty when `found` says it all. */
  readonly expected: string
  readonly remedy: string
  /** Why the finding leads to less than its rule's severity; empty when it does not. */
  readonly reason: string
  readonly details: readonly string[]
}

export function findingText({ finding, reason }: JudgedFinding): FindingText {
  return {
    found: sanitizeText(finding.found),
    expected: sanitizeText(finding.expected),
    remedy: sanitizeText(finding.remedy),
    reason: sanitizeText(reason),
    details: (finding.details ?? []).map(sanitizeText),
  }
}

/**
 * The texts of a finding, one line each, in the order in which a person needs them. The first is
 * what was found.
 */
export function findingLines(judged: JudgedFinding): readonly string[] {
  const { found, expected, remedy, reason, details } = findingText(judged)
  return [
    found,
    ...(expected === '' ? [] : [`expected: ${expected}`]),
    ...(remedy === '' ? [] : [`fix: ${remedy}`]),
    ...(reason === '' ? [] : [`only ${actionWord(judged)}: ${reason}`]),
    ...details.map(detail => `- ${detail}`),
  ]
}

function actionWord({ action }: JudgedFinding): string {
  return action === 'warn' ? 'a warning' : 'for the record'
}

/** `file:line:column`, which editors and terminals open. */
export function placeText({ file, line, column }: Place): string {
  return `${sanitizeText(file)}:${line}:${column}`
}

/** `namespace/name`. */
export function objectName({ namespace, name }: ReportedObject): string {
  return sanitizeText(`${namespace}/${name}`)
}

/** URL of a rule's page; null when the settings name none. */
export function rulePage(
  { documentationUrl: base = '' }: Pick<Report, 'documentationUrl'>,
  rule: string,
): string | null {
  return base === '' ? null : documentationUrl(base, rule)
}
