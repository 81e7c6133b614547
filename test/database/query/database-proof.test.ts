import t, { type Test } from 'tap'
import { openClusters } from '../copied-cluster.js'
import { startPgBouncer } from '../pgbouncer.js'
import { startTcpProxy } from '../tcp-proxy.js'
import { createRevisionsTable, execute } from '../test-postgres.js'
import { proveSameDatabase, type ProofSide } from '../../../src/database/query/database-proof.js'
import { buildTestReader, soon, within } from '../test-reader.js'

// Several servers are made, copied and started: longer than tap's 30 s on a busy machine.
t.setTimeout(200_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=200000')

const revisionsSchema = 'atlas_schema_revisions'

function comparing(t: Test) {
  const reader = buildTestReader(t)
  return (a: string, b: string, schema = revisionsSchema) =>
    reader.compareDatabases(
      { urls: [{ reveal: () => a }, { reveal: () => b }], revisionsSchema: schema },
      soon(),
    )
}

void t.test(
  'one running database is told from its copies, whatever they say of themselves',
  async t => {
    const clusters = await openClusters(t)
    await clusters.initialize('original')
    const first = await clusters.start('original')
    await execute(
      first.url('postgres'),
      'CREATE DATABASE app',
      'CREATE DATABASE other',
      'CREATE ROLE operator LOGIN',
      'CREATE ROLE squatter LOGIN',
    )
    await createRevisionsTable(first.url('app'))
    const table = `${revisionsSchema}.atlas_schema_revisions`
    await execute(
      first.url('app'),
      `GRANT USAGE ON SCHEMA ${revisionsSchema} TO operator, squatter`,
      `GRANT SELECT, INSERT ON ${table} TO operator`,
      `GRANT SELECT ON ${table} TO squatter`,
    )
    await first.stop()
    await clusters.copy('original', 'copy')
    let original = await clusters.start('original')
    const copy = await clusters.start('copy')

    await t.test('a physical copy on a second port is another database', async t => {
      t.equal(await comparing(t)(original.url('app'), copy.url('app')), 'different')
    })

    await t.test('one server under two names, or behind a relay, is the same', async t => {
      const compare = comparing(t)
      const byName = original.url('app', 'operator', 'localhost')
      t.equal(await compare(original.url('app'), byName), 'same')
      const relay = await startTcpProxy(t, original.port)
      const relayed = original.url('app').replace(`:${original.port}/`, `:${relay.port}/`)
      t.equal(await compare(relayed, original.url('app', 'operator')), 'same')
      t.equal(await compare(relayed, copy.url('app')), 'different')
    })

    await t.test('another database of the server is not', async t => {
      t.equal(await comparing(t)(original.url('app'), original.url('other')), 'different')
    })

    await t.test(
      'a role that may not write the table proves nothing, not even at one address',
      async t => {
        const compare = comparing(t)
        t.equal(await compare(original.url('app'), original.url('app', 'squatter')), 'alike')
        t.equal(
          await compare(original.url('app', 'squatter'), original.url('app', 'operator')),
          'alike',
        )
      },
    )

    await t.test('a restart between two reads does not refute', async t => {
      const compare = comparing(t)
      const relay = await startTcpProxy(t, original.port)
      const relayed = original.url('app').replace(`:${original.port}/`, `:${relay.port}/`)
      t.equal(await compare(relayed, original.url('app')), 'same')
      await original.stop()
      original = await clusters.start('original', original.port)
      t.equal(await compare(relayed, original.url('app')), 'same')
      t.equal(await compare(relayed, copy.url('app')), 'different', 'nor does it join a copy')
      // What the pool has kept is dead, and nobody knows it yet.
      for (const pair of [
        [relayed, original.url('app')],
        [original.url('app'), relayed],
      ] as const) {
        relay.cutNext = true
        t.equal(await compare(...pair), 'same')
        t.equal(relay.cutNext, false)
      }
    })

    await t.test('a table that is not there yet belongs to those who may make it', async t => {
      const compare = comparing(t)
      t.equal(await compare(original.url('app'), original.url('app', 'operator'), 'new'), 'alike')
      await execute(original.url('app'), 'GRANT CREATE ON DATABASE app TO operator')
      t.equal(await compare(original.url('app'), original.url('app', 'operator'), 'new'), 'same')
    })

    await t.test('through PgBouncer in transaction mode it is the same', async t => {
      const port = await startPgBouncer(t, original.port)
      if (port === null) {
        t.comment('skipped: pgbouncer is not installed (Debian: apt-get install pgbouncer)')
        return
      }
      const pooled = original.url('app', 'operator').replace(`:${original.port}/`, `:${port}/`)
      const compare = comparing(t)
      t.equal(await compare(pooled, original.url('app')), 'same')
      t.equal(await compare(pooled, original.url('app', 'postgres', 'localhost')), 'same')
      t.equal(await compare(pooled, copy.url('app')), 'different')
    })

    await t.test(
      'a side that cannot be asked leaves it unknown, and the other connection usable',
      async t => {
        const reader = buildTestReader(t)
        const urls = [original.url('app'), original.url('app', 'nobody-such')].map(url => ({
          reveal: () => url,
        })) as [{ reveal: () => string }, { reveal: () => string }]
        t.equal(await reader.compareDatabases({ urls, revisionsSchema }, soon()), 'unknown')
        t.equal(await reader.compareDatabases({ urls, revisionsSchema: '\0' }, soon()), 'unknown')
        const silent = await startTcpProxy(t, original.port)
        silent.silent = true
        const muted = {
          reveal: () => original.url('app').replace(`:${original.port}/`, `:${silent.port}/`),
        }
        const asked = { urls: [urls[0], muted] as const, revisionsSchema }
        t.equal(await reader.compareDatabases(asked, within(500)), 'unknown')
        t.match(await reader.readIdentity(urls[0], soon()), { system: /\d+/ })
      },
    )
  },
)

/** Two doors to one server, each with a time of its start for each time that it is asked. */
function restarting(...starts: readonly (readonly [first: string, second: string])[]) {
  const names = ['', '']
  const sideOf = (index: 0 | 1): ProofSide => {
    const told = starts.map(times => times[index])
    return {
      database: 'app',
      session: {
        address: () => null,
        async query(text) {
          const [, given] = /'application_name', '(\w+)'/.exec(text) ?? []
          if (given !== undefined) names[index] = given
          if (!text.includes('pg_postmaster_start_time')) return []
          const identity = JSON.stringify({ system: '7', database: '5', cockroach: null })
          const seen = JSON.stringify(names.map(name => ({ name, writes: true })))
          return [[[identity]], [[told.shift()!]], [[seen]]]
        },
      },
    }
  }
  return [sideOf(0), sideOf(1)] as const
}

void t.test('a server that starts anew while it is asked is asked a second time', async t => {
  const prove = (sides: readonly [ProofSide, ProofSide]) =>
    proveSameDatabase({
      sides,
      revisionsSchema,
      timeouts: () => ({ statementMs: 1000, lockMs: 1000 }),
      signal: soon().signal,
    })
  t.equal(await prove(restarting(['noon', 'one'], ['one', 'one'])), 'same')
  t.equal(await prove(restarting(['noon', 'one'], ['noon', 'one'])), 'different')
  t.equal(await prove(restarting(['', 'one'])), 'same', 'a time that is not told refutes nothing')
})
