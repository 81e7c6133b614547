import type { JudgedFinding } from '../policy/enforcement.js'
import { fullText } from '../policy/message.js'
import { sanitizeText, shorten } from '../policy/text/sanitize-text.js'

/** The API server takes 1,024 bytes (pkg/apis/core/validation/events.go). */
const maxBytes = 1024

/** No character of JavaScript's strings takes more than three bytes. */
const surelyFits = Math.floor(maxBytes / 3)

/** One line: what was found, what was expected, the way out, and why it would be no denial. */
export function eventNote(found: JudgedFinding): string {
  const why = found.cause === null ? '' : `(${sanitizeText(found.reason)}) `
  const text = shorten(`${why}${fullText(found)}`, maxBytes)
  return Buffer.byteLength(text) <= maxBytes ? text : shorten(text, surelyFits)
}

/** `revision-table-shared` is said as `RevisionTableShared`, as Kubernetes' own reasons are. */
export function eventReason(ruleId: string): string {
  return ruleId.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
