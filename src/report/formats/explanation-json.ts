import type { Explanation } from '../../policy/explain/explanation.js'
import { harmlessJson } from '../../policy/text/harmless-text.js'
import { knownSentences } from '../../policy/explain/said.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import { jsonFinding } from './json.js'
import type { Report } from '../parts/report.js'

/**
 * The whole explanation as JSON. Its keys keep their names and meaning while `schemaVersion` is the
 * same, like those of the report. No line break at the end.
 */
export function formatExplanationJson(
  explanation: Explanation,
  report: Pick<Report, 'documentationUrl' | 'version'>,
): string {
  const { findings, history, ...rest } = explanation
  const value = {
    schemaVersion: 1,
    tool: { name: 'atlas-admission', version: report.version },
    ...rest,
    ...(explanation.said === null && { knownSentences }),
    findings: findings.map(judged => jsonFinding({ judged, place: null }, report)),
    history,
  }
  return harmlessJson(JSON.stringify(value, (_key, part: unknown) => safe(part), 2))
}

function safe(part: unknown): unknown {
  return typeof part === 'string' ? sanitizeText(part) : part
}
