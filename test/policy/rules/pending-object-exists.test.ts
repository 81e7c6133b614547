import t from 'tap'
import { type FoundObject, objectKey } from '../../../src/policy/facts/catalog-objects.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { askedObjects } from '../../../src/policy/objects/pending-objects.js'
import { pendingObjectExists } from '../../../src/policy/rules/pending-object-exists.js'
import { buildFacts, rowsOf, type Files, type Situation } from '../facts/facts-builder.js'
import { textOf } from './judge.js'

// Which statements fail on what is there was recorded from the real engine: see
// test/database/query/objects.test.ts.

const object: FoundObject = {
  exists: true,
  schema: 'public',
  table: null,
  owner: null,
  owned: true,
  mayDrop: true,
  mayCreate: true,
}

/** Facts in whose database everything that is asked for is there. */
function full(situation: Situation): Facts {
  const facts = buildFacts(situation)
  const objects = new Map(askedObjects(facts).map(asked => [objectKey(asked), object]))
  return { ...buildFacts(situation), objects }
}

const names = (facts: Facts) => askedObjects(facts).map(({ name }) => name)

const shop: Files = {
  '1_customers.sql': 'CREATE TABLE customers (id int);\n',
  '2_orders.sql': 'CREATE TABLE orders (id int);\n',
  '3_rows.sql': 'INSERT INTO orders VALUES (1);\n',
  '4_items.sql': 'CREATE TABLE items (id int);\n',
}

void t.test('a half-restored database is told with what would happen twice', t => {
  const finding = pendingObjectExists.evaluate(full({ files: shop, rows: rowsOf(shop, ['1']) }))
  t.match(finding, {
    found:
      '2_orders.sql creates table public.orders, which is there already (and 1 more object): it fails',
    subjects: ['table public.orders', 'table public.items'],
    at: { file: '2_orders.sql', line: 1 },
  })
  t.match(finding && textOf(finding), /4_items.sql creates table public.items, too/)
  t.match(finding && textOf(finding), /Nothing would keep 3_rows.sql from running a second time/)
  t.match(finding && textOf(finding), /every pending file ran there: `atlas migrate set 4`/)
  t.end()
})

void t.test('where nothing ran through Atlas yet, a baseline is the way', t => {
  const facts = full({ files: shop, rows: null, spec: { baseline: '1' } })
  const finding = pendingObjectExists.evaluate(facts)
  t.match(finding?.remedy, /set spec.baseline to the newest of them/)
  t.notMatch(finding && textOf(finding), /migrate set/)
  t.end()
})

void t.test('nothing is asked where nothing is pending, or nothing can be predicted', t => {
  t.same(names(buildFacts({ files: shop, rows: rowsOf(shop) })), [])
  t.same(names(buildFacts({ files: shop, rows: null, table: { kind: 'unread' } })), [])
  t.same(names(buildFacts({ files: shop, rows: null, target: { dialect: 'mysql' } })), [])
  t.same(names(buildFacts({ files: shop, rows: null, wrongSum: true })), [])
  t.equal(pendingObjectExists.evaluate(buildFacts({ files: shop, rows: null })), null)
  t.end()
})

void t.test('a database that is made by hand first is not clean, so that nothing runs', t => {
  const facts = full({ files: shop, rows: null, notClean: 'found schema "shop"' })
  t.equal(pendingObjectExists.evaluate(facts), null)
  t.end()
})

void t.test('only what a partial row has not counted yet is asked for', t => {
  const file = {
    '1.sql': '-- atlas:txmode none\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n',
  }
  const [row] = rowsOf(file)
  const partial = { ...row!, applied: 1, total: 2, partialHashes: ['h1:x'] }
  t.same(names(buildFacts({ files: file, rows: [partial] })), ['b'])
  t.end()
})

void t.test('at most 200 names are asked for, however many files and uses there are', t => {
  const many = Array.from({ length: 500 }, (_, n) => `CREATE TABLE t${n} (id int);\n`).join('')
  t.equal(names(buildFacts({ files: { '1.sql': many } })).length, 200)
  const lists = `DROP TABLE ${Array.from({ length: 190 }, (_, n) => `d${n}`).join(', ')};\n`
  t.ok(names(buildFacts({ files: { '1.sql': lists, '2.sql': many } })).length <= 200)
  const again = 'COMMENT ON TABLE t IS NULL;\n'.repeat(5000)
  t.same(names(buildFacts({ files: { '1.sql': again, '2.sql': many } })), ['t'])
  t.end()
})

void t.test('a file that Atlas cannot split is the last one', t => {
  const files = { '1.sql': "SELECT 'x;\n", '2.sql': 'CREATE TABLE a (id int);\n' }
  t.same(names(buildFacts({ files })), [])
  t.end()
})

void t.test('nothing is told behind a function, which may have dropped anything', t => {
  const after = (statement: string) =>
    names(buildFacts({ files: { '1.sql': `${statement};\nCREATE TABLE a (id int);\n` } }))
  t.same(after('SELECT swap()'), [])
  t.same(after('SELECT app.swap(1)'), [])
  t.same(after("SELECT pg_catalog.setval('s', 7, true)"), ['a'])
  t.same(after('SELECT 1'), ['a'])
  t.end()
})

void t.test('what is added to a column is no column', t => {
  const asked = (actions: string) =>
    askedObjects(buildFacts({ files: { '1.sql': `ALTER TABLE a ${actions};\n` } }))
      .filter(({ kind }) => kind === 'column')
      .map(({ name }) => name)
  t.same(asked('ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY'), [])
  t.same(asked('ALTER id SET NOT NULL, ADD b int, ADD COLUMN c int'), ['b', 'c'])
  t.same(asked('VALIDATE CONSTRAINT x, ADD b int'), ['b'])
  t.end()
})

void t.test('what ran under another version is told by the rule file-runs-again', t => {
  const { '4_items.sql': items, ...ran } = shop
  const rows = rowsOf({ ...ran, '4_items.sql': items! })
  const { '2_orders.sql': orders, ...kept } = shop
  const files = { ...kept, '5_orders.sql': orders! }
  const finding = pendingObjectExists.evaluate(full({ files, rows, before: { files: shop, rows } }))
  t.match(finding, { partOf: 'file-runs-again', subjects: ['table public.orders'] })
  // The row of 2 would have to be deleted first, or the operator tries to undo it.
  t.notMatch(finding && textOf(finding), /migrate set/)
  const more = { ...files, '6_old.sql': 'CREATE TABLE old ();\n' }
  const both = pendingObjectExists.evaluate(full({ files: more, rows }))
  t.equal(both?.partOf, undefined)
  t.notMatch(both && textOf(both), /migrate set/)
  t.end()
})
