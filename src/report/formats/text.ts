import { type Outlook, outlookText } from '../../policy/explain/outlook.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Verdict } from '../../review/ports/admission.js'
import { excerpt } from '../parts/excerpt.js'
import { findingBlock, indented } from '../parts/finding-block.js'
import { objectName, placeText } from '../parts/finding-text.js'
import { type Page, paint } from '../parts/page.js'
import type { Report, ReportedGroup, ReportedObject } from '../parts/report.js'
import type { ReportedProblem } from '../parts/report.js'
import { worstFirst } from '../parts/severity-order.js'
import { summarize } from '../parts/summary.js'

export interface TextOptions extends Page {
  /** Leaves out remarks, and whatever is neither denied nor undecided. */
  readonly quiet?: boolean
}

/**
 * The report for people: problems of the input first, then the objects, the worst first, then the
 * summary. No line break at the end.
 */
export function formatText(report: Report, options: TextOptions): string {
  const { quiet = false } = options
  const objects = worstFirst(report).filter(({ verdict }) => !quiet || isBad[verdict])
  const passed = objects.filter(object => isSilent(object))
  const blocks = [
    ...report.problems.map(problem => problemLines(problem, options)),
    ...objects
      .filter(object => !isSilent(object))
      .map(object => objectLines(object, { report, options })),
    passed.map(object => passedLine(object, options)),
    ...(quiet ? [] : report.groups.filter(isWorthSaying).map(group => groupLines(group, options))),
    quiet ? [] : report.notes.flatMap(note => indented(`note: ${sanitizeText(note)}`, options, '')),
    [summarize(report)],
  ]
  return blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

const isBad: Readonly<Record<Verdict, boolean>> = {
  fail: true,
  error: true,
  warn: false,
  pass: false,
  skip: false,
}

/** Whether one line tells everything about the object. */
function isSilent({ findings, undecided, unchecked, notices }: ReportedObject): boolean {
  return [findings, undecided, unchecked, notices].every(list => list.length === 0)
}

function passedLine(object: ReportedObject, options: TextOptions): string {
  const line = `${verdictWord(object.verdict, options)}  ${objectName(object)}`
  return object.outlook === null ? line : `${line}  ${outlookLine(object.outlook)}`
}

function outlookLine(outlook: Outlook): string {
  return sanitizeText(outlookText(outlook))
}

function problemLines({ place, message, text }: ReportedProblem, page: Page): readonly string[] {
  const shown = text === null ? [] : excerpt(text, { column: place.column, width: page.width - 4 })
  return [
    `${placeText(place)}  ${paint('red', 'problem', page)}`,
    ...indented(sanitizeText(message), page),
    ...shown.map(line => `    ${line}`),
  ]
}

interface ObjectContext {
  readonly report: Report
  readonly options: TextOptions
}

function objectLines(object: ReportedObject, context: ObjectContext): readonly string[] {
  const { options } = context
  const { quiet = false } = options
  const place = object.place ? `  ${placeText(object.place)}` : ''
  const findings = object.findings.filter(({ judged }) => !quiet || judged.action === 'deny')
  const remarks = [
    // A denied write is not stored, so nothing runs.
    ...(object.outlook === null || object.verdict === 'fail' ? [] : [outlookLine(object.outlook)]),
    ...object.unchecked.map(part => `not checked: ${part}`),
    ...object.notices.map(notice => `note: ${notice}`),
  ]
  return [
    `${verdictWord(object.verdict, options)}  ${paint('bold', objectName(object), options)}${place}`,
    ...findings.flatMap(found => findingBlock(found, { report: context.report, page: options })),
    ...object.undecided.flatMap(reason =>
      indented(`cannot decide: ${sanitizeText(reason)}`, options),
    ),
    ...(quiet ? [] : remarks.flatMap(remark => indented(sanitizeText(remark), options))),
  ]
}

const verdictWords: Readonly<Record<Verdict, string>> = {
  fail: 'DENIED',
  error: 'UNDECIDED',
  warn: 'warning',
  pass: 'passed',
  skip: 'skipped',
}

const verdictColors = {
  fail: 'red',
  error: 'magenta',
  warn: 'yellow',
  pass: 'green',
  skip: 'gray',
} as const

function verdictWord(verdict: Verdict, page: Page): string {
  return paint(verdictColors[verdict], verdictWords[verdict], page)
}

/** Whether a table of an audit is shown: that only one AtlasMigration uses it is no news. */
function isWorthSaying({ migrations, proposals }: ReportedGroup): boolean {
  return migrations.length > 1 || proposals.length > 0
}

function groupLines({ table, migrations, proposals }: ReportedGroup, page: Page) {
  return [
    paint('bold', sanitizeText(table), page),
    ...indented(`used by ${migrations.map(sanitizeText).join(', ')}`, page),
    ...proposals.flatMap(proposal => indented(`- ${sanitizeText(proposal)}`, page)),
  ]
}
