import t from 'tap'
import { formatTable } from '../../../src/report/formats/table.js'

const columns = [{ title: 'FILE' }, { title: 'ROWS', align: 'right' }, { title: 'WHAT' }] as const
const page = { width: 40, colors: false }

void t.test(
  'columns are as wide as their widest cell, also where a character takes two',
  async t => {
    t.same(
      formatTable(
        columns,
        [
          ['1.sql', '12', 'applied'],
          ['日本.sql', '3', ''],
        ],
        page,
      ).split('\n'),
      ['FILE      ROWS  WHAT', '1.sql       12  applied', '日本.sql     3'],
    )
  },
)

void t.test('the last column is broken between words when the page is too narrow', async t => {
  const what = 'edited after it ran, as the lineage shows'
  t.same(formatTable(columns, [['1.sql', '12', what]], page).split('\n'), [
    'FILE   ROWS  WHAT',
    '1.sql    12  edited after it ran, as the',
    '             lineage shows',
  ])
})

void t.test('colours take no room', async t => {
  const rows = [['\u001b[31m1.sql\u001b[39m', '12', 'applied']]
  t.same(formatTable(columns, rows, { ...page, colors: true }).split('\n'), [
    '\u001b[1mFILE\u001b[22m   \u001b[1mROWS\u001b[22m  \u001b[1mWHAT\u001b[22m',
    '\u001b[31m1.sql\u001b[39m    12  applied',
  ])
})
