import { countOf } from '../../atlas/text/name-list.js'
import type { Difference } from '../../policy/comparison/difference.js'
import { collationText } from '../../policy/comparison/server-notes.js'
import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import type { ComparisonReport, ReportedSide } from './comparison-report.js'
import { type Page, paint } from '../parts/page.js'
import { formatTable } from './table.js'
import { wrap, type WrapOptions } from '../parts/wrap.js'

/**
 * The comparison for a person: what was compared, which rows differ, what follows from it, and the
 * verdict at the end.
 */
export function formatComparison(report: ComparisonReport, page: Page): string {
  const { from, to, differences } = report
  const blocks = [
    [...sideLines('FROM', from, page), ...sideLines('TO', to, page)],
    rowLines(report, page),
    differences.flatMap(difference => differenceLines(difference, page)),
    repairLines(report),
    [conclusion(report, page)],
  ]
  return blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

const indent = '      '

function sideLines(name: string, side: ReportedSide, page: Page): readonly string[] {
  const { operator } = side
  const [first, ...others] = [
    ...(side.kind === 'directory' ? directoryLines(side) : tableLines(side)),
    ...(operator === null ? [] : [`the operator ${operator}`]),
  ].map(line => shorten(sanitizeText(line), maxLine))
  return [
    `${name.padEnd(indent.length)}${first}`,
    ...others.flatMap(line => indented(line, { width: page.width, indent })),
  ]
}

function indented(line: string, { width, indent }: WrapOptions): readonly string[] {
  const lines = wrap(line, { width: width - indent.length, indent })
  return lines.map((line, index) => (index === 0 ? indent + line : line))
}

/** Longest line. Of an error that the operator would report, the start is enough here. */
const maxLine = 300

function directoryLines({ source, count }: ReportedSide): readonly string[] {
  return [`${source}: directory of ${countOf(Number(count), 'file')}`]
}

function tableLines(side: ReportedSide): readonly string[] {
  const { source, database, server, revisionsSchema, count, exportedAt } = side
  const rows = count === null ? 'no revisions table' : countOf(count, 'row')
  const where = revisionsSchema === null ? '' : ` in schema ${revisionsSchema}`
  const facts = [
    ...(database === '' ? [] : [`database ${database}`]),
    ...(server === null ? [] : [`PostgreSQL ${server.version}`, collationText(server)]),
    ...(exportedAt === null ? [] : [`as of ${exportedAt.replace(/\.\d+Z$/, 'Z')}`]),
  ]
  return [`${source}: ${rows}${where}`, ...(facts.length > 0 ? [facts.join(', ')] : [])]
}

/** Most rows that are shown; the JSON has all of them. */
const maxRows = 50

const columns = [{ title: 'VERSION' }, { title: 'FROM' }, { title: 'TO' }, { title: 'DIFFERS IN' }]

function rowLines({ rows, alike }: ComparisonReport, page: Page): readonly string[] {
  const same = `${countOf(alike, 'version')} alike`
  if (rows.length === 0) return [same]
  const cells = rows
    .slice(0, maxRows)
    .map(({ version, from, to, columns }) =>
      [version, from, to, columns.join(', ')].map(text => shorten(sanitizeText(text), maxCell)),
    )
  const more = rows.length - cells.length
  return [
    formatTable(columns, cells, page),
    ...(more > 0 ? [`and ${more} more (--format json has all)`] : []),
    same,
  ]
}

/** Longest cell of a version. Versions are usually times of 14 digits. */
const maxCell = 60

function differenceLines(
  { weight, rule, found, remedy }: Difference,
  page: Page,
): readonly string[] {
  const label = weight === 'note' ? 'note' : paint('red', 'BLOCKS', page)
  const text = `${label}  ${sanitizeText(found)}${rule === null ? '' : ` [${rule}]`}`
  const { width } = page
  return [
    ...wrap(text, { width, indent: '  ' }),
    ...(remedy === '' ? [] : indented(`fix: ${sanitizeText(remedy)}`, { width, indent: '  ' })),
  ]
}

/** The command stands on a line of its own and is never wrapped, so that it can be copied whole. */
function repairLines({ repair }: ComparisonReport): readonly string[] {
  if (repair === null) return []
  const what =
    repair.copies === 'table'
      ? 'If TO has the data of FROM as it is now, this copies the revisions table (otherwise restore TO anew):'
      : 'This copies the whole database:'
  return [what, sanitizeText(repair.command)]
}

function conclusion(report: ComparisonReport, page: Page): string {
  const { verdict, differences, from, to } = report
  const isPair = from.kind === 'table' && to.kind === 'table'
  if (isPair) return verdict === 'safe' ? safeSwitch(report, page) : unsafeSwitch(report, page)
  if (verdict === 'safe') return 'The table and the directory go together'
  return `The table and the directory do not go together: ${blockingCount(differences)} in the way`
}

function safeSwitch({ sameDatabase, to }: ComparisonReport, page: Page): string {
  const why = sameDatabase
    ? 'these are the same running database'
    : 'the operator finds in TO what it left in FROM'
  const safe = `${paint('green', 'Safe to switch', page)}: ${why}`
  if (to.operator !== null) return safe
  return `${safe}\nWhat it does there with its directory: --directory FOLDER tells`
}

function unsafeSwitch(
  { sameDatabase, faithful, differences, from, to }: ComparisonReport,
  page: Page,
): string {
  const count = blockingCount(differences)
  const unsafe = paint('red', 'Not safe to switch', page)
  if (!faithful || to.operator === null) return `${unsafe}: ${count} in the way`
  const what = sameDatabase
    ? 'these are the same running database'
    : 'TO is a faithful copy of FROM'
  const asInFrom = from.operator === to.operator ? ', as in FROM' : ''
  const text = `${unsafe}: ${what}, but the operator would not get on there${asInFrom} (${count} in the way)`
  return wrap(text, { width: page.width, indent: '' }).join('\n')
}

function blockingCount(differences: readonly Difference[]): string {
  return countOf(differences.filter(({ weight }) => weight === 'blocks').length, 'difference')
}
