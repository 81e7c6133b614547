import t from 'tap'
import { compareTables } from '../../../src/policy/comparison/compare-tables.js'
import { viewThroughDirectory } from '../../../src/policy/explain/directory-view.js'
import { reportDirectory, reportTables } from '../../../src/report/formats/comparison-report.js'
import { formatComparison } from '../../../src/report/formats/comparison-text.js'
import type { TableExport } from '../../../src/policy/facts/exported-table.js'
import { exported, row } from '../../policy/comparison/tables.js'
import { type Files, files, rowsOf, withSum } from '../../policy/facts/facts-builder.js'

const page = { width: 80, colors: false }

function table(oid: string, revisions: TableExport['table']['revisions']): TableExport {
  const notClean = revisions === null ? 'found table "users" in schema "public"' : null
  return exported(oid, { table: { revisions, notClean } })
}

function reportThrough(data: Files, from: TableExport, to: TableExport) {
  const view = viewThroughDirectory({ data: withSum(data), execOrder: 'linear', from, to })
  const sides = [
    { source: 'env:OLD', exported: from },
    { source: 'env:NEW', exported: to },
  ] as const
  return reportTables(sides, { comparison: compareTables(from, to), view, repair: null })
}

const data = files('1_a', '2_b', '3_c')

void t.test('says what the operator would do on both sides', async t => {
  const rows = rowsOf(withSum(data))
  const cases: readonly [
    name: string,
    data: Files,
    rows: TableExport['table']['revisions'],
    operator: string,
  ][] = [
    ['all ran', data, rows, 'is ready, with nothing to run'],
    ['one is missing', data, rows.slice(0, 2), 'will run 1 file: 3_c.sql'],
    ['a row too many', files('1_a', '2_b'), rows, 'goes down to 2'],
    ['no file at all', {}, rows, 'goes down, and crashes over it'],
    [
      'no table',
      data,
      null,
      'fails: sql/migrate: connected database is not clean: found table "users" in schema "public". baseline version or allow-dirty is required',
    ],
    ['the first is missing', data, rows.slice(1), 'is ready, with nothing to run'],
    [
      'one between is missing',
      data,
      [...rows.slice(0, 1), ...rows.slice(2)],
      'goes down, and crashes over it',
    ],
  ]
  for (const [name, data, revisions, operator] of cases) {
    const report = reportThrough(data, table('1', rows), table('2', revisions))
    t.equal(report.to.operator, operator, name)
  }
})

void t.test('what is fine now may go down at the next reconcile', async t => {
  const rows = rowsOf(withSum(files('1_a', '2_b', '3_c', '4_d')))
  const report = reportThrough(files('1_a', '2_b', '5_e'), table('1', rows), table('2', rows))
  t.match(report.to.operator, /^will run 1 file: 5_e\.sql; then goes down to 5$/)
})

void t.test('an ambiguous table stops the operator before it plans', async t => {
  const to = exported('2', { boundSchema: 'app', table: { revisions: null, ambiguous: true } })
  const report = reportThrough(data, table('1', rowsOf(withSum(data))), to)
  t.equal(report.to.operator, null)
})

void t.test('the gate adds what the tables alone do not tell', async t => {
  const rows = rowsOf(withSum(data))
  const edited = { ...data, '2_b.sql': 'CREATE TABLE other (id int);\n' }
  const unchanged = reportThrough(edited, table('1', rows), table('2', rows))
  t.match(unchanged.differences, [{ weight: 'note', rule: 'applied-file-edited', versions: ['2'] }])
  t.equal(unchanged.verdict, 'safe', 'it was so in FROM')
  const short = reportThrough(edited, table('1', rows), table('2', rows.slice(0, 1)))
  t.match(
    short.differences.map(({ weight, rule }) => [weight, rule]),
    [['blocks', 'revision-table-incomplete']],
  )
})

void t.test('a table and a directory go together, or not', async t => {
  const rows = rowsOf(withSum(data))
  const more = withSum(files('1_a', '2_b', '3_c', '4_d'))
  const pair = (data: Files, directoryFirst: boolean) =>
    reportDirectory(
      {
        table: { source: 'env:DB', exported: table('1', rows) },
        directory: { source: './migrations', versions: Object.keys(data).flatMap(versionOf) },
        directoryFirst,
      },
      viewThroughDirectory({ data, execOrder: 'linear', from: null, to: table('1', rows) }),
    )
  const good = pair(more, false)
  t.match(good, {
    verdict: 'safe',
    sameDatabase: null,
    alike: 3,
    rows: [{ version: '4', from: '-', to: 'file' }],
  })
  t.equal(
    formatComparison(good, page),
    [
      'FROM  env:DB: 3 rows in schema atlas_schema_revisions',
      '      database db1, PostgreSQL 16.4, C (libc), as of 2026-11-24T10:00:00Z',
      '      the operator will run 1 file: 4_d.sql',
      'TO    ./migrations: directory of 4 files',
      '',
      'VERSION  FROM  TO    DIFFERS IN',
      '4        -     file',
      '3 versions alike',
      '',
      'The table and the directory go together',
    ].join('\n'),
  )
  const bad = pair(withSum(files('1_a', '2_b')), true)
  t.match(bad, {
    verdict: 'unsafe',
    from: { kind: 'directory', source: './migrations', count: 2 },
    to: { kind: 'table', operator: 'goes down to 2' },
    rows: [{ version: '3', from: '-', to: 'applied' }],
  })
  t.match(
    formatComparison(bad, page),
    /\nThe table and the directory do not go together: \d differences? in the way$/,
  )
})

