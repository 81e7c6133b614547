import t from 'tap'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { pendingStatements } from '../../../src/policy/outcome/pending-statements.js'
import { emptyRow } from '../../../src/atlas/engine/plan.js'
import { contentFacts, predicted, readDirectory, resolved } from '../rules/object-facts.js'

const data = {
  '1_a.sql': 'CREATE TABLE a (x int);\n',
  '2_b.sql': '-- atlas:txmode none\n\n-- é\nSELECT 1;\n\n\nSELECT\n2;\nSELECT 3;',
  '3_c.sql': "SELECT 'open;",
}

const pending = (files: readonly string[], known: Partial<Facts> = {}) =>
  pendingStatements(
    contentFacts(data, { target: resolved(), prediction: predicted(files), ...known }),
  )

const row = { ...emptyRow, description: '', type: 2 }

const read = (version: string, applied: number): Facts['table'] => ({
  kind: 'read',
  identity: { system: '', database: '', identifier: null },
  revisions: [{ ...row, version, applied, total: 3 }],
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
})

void t.test('splits the files that would run, and tells the lines', async t => {
  t.strictSame(pending(['1_a.sql', '2_b.sql', '3_c.sql']), {
    dialect: 'postgres',
    files: [
      {
        name: '1_a.sql',
        statements: [{ text: 'CREATE TABLE a (x int);', line: 1 }],
        inTransaction: true,
      },
      {
        name: '2_b.sql',
        statements: [
          { text: 'SELECT 1;', line: 4 },
          { text: 'SELECT\n2;', line: 7 },
          { text: 'SELECT 3;', line: 9 },
        ],
        inTransaction: false,
      },
      { name: '3_c.sql', statements: null, inTransaction: true },
    ],
  })
  t.strictSame(pending([])?.files, [])
})

void t.test('leaves out what a partial row counts as done', async t => {
  const rest = (applied: number) =>
    pending(['2_b.sql'], { table: read('2', applied) })?.files[0]?.statements?.map(
      ({ text }) => text,
    )
  t.strictSame(rest(1), ['SELECT\n2;', 'SELECT 3;'])
  t.strictSame(rest(7), [])
  t.equal(rest(-1), undefined)
  t.equal(pending(['2_b.sql'], { table: read('1', 1) })?.files[0]?.statements?.length, 3)
})

void t.test('knows nothing without a directory, a database or a prediction', async t => {
  t.equal(pending(['1_a.sql'], { directory: { kind: 'remote' } }), null)
  t.equal(pending(['1_a.sql'], { target: { kind: 'none' } }), null)
  t.equal(pending(['1_a.sql'], { target: resolved({ dialect: 'other' }) }), null)
  t.equal(pending(['1_a.sql'], { prediction: null }), null)
  t.strictSame(pending(['gone.sql'], { directory: readDirectory({}) })?.files, [])
  t.equal(pending(['1_a.sql'], { target: resolved({ dialect: 'mariadb' }) })?.dialect, 'mysql')
})
