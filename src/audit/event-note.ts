import type { JudgedFinding } from '../policy/enforcement/enforcement.js'
import { fullText } from '../policy/message.js'
import { sanitizeText, shorten } from '../policy/text/sanitize-text.js'

/** Bytes of a note that the API server accepts (pkg/apis/core/validation/events.go). */
const maxBytes = 1024

/** Length that surely fits: a UTF-16 unit takes at most three bytes in UTF-8. */
const surelyFits = Math.floor(maxBytes / 3)

/**
 * One line: what was found, what was expected, the way out, and why an admission would not deny it
 * if so.
 */
export function eventNote(found: JudgedFinding): string {
  const why = found.cause === null ? '' : `(${sanitizeText(found.reason)}) `
  const text = shorten(`${why}${fullText(found)}`, maxBytes)
  return Buffer.byteLength(text) <= maxBytes ? text : shorten(text, surelyFits)
}

/**
 * The reason of an Event, in the form of Kubernetes' own reasons: `RevisionTableShared` for
 * `revision-table-shared`.
 */
export function eventReason(ruleId: string): string {
  return ruleId.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
