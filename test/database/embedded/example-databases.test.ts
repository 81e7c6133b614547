import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { createExampleDatabases } from '../../../src/database/embedded/example-databases.js'
import { execute, startTestPostgres, withClient } from '../test-postgres.js'

const server = await startTestPostgres(t)
const urlOf = (database: string) => server.url(database)

void t.test('an example database has its tables, and a row for each file', async t => {
  const schema = buildDirectory({
    '1_users.sql': 'CREATE TABLE users (id int);\nCREATE TABLE pets (id int);\n',
  })
  const seed = buildDirectory({ '2_seed_users.sql': 'INSERT INTO users VALUES (1), (2);\n' })
  await createExampleDatabases(urlOf, [{ name: 'shop', directories: [schema, seed] }])
  const { rows, owner, users } = await withClient(urlOf('shop'), async client => ({
    rows: await client.query(
      `SELECT version, description, type, applied, total, error, error_stmt, hash, partial_hashes, operator_version
       FROM atlas_schema_revisions.atlas_schema_revisions ORDER BY version`,
    ),
    owner: await client.query(`SELECT tableowner FROM pg_tables WHERE tablename = 'pets'`),
    users: await client.query('SELECT count(*)::int AS n FROM users'),
  }))
  // SHA-256 over name and content, as a line of atlas.sum; computed by hand with sha256sum.
  const written = { type: '2', error: '', error_stmt: '', partial_hashes: null }
  t.match(rows.rows, [
    { ...written, version: '1', description: 'users', applied: '2', total: '2' },
    { ...written, version: '2', description: 'seed_users', applied: '1', total: '1' },
  ])
  t.strictSame(
    rows.rows.map(row => (row as { hash: string }).hash),
    [
      'BidWWDtwXQ/4poL3/tyWsUiSZSxcsMWo4gVSsOgcn1M=',
      'I07trdVcY1gjBSw8+Jp+pwMpKEsmKrQda4wwT2NAGLA=',
    ],
  )
  t.strictSame(owner.rows, [{ tableowner: 'atlas' }])
  t.strictSame(users.rows, [{ n: 2 }])
})

void t.test('a file that the engine could not read is no example', async t => {
  const broken = buildDirectory({ '1.sql': "SELECT 'open" })
  await execute(urlOf('postgres'), 'DROP DATABASE shop')
  await execute(urlOf('postgres'), 'DROP ROLE atlas')
  await t.rejects(
    createExampleDatabases(urlOf, [{ name: 'broken', directories: [broken] }]),
    new Error("1.sql: unclosed quote '\\''"),
  )
})
