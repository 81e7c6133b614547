import { test, t, type Test } from 'tap'
import type { Client } from 'pg'
import { migrate, migration } from '../engine/live/live-gate.js'
import { execute, startTestPostgres, withClient } from '../database/test-postgres.js'
import { filesOf } from '../review/fakes.js'
import { until } from '../until.js'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'
import {
  complete,
  dataRow,
  ready,
  revisionColumns,
  rowDescription,
  usualRow,
  welcome,
} from './harness/fake-messages.js'
import { startFakePostgres, type FakePostgres } from './harness/fake-postgres.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)
t.comment('timeout=300000')

/** What a server says of itself. */
interface Claims {
  readonly system: string
  readonly database: string
  readonly startedAt: string
}

/** What a liar answers when it is asked whom it sees; `given` are the names that its own connections were given. */
type SeenBy = (given: readonly string[]) => Promise<readonly (readonly [string, boolean])[]>

async function startLiar(t: Test, claims: Claims, seenBy: SeenBy): Promise<FakePostgres> {
  const given: string[] = []
  return startFakePostgres(t, {
    session: async wire => {
      wire.send(welcome)
      for (;;) {
        const text = (await wire.until('Q')).toString('utf8')
        const [, name] = /'application_name', '(\w+)'/.exec(text) ?? []
        if (name !== undefined) given.push(name)
        const asksNames = text.includes('pg_stat_activity')
        wire.send(...answers(text, claims, asksNames ? await seenBy(given) : []), ready)
      }
    },
  })
}

/** One result for each statement that the reader sends. */
function answers(
  text: string,
  { system, database, startedAt }: Claims,
  seen: readonly (readonly [string, boolean])[],
): readonly Buffer[] {
  const identity = { system, database, cockroach: null }
  const usual = { ...identity, locked: false, columns: revisionColumns }
  const one = (value: unknown) => [
    rowDescription('x'),
    dataRow(typeof value === 'string' ? value : JSON.stringify(value)),
    complete('SELECT 1'),
  ]
  return [
    ...(text.startsWith('BEGIN') ? [complete('BEGIN'), ...one('')] : []),
    ...(text.includes("'system'") ? one(text.includes("'columns'") ? usual : identity) : []),
    ...(text.includes('operator_version')
      ? [rowDescription(...revisionColumns), dataRow(...usualRow), complete('SELECT 1')]
      : []),
    ...(text.includes('pg_postmaster_start_time') ? one(startedAt) : []),
    ...(text.includes('pg_stat_activity')
      ? one(seen.map(([name, writes]) => ({ name, writes })))
      : []),
    ...(text.includes('COMMIT') ? [complete('COMMIT')] : []),
    ...(text.includes('ROLLBACK') ? [complete('ROLLBACK')] : []),
  ]
}

async function claimsOf(url: string): Promise<Claims> {
  return withClient(url, async client => {
    await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'")
    const { rows } = await client.query<Claims>(
      `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system,
         (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS database,
         pg_postmaster_start_time()::text AS "startedAt"`,
    )
    return rows[0] as Claims
  })
}

/** Everything that a tenant is told. */
async function write(gate: AttackedGate, object: ReturnType<typeof migration>) {
  const { namespace, name } = object.metadata
  const review = reviewOf({ operation: 'CREATE', object, name, namespace })
  const { response } = await gate.post(review, 10)
  const text = [response.status?.message ?? '', ...(response.warnings ?? [])].join('\n')
  return { allowed: response.allowed, text }
}

/** Its connection to the victim's server takes each name that the liar was given, and tells those that it sees. */
function watching(client: Client): SeenBy {
  return async given => {
    await client.query(`SET application_name = '${given.at(-1)}'`)
    const { rows } = await client.query<{ name: string }>(
      "SELECT application_name AS name FROM pg_stat_activity WHERE application_name ~ '^[0-9a-f]{32}$'",
    )
    return rows.map(({ name }) => [name, true])
  }
}

void test('a database that claims to be the one of another', async t => {
  const server = await startTestPostgres(t)
  await execute(server.url('postgres'), 'CREATE DATABASE app', 'CREATE ROLE squatter LOGIN')
  const url = server.url('app')
  const secretFiles = filesOf('7770001', '7770002')
  await migrate(url, secretFiles)
  const victim = migration('orders', { url, dir: { local: secretFiles } }, 'shop')
  const claims = await claimsOf(url)
  t.match(claims, { system: /^\d+$/, database: /^\d+$/, startedAt: /^\d{4}-/ })

  const attack = async (t: Test, seenBy: SeenBy) => {
    const liar = await startLiar(t, claims, seenBy)
    const files = filesOf('20240101000000', '20240102000000')
    const lying = migration('liar', { url: liar.url(), dir: { local: files } }, 'evil')
    const gate = await startAttackedGate(t, { objects: [victim, lying] })
    const wasAsked = () => liar.received().includes('pg_stat_activity')
    const sides = [
      { object: victim, hidden: /evil|liar|2024010/ },
      { object: lying, hidden: /shop|orders|777000/ },
    ]
    for (const { object, hidden } of sides) {
      let said = ''
      // A review waits for the database of a stranger only for a moment; until it has done so it has seen nothing.
      await until('a review that compared both databases', async () => {
        const { allowed, text } = await write(gate, object)
        t.notMatch(text, hidden)
        if (object === victim) t.equal(allowed, true, text)
        said = text
        return wasAsked() && text.includes('1 AtlasMigration of other namespaces may use')
      })
      t.match(said, '[revision-table-shared]', 'counted, and no more')
    }
    t.notMatch(liar.received(), /shop|orders|777000/, 'nor is it told by what it is asked')
    const names = liar.received().match(/.{23}\b[0-9a-f]{32}\b/g) ?? []
    t.ok(names.length > 0)
    for (const name of names)
      t.match(name, "'application_name', '", 'the name that is sought is never sent to it')
    t.equal(gate.isAlive(), true)
  }

  await t.test('by its identifiers and its start alone: nobody is denied or named', t =>
    attack(t, async () => []),
  )
  await t.test('and says that it sees what it was given: nobody is denied or named', t =>
    attack(t, async given => given.map(name => [name, true])),
  )
  await t.test('and watches the server of the victim: nobody is denied or named', t =>
    withClient(url.replace('postgres@', 'squatter@'), async client => {
      t.match(url, '//postgres@')
      await attack(t, watching(client))
    }),
  )
})
