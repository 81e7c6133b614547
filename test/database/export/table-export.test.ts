import { join } from 'node:path'
import t from 'tap'
import { readTableExport } from '../../../src/database/export/table-export-file.js'
import { parseTableExport, printTableExport } from '../../../src/database/export/table-export.js'
import type { LiveTable } from '../../../src/policy/facts/exported-table.js'
import { makeFolder } from '../../cli/program.js'

const row = {
  version: '1',
  description: 'init',
  type: 2,
  applied: 1,
  total: 2,
  executedAt: '2024-01-02T03:04:05.678901Z',
  error: '',
  errorStatement: '',
  hash: 'abc=',
  partialHashes: ['h1:def='],
  operatorVersion: 'Atlas CLI v1.2.3',
}

const live: LiveTable = {
  exportedAt: '2026-11-24T10:00:00Z',
  database: 'shop',
  revisionsSchema: 'sales',
  boundSchema: 'sales',
  server: {
    version: '18.4',
    collation: { provider: 'icu', name: 'de-DE', version: '153.120', actualVersion: '153.121' },
    tableSchemas: ['atlas_schema_revisions', 'sales'],
  },
  table: {
    kind: 'read',
    identity: { system: '7424900000000000000', database: '16384', identifier: 'c0ffee' },
    revisions: [row, { ...row, version: '10', partialHashes: [] }],
    notClean: null,
    ambiguous: false,
    elsewhere: [],
    locked: true,
  },
}

const noTable: LiveTable = {
  ...live,
  boundSchema: null,
  revisionsSchema: 'atlas_schema_revisions',
  server: {
    ...live.server,
    collation: { provider: 'libc', name: 'C', version: null, actualVersion: null },
  },
  table: {
    ...live.table,
    identity: { system: '', database: '5', identifier: null },
    revisions: null,
    notClean: 'found table "users" in schema "public"',
    ambiguous: true,
    elsewhere: ['old'],
    locked: false,
  },
}

void t.test('what is printed reads back the same', async t => {
  t.strictSame(parseTableExport(printTableExport(live), 'a.json'), live)
  t.strictSame(parseTableExport(printTableExport(noTable), 'a.json'), noTable)
})

void t.test('the texts of an error and of a failed statement stay out', async t => {
  const failed = {
    ...row,
    error: 'pq: invalid input "s3cret"',
    errorStatement: "SELECT 's3cret'",
  }
  const text = printTableExport({ ...live, table: { ...live.table, revisions: [failed] } })
  t.notMatch(text, /s3cret|error/)
  t.strictSame(parseTableExport(text, 'a.json').table.revisions, [row])
})

void t.test('nulls of an export may be left out', async t => {
  const { boundSchema, notClean, ...file } = JSON.parse(printTableExport(noTable))
  t.strictSame([boundSchema, notClean], [null, noTable.table.notClean])
  t.strictSame(parseTableExport(JSON.stringify(file), 'a.json'), {
    ...noTable,
    table: { ...noTable.table, notClean: null },
  })
})

/** As PostgreSQL's json_agg writes a row of the table that Atlas made. */
const psqlRow = {
  version: '1',
  description: 'init',
  type: 2,
  applied: 1,
  total: 2,
  executed_at: '2024-01-02T03:04:05.678901+00:00',
  execution_time: 1234567,
  error: null,
  error_stmt: null,
  hash: 'abc=',
  partial_hashes: ['h1:def='],
  operator_version: 'Atlas CLI v1.2.3',
}

void t.test('rows that psql wrote are read, with what they do not tell left open', async t => {
  const identifier = { ...psqlRow, version: '.atlas_cloud_identifier', description: 'c0ffee' }
  const text = `\uFEFF${JSON.stringify([identifier, psqlRow])}`
  t.strictSame(parseTableExport(text, 'a.json'), {
    exportedAt: null,
    database: '',
    revisionsSchema: null,
    boundSchema: null,
    server: null,
    table: {
      kind: 'read',
      identity: { system: '', database: '', identifier: 'c0ffee' },
      revisions: [{ ...row, executedAt: '2024-01-02T03:04:05.678901+00:00' }],
      notClean: null,
      ambiguous: false,
      elsewhere: [],
      locked: false,
    },
  })
})

void t.test('columns that Atlas gives a default may be missing', async t => {
  const rows = [{ version: '1', applied: 1, total: 1, hash: 'abc=', partial_hashes: null }]
  const { table } = parseTableExport(JSON.stringify(rows), 'a.json')
  t.strictSame(table.revisions, [
    {
      ...row,
      description: '',
      total: 1,
      executedAt: '',
      partialHashes: [],
      operatorVersion: '',
    },
  ])
  t.equal(table.identity.identifier, null)
})

const good = JSON.parse(printTableExport(live))

const asExport =
  'a.json: expected rows of a revisions table as `atlas-admission export` writes them'

const mistakes: readonly [name: string, text: string, message: string][] = [
  [
    'no JSON',
    'postgres://u:s3cret@h/d',
    'a.json: expected JSON as `atlas-admission export` writes it, found other text',
  ],
  ['another JSON', '"s3cret"', `${asExport}\n  the whole: expected object, found string`],
  [
    'no rows at all, as json_agg says it',
    'null',
    `${asExport}\n  the whole: expected object, found null`,
  ],
  [
    'an empty array',
    '[]',
    'a.json: expected at least one row, found none; what else is in the database decides then: use `atlas-admission export`',
  ],
  [
    'a field of the wrong type, and one that is missing',
    JSON.stringify([{ ...psqlRow, applied: '1', hash: null }]),
    `${asExport}\n  [0].hash: expected a value, found nothing\n  [0].applied: expected integer, found string`,
  ],
  [
    'a version twice in a bare array',
    JSON.stringify([psqlRow, psqlRow]),
    `${asExport}\n  [1].version: expected each version once, found it before`,
  ],
  [
    'a version twice in an export',
    JSON.stringify({ ...good, revisions: [psqlRow, psqlRow] }),
    `${asExport}\n  revisions[1].version: expected each version once, found it before`,
  ],
  [
    'another format',
    JSON.stringify({ ...good, format: 'other' }),
    `${asExport}\n  format: expected one of atlas-admission/revisions, found another string`,
  ],
  [
    'a newer format',
    JSON.stringify({ ...good, formatVersion: 2 }),
    `${asExport}\n  formatVersion: expected 1, found 2; use a newer atlas-admission`,
  ],
  [
    'a table without its rows',
    JSON.stringify({ ...good, revisions: undefined }),
    `${asExport}\n  revisions: expected array, or null for no table, found nothing`,
  ],
]

void t.test('what cannot be read is named by file and field, and never quoted', async t => {
  for (const [name, text, message] of mistakes)
    t.throws(
      () => parseTableExport(text, 'a.json'),
      { code: 'ATLAS_ADMISSION_ROWS', message },
      name,
    )
})

void t.test('a file is read, and one that cannot be is named with the reason', async t => {
  const folder = makeFolder(t, { 'a.json': printTableExport(live) })
  t.strictSame(await readTableExport(join(folder, 'a.json')), live)
  const reasons: readonly [file: string, reason: string][] = [
    [join(folder, 'b.json'), 'nothing there'],
    [folder, 'it is a folder'],
    [join(folder, 'a.json', 'x'), 'ENOTDIR'],
  ]
  for (const [file, reason] of reasons)
    await t.rejects(readTableExport(file), {
      code: 'ATLAS_ADMISSION_ROWS',
      message: `cannot read ${file}: ${reason}; expected a file that \`atlas-admission export\` wrote`,
    })
})
