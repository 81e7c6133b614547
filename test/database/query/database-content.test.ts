import { test, t } from 'tap'
import { createDatabase, execute, startTestPostgres } from '../test-postgres.js'
import { ask, buildTestReader, soon } from '../test-reader.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=120000')
const server = await startTestPostgres(t)

void test('what a database holds is told while there are no rows', async t => {
  const url = await createDatabase(server)
  const reader = buildTestReader(t)
  await execute(
    url,
    'CREATE SCHEMA google_vacuum_mgmt',
    'CREATE SCHEMA app',
    'CREATE TABLE app.orders (id int) PARTITION BY RANGE (id)',
    'CREATE TABLE app.orders_1 PARTITION OF app.orders FOR VALUES FROM (1) TO (2)',
    'CREATE VIEW app.seen AS SELECT 1 AS one',
    'CREATE SEQUENCE app.numbers',
    'CREATE EXTENSION IF NOT EXISTS plpgsql',
    'CREATE TABLE app.customers (id int)',
  )
  t.match(await reader.readTable(ask(url), soon()), {
    content: {
      schemas: [
        { name: 'app', tables: ['customers', 'orders'] },
        { name: 'google_vacuum_mgmt', tables: [] },
        { name: 'public', tables: [] },
      ],
      isWhole: true,
    },
  })
  await execute(url, 'CREATE ROLE nobody LOGIN')
  const role = new URL(url)
  role.username = 'nobody'
  t.match(
    await reader.readTable(ask(role.href), soon()),
    { content: { schemas: [{ tables: ['customers', 'orders'] }, {}, {}] } },
    'also tables on which the role has no right',
  )
})

void test('of a large database only a part is told', async t => {
  const url = await createDatabase(server)
  await execute(
    url,
    `DO $$ BEGIN FOR i IN 1..1001 LOOP EXECUTE format('CREATE TABLE t%s ()', i); END LOOP; END $$`,
  )
  const facts = await buildTestReader(t).readTable(ask(url), soon())
  t.match(facts, { content: { isWhole: false } })
})
