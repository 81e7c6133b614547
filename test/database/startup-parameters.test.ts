import t from 'tap'
import { ask, buildTestReader, soon } from './test-reader.js'
import { startPgBouncer } from './pgbouncer.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  startTestPostgres,
} from './test-postgres.js'

const server = await startTestPostgres(t)
const database = await createDatabase(server)
await createRevisionsTable(database)
await execute(
  database,
  'DROP ROLE IF EXISTS blind, plain',
  'CREATE ROLE blind',
  'CREATE ROLE plain LOGIN',
  'GRANT USAGE ON SCHEMA atlas_schema_revisions TO plain',
  'GRANT SELECT ON atlas_schema_revisions.atlas_schema_revisions TO plain',
)

const withQuery = (query: string, url = database) =>
  `${url}${url.includes('?') ? '&' : '?'}${query}`
const asPlain = (url: string) => url.replace(/\/\/[^@]*@/, '//plain@')

/** Recorded with the engine's own driver: for each, it got this SQLSTATE at its first query. */
const refused: readonly (readonly [query: string, parameter: string | null, reason: string])[] = [
  ['schema=public', 'schema', 'unknown'], // 42704
  ['channel_binding=require', 'channel_binding', 'unknown'],
  ['SSLMODE=disable', 'SSLMODE', 'unknown'],
  ['ssl=require', 'ssl', 'fixed'], // 55P02
  ['shared_buffers=1GB', 'shared_buffers', 'fixed'],
  ['work_mem=huge', 'work_mem', 'value'], // 22023
  ['timezone=Mars', 'timezone', 'value'],
  ['extra_float_digits=99', 'extra_float_digits', 'value'],
  ['role=nobody', 'role', 'value'],
  ['options=endpoint%3Dx', 'options', 'value'], // 42601
  ['options=-c%20nothing%3D1', 'options', 'unknown'],
  ['work_mem=4MB&connection_limit=5', 'connection_limit', 'unknown'],
  ['__proto__=x', '__proto__', 'unknown'],
]

void t.test('A parameter that the server refuses is known by its name', async t => {
  const reader = buildTestReader(t)
  for (const [query, parameter, reason] of refused) {
    const facts = await reader.readTable(ask(withQuery(query)), soon())
    t.match(facts, { failure: 'parameter-refused', refused: { parameter, reason } }, query)
  }
  const asRole = withQuery('role=blind', asPlain(database))
  const facts = await reader.readTable(ask(asRole), soon())
  t.match(facts, { refused: { parameter: 'role', reason: 'right' } }, 'a role of others')
})

void t.test('A parameter that the server takes changes nothing of what is read', async t => {
  const reader = buildTestReader(t)
  const settings = ['standard_conforming_strings=off', 'DateStyle=SQL', 'TimeZone=Asia/Tokyo']
  for (const query of [
    'search_path=my-schema',
    'role=postgres&work_mem=4MB&options=-c%20lock_timeout%3D5s',
    ...settings,
    `options=-c%20${settings[0]}`,
    'application_name=x&fallback_application_name=y',
  ])
    t.match(await reader.readTable(ask(withQuery(query)), soon()), { kind: 'read' }, query)
})

void t.test('A schema with a quote and a backslash is asked for whatever the URL sets', async t => {
  const reader = buildTestReader(t)
  const revisionsSchema = String.raw`a\'; DROP TABLE t; --`
  for (const query of ['standard_conforming_strings=on', 'standard_conforming_strings=off']) {
    const facts = await reader.readTable(ask(withQuery(query), { revisionsSchema }), soon())
    t.match(facts, { kind: 'read', revisions: null }, query)
  }
})

void t.test('The role of the URL decides what may be read', async t => {
  const reader = buildTestReader(t)
  t.match(await reader.readTable(ask(withQuery('role=blind')), soon()), { failure: 'permission' })
  t.match(await reader.readTable(ask(asPlain(database)), soon()), { kind: 'read' })
})

void t.test(
  'No more is sent than a server takes, and no other fault is taken for this',
  async t => {
    const reader = buildTestReader(t)
    const long = withQuery(`work_mem=${'4'.repeat(20_000)}`)
    t.match(await reader.readTable(ask(long), soon()), { failure: 'unsupported' })
    await execute(
      database,
      'CREATE DATABASE closed',
      'REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
    )
    const closed = asPlain(server.url('closed'))
    t.match(await reader.readTable(ask(withQuery('work_mem=4MB', closed)), soon()), {
      failure: 'permission',
    })
  },
)

void t.test('A pooler refuses what it does not pass on', async t => {
  const port = await startPgBouncer(t, server.port)
  if (port === null) {
    t.pass('pgbouncer is not installed', { skip: 'pgbouncer is not installed' })
    return
  }
  const reader = buildTestReader(t)
  const pooled = database.replace(/:\d+\//, `:${port}/`)
  t.match(await reader.readTable(ask(pooled), soon()), { kind: 'read' })
  for (const parameter of ['search_path', 'schema', 'statement_timeout']) {
    const facts = await reader.readTable(ask(withQuery(`${parameter}=5`, pooled)), soon())
    t.match(facts, { refused: { parameter, reason: 'pooler' } }, parameter)
  }
  // PgBouncer takes this one.
  const facts = await reader.readTable(ask(withQuery('extra_float_digits=3', pooled)), soon())
  t.match(facts, { kind: 'read' })
})
