import type { Difference } from '../policy/comparison/difference.js'
import { collationText } from '../policy/comparison/server-notes.js'
import { countOf } from '../atlas/name-list.js'
import { sanitizeText, shorten } from '../policy/sanitize-text.js'
import type { ComparisonReport, ReportedRow, ReportedSide } from './comparison-report.js'

/** Rows that are shown; the JSON has all of them. */
const maxRows = 50

/** The answer for a person: what was compared, which rows differ, what follows, and the verdict as the last line. */
export function formatComparison(report: ComparisonReport): string {
  const { from, to, differences } = report
  return [
    formatSide('FROM', from),
    formatSide('TO', to),
    '',
    ...formatRows(report),
    ...differences.flatMap(formatDifference),
    ...(differences.length > 0 ? [''] : []),
    conclusion(report),
  ].join('\n')
}

function formatSide(name: string, side: ReportedSide): string {
  const { operator } = side
  const lines = [
    ...(side.kind === 'directory' ? directoryLines(side) : tableLines(side)),
    ...(operator === null ? [] : [`the operator ${operator}`]),
  ]
  const label = (index: number) => (index === 0 ? name : '').padEnd(6)
  return lines.map((line, index) => label(index) + shorten(sanitizeText(line), maxLine)).join('\n')
}

/** Of an error that the operator would report only the start matters here. */
const maxLine = 300

function directoryLines({ source, count }: ReportedSide): readonly string[] {
  return [`${source}: directory of ${countOf(count ?? 0, 'file')}`]
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

function formatRows({ rows, alike }: ComparisonReport): readonly string[] {
  const same = `${countOf(alike, 'version')} alike`
  if (rows.length === 0) return [same, '']
  const shown = rows.slice(0, maxRows)
  const more = rows.length - shown.length
  return [
    ...formatColumns(shown),
    ...(more > 0 ? [`and ${more} more; see --format json`] : []),
    same,
    '',
  ]
}

const headers = ['VERSION', 'FROM', 'TO', 'DIFFERS IN'] as const

function formatColumns(rows: readonly ReportedRow[]): readonly string[] {
  const cells = rows.map(({ version, from, to, columns }) =>
    [version, from, to, columns.join(', ')].map(text => shorten(sanitizeText(text), 60)),
  )
  const lines = [[...headers], ...cells]
  const widths = headers.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  return lines.map(line =>
    line
      .map((text, column) => text.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

function formatDifference({ weight, rule, found, remedy }: Difference): readonly string[] {
  const label = weight === 'note' ? 'note' : 'BLOCKS'
  const head = `${label}  ${rule === null ? '' : `[${rule}] `}${sanitizeText(found)}`
  return remedy === '' ? [head] : [head, `  fix: ${sanitizeText(remedy)}`]
}

function conclusion({ verdict, differences, from, to }: ComparisonReport): string {
  const isPair = from.kind === 'table' && to.kind === 'table'
  if (verdict === 'safe')
    return isPair
      ? 'Safe to switch: the operator finds in TO what it left in FROM'
      : 'The table and the directory go together'
  const count = countOf(
    differences.filter(({ weight }) => weight === 'blocks').length,
    'difference',
  )
  return isPair
    ? `Not safe to switch: ${count} in the way`
    : `The table and the directory do not go together: ${count} in the way`
}
