import type { JudgedFinding } from './enforcement/enforcement.js'
import { fullText, objectText, summaryLine } from './message.js'
import { sanitizeText, shorten } from './text/sanitize-text.js'

/**
 * Longest warning. The API server cuts warnings to 256 characters once they have 4,096 together,
 * and drops a warning that holds a control character (kubernetes/apiserver,
 * pkg/endpoints/filters/warning.go). 120 is its documented advice.
 */
const maxWarning = 256

const maxWarnings = 8

/** One line: `[rule-id] AtlasMigration ns/name: (why it is no denial) what; fix: step`. */
export function warningLine(found: JudgedFinding): string {
  // The use of an exemption or override is always shown. The other causes explain why this is no
  // denial.
  const why = found.cause === null ? '' : `(${shorten(sanitizeText(found.reason), maxReason)}) `
  const full = `[${found.rule.id}] ${objectText(found)}: ${why}${fullText(found)}`
  return full.length <= maxWarning ? full : summaryLine(found, maxWarning, why)
}

/** Longest reason: it leaves half of the longest warning to the finding. */
const maxReason = 70

/**
 * The warnings for everything that is not denied, then `notices`. At most eight; the last then says
 * how many more there are.
 */
export function warningLines(
  judged: readonly JudgedFinding[],
  notices: readonly string[] = [],
): readonly string[] {
  const found = judged.filter(({ action }) => action === 'warn').map(warningLine)
  const lines = [
    ...new Set([...found, ...notices.map(notice => shorten(sanitizeText(notice), maxWarning))]),
  ]
  if (lines.length <= maxWarnings) return lines
  const kept = lines.slice(0, maxWarnings - 1)
  return [...kept, `... and ${lines.length - kept.length} more warnings`]
}
