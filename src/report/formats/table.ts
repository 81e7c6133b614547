import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import { type Page, paint } from '../parts/page.js'

export interface TableColumn {
  readonly title: string
  /** Default: left. */
  readonly align?: 'left' | 'right'
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
} as const

/**
 * Prints rows below titles, in columns with two blanks between them, so that the table can be read
 * on any terminal, copied, and cut by other programs. Cells must be safe to show; they may have
 * colours and wide characters. The last column is broken between words where the page is too narrow
 * for it.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  page: Page,
): string {
  const others = columns.length - 1
  const before = widthOf(
    drawTable(
      columns.slice(0, others),
      rows.map(row => row.slice(0, others)),
      page,
    ),
  )
  const room = Math.max(page.width - before - gap.length, leastWidth)
  const whole = drawTable(columns, rows, page)
  if (widthOf(whole) <= before + gap.length + room) return whole
  return drawTable(columns, rows, { ...page, lastWidth: room })
}

/** Blanks between two columns. */
const gap = '  '

/** On a narrower page the text is not broken further, and the terminal cuts it. */
const leastWidth = 20

function drawTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  page: Page & { readonly lastWidth?: number },
): string {
  const { lastWidth } = page
  const table = new Table({
    head: columns.map(({ title }) => paint('bold', title, page)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: { ...noLines, middle: gap },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    ...(lastWidth !== undefined && {
      colWidths: columns.map((_, index) => (index === columns.length - 1 ? lastWidth : null)),
      wordWrap: true,
    }),
  })
  table.push(...rows.map(row => [...row]))
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map(line => stripVTControlCharacters(line).length))
}