function versionOf(name: string): readonly string[] {
  return name.endsWith('.sql') ? [name.replace(/_.*/s, '')] : []
}

void t.test('what is not there is said in words, and long lines are broken', async t => {
  const from = table('1', rowsOf(withSum(files('1_a'))))
  const text = formatComparison(reportThrough(files('1_a'), from, table('2', null)), page)
  t.equal(
    text,
    [
      'FROM  env:OLD: 1 row in schema atlas_schema_revisions',
      '      database db1, PostgreSQL 16.4, C (libc), as of 2026-11-24T10:00:00Z',
      '      the operator is ready, with nothing to run',
      'TO    env:NEW: no revisions table in schema atlas_schema_revisions',
      '      database db2, PostgreSQL 16.4, C (libc), as of 2026-11-24T10:00:00Z',
      '      the operator fails: sql/migrate: connected database is not clean: found',
      '      table "users" in schema "public". baseline version or allow-dirty is',
      '      required',
      '',
      'VERSION  FROM     TO  DIFFERS IN',
      '1        applied  -',
      '0 versions alike',
      '',
      'BLOCKS  TO has data but no revisions table in schema atlas_schema_revisions,',
      '  FROM has 1 row: the operator would stop (found table "users" in schema',
      '  "public") [baseline-required]',
      '  fix: copy the revisions table of FROM before the operator sees TO',
      '',
      'Not safe to switch: 1 difference in the way',
    ].join('\n'),
  )
})

void t.test('nothing to say but a note is safe', async t => {
  const rows = [row('1')]
  const newer = exported('2', { server: { version: '17.1' }, table: { revisions: rows } })
  const text = formatComparison(reportThrough(files('1_a'), table('1', rows), newer), page)
  t.match(text, '\n1 version alike\n\nnote  FROM is PostgreSQL 16.4, TO is PostgreSQL 17.1\n')
  t.match(text, /\n\nSafe to switch: the operator finds in TO what it left in FROM$/)
})

void t.test('rows that another tool wrote, or none at all, go with a directory', async t => {
  const data = withSum(files('1_a'))
  const bare = exported('1', { revisionsSchema: null, table: { revisions: rowsOf(data) } })
  const report = (table: TableExport) =>
    reportDirectory(
      {
        table: { source: 'a.json', exported: table },
        directory: { source: 'dir', versions: ['1'] },
        directoryFirst: false,
      },
      viewThroughDirectory({ data, execOrder: 'linear', from: null, to: table }),
    )
  t.match(report(bare), { verdict: 'safe', rows: [], alike: 1 })
  const none = exported('1', { table: { revisions: null } })
  t.match(report(none), { verdict: 'safe', rows: [{ version: '1', from: '-', to: 'file' }] })
})

void t.test('says of each row how it stands', async t => {
  const from = [row('1', { type: 1 }), row('2', { type: 6 }), row('3', { total: 2 }), row('4')]
  const report = reportTables(
    [
      { source: 'a.json', exported: table('1', from) },
      { source: 'b.json', exported: exported('2', { table: { revisions: [row('5')] } }) },
    ],
    {
      comparison: compareTables(table('1', from), table('2', [row('5')])),
      view: null,
      repair: null,
    },
  )
  t.strictSame(
    report.rows.map(({ version, from, to }) => [version, from, to]),
    [
      ['1', 'baseline', '-'],
      ['2', 'set by hand', '-'],
      ['3', 'partial (1 of 2)', '-'],
      ['4', 'applied', '-'],
      ['5', '-', 'applied'],
    ],
  )
})

void t.test('what is shown is one line each, cut, and free of control characters', async t => {
  const rows = Array.from({ length: 60 }, (_, i) => row(`${100 + i}\u001b[31m${'x'.repeat(80)}`))
  const bare = exported('2', {
    exportedAt: null,
    database: '',
    revisionsSchema: null,
    server: null,
    table: { revisions: [row('1')], identity: { system: '', database: '', identifier: null } },
  })
  const from = table('1', [row('1', { type: 1 }), ...rows])
  const text = formatComparison(
    reportTables(
      [
        { source: 'a.json', exported: from },
        { source: 'b.json', exported: bare },
      ],
      { comparison: compareTables(from, bare), view: null, repair: null },
    ),
    { width: 100, colors: true },
  )
  t.notMatch(text, /\u001b\[31mxxx/)
  t.match(text, '\nand 11 more (--format json has all)\n0 versions alike\n')
  t.match(text, /\nTO {4}b\.json: 1 row\n/)
  t.match(text, /\u001b\[31mNot safe to switch\u001b\[39m: 2 differences in the way$/)
})
