// What one reading of a revisions table costs, as a ratio to the bare SELECT of the same rows over the same driver.
// Run after a build: node bench/database.mjs
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../dist/src/database/embedded/embedded-postgres.js'
import { buildPostgresReader } from '../dist/src/database/postgres-reader.js'
import { defaultSettings } from '../dist/src/policy/settings/default-settings.js'

const table = 'atlas_schema_revisions.atlas_schema_revisions'
const bareSelect = `SELECT version, description, type, applied, total, executed_at, error, error_stmt, hash,
  partial_hashes, operator_version FROM ${table} ORDER BY version`

const createTable = `CREATE SCHEMA atlas_schema_revisions; CREATE TABLE ${table} (version varchar PRIMARY KEY,
  description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, error text,
  error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL)`

const insertRows = `INSERT INTO ${table} SELECT (20240101000000 + n)::text, 'add_table_' || n, 2, 1, 1, now(), 1000,
  '', '', encode(sha256(n::text::bytea), 'base64'), 'null', 'Atlas CLI v1.2.3' FROM generate_series(1, $1::int) n`

/** Median of milliseconds. */
async function measure(work, times = 40) {
  const taken = []
  for (let count = 0; count < times + 10; count++) {
    const start = performance.now()
    await work()
    if (count >= 10) taken.push(performance.now() - start)
  }
  return taken.sort((a, b) => a - b)[times / 2]
}

const server = await startEmbeddedPostgres()
const url = server.url('postgres')
const client = new Client({ connectionString: url })
await client.connect()
const reader = buildPostgresReader({ limits: defaultSettings.database })
try {
  await client.query(createTable)
  const query = {
    url: { reveal: () => url },
    revisionsSchema: 'atlas_schema_revisions',
    boundSchema: null,
    revisionsSchemaIsSet: false,
  }
  const text = { getTypeParser: () => value => value }
  for (const rows of [10, 100, 1000, 10_000]) {
    await client.query(`TRUNCATE ${table}`)
    await client.query(insertRows, [rows])
    const bare = await measure(() =>
      client.query({ text: bareSelect, rowMode: 'array', types: text }),
    )
    const whole = await measure(async () => {
      const deadline = { at: Date.now() + 10_000, signal: AbortSignal.timeout(10_000) }
      const facts = await reader.readTable(query, deadline)
      if (facts.kind !== 'read' || facts.revisions?.length !== rows) throw new Error('wrong answer')
    })
    const ratio = (whole / bare).toFixed(2)
    console.log(
      `${rows} rows: ${whole.toFixed(2)} ms, bare SELECT ${bare.toFixed(2)} ms, ratio ${ratio}`,
    )
  }
} finally {
  await reader.close()
  await client.end()
  await server.stop()
}
