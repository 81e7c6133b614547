import { documentationUrl } from './documentation-url.js'
import type { JudgedFinding } from './enforcement/enforcement.js'
import { sanitizeText, shorten } from './text/sanitize-text.js'
import type { Settings } from './settings/settings.js'

/**
 * Longest first line of a denial. It stands alone in Events, conditions and lists, which cut longer
 * ones.
 */
const maxFirstLine = 200

/**
 * Longest message: enough for a person to read. Flux copies it into every condition and Event of
 * the delivery.
 */
const maxMessageBytes = 2048

const maxLine = 400

/** One machine-readable cause of a denial (metav1.StatusCause). */
export interface DenialCause {
  /** The rule id. */
  readonly reason: string
  readonly field: string
  readonly message: string
}

/**
 * Most causes of one denial, so that the answer stays small even when a write breaks many
 * AtlasMigrations.
 */
const maxCauses = 32

/**
 * The text of a denial. First `[rule-id] AtlasMigration ns/name: what; fix: step` in at most 200
 * characters; then a line for each denied finding, the links, and the details. It has at most 2
 * KiB, and every text is sanitized. Expects at least one denied finding; without one the text is
 * empty.
 */
export function denialMessage(judged: readonly JudgedFinding[], settings: Settings): string {
  const denied = judged.filter(({ action }) => action === 'deny')
  const first = denied[0]
  if (first === undefined) return ''
  const summary = summaryLine(first, maxFirstLine)
  const rest = [
    ...denied.flatMap((found, index) =>
      index === 0 && saysAll(summary, found) ? [] : findingLine(found),
    ),
    ...documentationLines(denied, settings.documentationUrl),
    // A Set, because one ConfigMap can give many AtlasMigrations the same details.
    ...new Set(denied.flatMap(detailLines)),
  ]
  return [summary, ...fitting(rest, maxMessageBytes - byteLength(summary))].join('\n')
}

/** The causes for `status.details.causes`, one for each denied finding. */
export function causes(judged: readonly JudgedFinding[]): readonly DenialCause[] {
  return judged
    .filter(({ action }) => action === 'deny')
    .slice(0, maxCauses)
    .map(found => ({
      reason: found.rule.id,
      field: sanitizeText(found.finding.field),
      message: line(`${objectText(found)}: ${fullText(found)}`),
    }))
}

/**
 * `[rule-id] object: what; fix: step` in at most `limit` characters. `why` goes before what was
 * found.
 */
export function summaryLine(found: JudgedFinding, limit: number, why = ''): string {
  const head = `[${found.rule.id}] ${objectText(found)}: ${why}`
  const what = sanitizeText(found.finding.found)
  const remedy = sanitizeText(found.finding.remedy)
  const room = limit - head.length
  if (remedy === '') return head + shorten(what, room)
  // What was found is shortened before the remedy, but both keep enough to be understood.
  const fix = shorten(`; fix: ${remedy}`, room - Math.min(what.length, minWhat))
  return head + shorten(what, room - fix.length) + fix
}

/** Characters that what was found keeps beside a long remedy: about six words. */
const minWhat = 40

function saysAll(summary: string, found: JudgedFinding): boolean {
  return summary === `[${found.rule.id}] ${objectText(found)}: ${fullText(found)}`
}

function findingLine(found: JudgedFinding): string {
  return line(`- [${found.rule.id}] ${objectText(found)}: ${fullText(found)}`)
}

/** The whole finding: `found; expected: …; fix: …`. */
export function fullText({ finding: { found, expected, remedy } }: JudgedFinding): string {
  return [
    sanitizeText(found),
    ...(expected === '' ? [] : [`expected: ${sanitizeText(expected)}`]),
    ...(remedy === '' ? [] : [`fix: ${sanitizeText(remedy)}`]),
  ].join('; ')
}

function detailLines({ rule, finding }: JudgedFinding): readonly string[] {
  return (finding.details ?? []).map(detail => line(`- [${rule.id}] ${sanitizeText(detail)}`))
}

function documentationLines(denied: readonly JudgedFinding[], base: string): readonly string[] {
  if (base === '') return []
  const ids = new Set(denied.map(({ rule }) => rule.id))
  return [...ids].map(id => `see ${documentationUrl(base, id)}`)
}

/**
 * Longest text of an object. Names have at most 63 + 253 characters, and hardly ever more than 60
 * together.
 */
const maxObject = 80

/** `AtlasMigration ns/name`. A very long name loses its middle. */
export function objectText({ object: { kind, namespace, name } }: JudgedFinding): string {
  const text = sanitizeText(`${namespace}/${name}`)
  const half = (maxObject - 3) / 2
  const short =
    text.length <= maxObject ? text : `${text.slice(0, half)}...${text.slice(-Math.floor(half))}`
  return sanitizeText(`${kind} ${short}`)
}

function line(text: string): string {
  return shorten(text, maxLine)
}

/** As many lines as fit, and a line that says how many more there are. */
function fitting(lines: readonly string[], bytes: number): readonly string[] {
  const kept: string[] = []
  let left = bytes
  for (const [index, text] of lines.entries()) {
    const more = lines.length - index
    // Room for that closing line is kept until the last line is in.
    const reserve = more === 1 ? 0 : byteLength(moreText(more)) + 1
    left -= byteLength(text) + 1
    if (left < reserve) return [...kept, moreText(more)]
    kept.push(text)
  }
  return kept
}

function moreText(count: number): string {
  return `... and ${count} more`
}

function byteLength(text: string): number {
  return Buffer.byteLength(text)
}
