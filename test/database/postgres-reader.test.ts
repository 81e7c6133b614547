import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Socket } from 'node:net'
import { t, test } from 'tap'
import type { DatabaseFailure, TableFacts } from '../../src/policy/facts/facts.js'
import type { TableQuery } from '../../src/review/ports/ports.js'
import { parseDatabaseUrl } from '../../src/policy/url/database-url.js'
import { answerBounds } from '../../src/database/wire/answer-bounds.js'
import { AnswerShare } from '../../src/database/wire/answer-share.js'
import { openSession } from '../../src/database/wire/session.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { issueSelfSigned } from '../../src/webhook/tls/self-signed.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
  withClient,
} from './test-postgres.js'
import { startTcpProxy } from './tcp-proxy.js'
import { ask, buildTestReader, soon, within } from './test-reader.js'
import { until } from '../until.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=120000')
const certificate = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
const folder = await mkdtemp(join(tmpdir(), 'reader-test-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
// The server runs as another user when we are root, and puts its socket there.
await chmod(folder, 0o777)
await writeFile(join(folder, 'ca.crt'), certificate.ca)
const server = await startTestPostgres(t, {
  auth: 'scram',
  settings: {
    unix_socket_directories: folder,
    ssl: 'on',
    ssl_cert_file: 'server.crt',
    ssl_key_file: 'server.key',
  },
  files: { 'server.crt': certificate.cert, 'server.key': certificate.key },
})

const table = 'atlas_schema_revisions.atlas_schema_revisions'
const executeLock = 2686470616

const shared = await createDatabase(server)

/** As it was created, but for what extensions own. */
const emptyDatabase = `DO $$ DECLARE s text; BEGIN
  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', s);
  END LOOP;
  CREATE SCHEMA public;
END $$`

/** A database costs some 40 ms and much more on a busy machine; most tests can have one after the other. */
async function emptied(): Promise<string> {
  await execute(shared, emptyDatabase)
  return shared
}

/** The URL for another login, with the given password. */
function loginAs(url: string, user: string, password: string): string {
  return url.replace(/\/\/[^@]*@/, `//${user}:${password}@`)
}

async function createRole(url: string, name: string): Promise<string> {
  await execute(url, `CREATE ROLE ${name} LOGIN PASSWORD 'right'`)
  return loginAs(url, name, 'right')
}

void test('A fresh database has no table and is clean', async t => {
  const url = await emptied()
  const facts = await buildTestReader(t).readTable(ask(url), soon())
  t.match(facts, {
    kind: 'read',
    identity: { system: /^\d{10,}$/, database: /^\d+$/, identifier: null },
    revisions: null,
    notClean: null,
    ambiguous: false,
    elsewhere: [],
    locked: false,
  })
})

void test('Rows are read as the engine writes them, without the identifier', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  await insertRevisions(url, [
    {
      version: '2',
      description: 'b',
      applied: 1,
      total: 3,
      error: 'no',
      errorStatement: 'SELECT 1',
      partialHashes: ['h1:x', 'h1:y'],
      hash: 'abc=',
    },
    { version: '1', type: 1, applied: 0, total: 0, executedAt: '2024-06-01T12:00:00+02:00' },
    { version: '.atlas_cloud_identifier', description: 'some-uuid', partialHashes: null },
  ])
  const facts = await buildTestReader(t).readTable(ask(url), soon())
  t.match(facts, { kind: 'read', identity: { identifier: 'some-uuid' }, notClean: null })
  t.same((facts as { revisions?: unknown }).revisions, [
    {
      version: '1',
      description: '',
      type: 1,
      applied: 0,
      total: 0,
      executedAt: '2024-06-01T10:00:00Z',
      error: '',
      errorStatement: '',
      hash: '',
      partialHashes: [],
      operatorVersion: 'Atlas CLI v1.2.3',
    },
    {
      version: '2',
      description: 'b',
      type: 2,
      applied: 1,
      total: 3,
      executedAt: '2024-01-02T03:04:05.678901Z',
      error: 'no',
      errorStatement: 'SELECT 1',
      hash: 'abc=',
      partialHashes: ['h1:x', 'h1:y'],
      operatorVersion: 'Atlas CLI v1.2.3',
    },
  ])
})

void test('Rows come in the order of the database, which is not that of bytes', async t => {
  await execute(
    server.url('postgres'),
    `CREATE DATABASE linguistic TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`,
  )
  const url = server.url('linguistic')
  await createRevisionsTable(url)
  await insertRevisions(url, [{ version: 'B2' }, { version: 'a1' }])
  const facts = await buildTestReader(t).readTable(ask(url), soon())
  t.match(facts, { revisions: [{ version: 'a1' }, { version: 'B2' }] })
})

/** Statements on an empty database, and what is read from it. */
type TableCase = [
  title: string,
  statements: readonly string[],
  expected: Readonly<Record<string, unknown>>,
]

const createSchema = 'CREATE SCHEMA atlas_schema_revisions'
const loose = (columns: string) => `CREATE TABLE ${table} (${columns})`
const allText =
  'version text, description text, type text, applied text, total text, executed_at text, error text, ' +
  'error_stmt text, hash text, partial_hashes text, operator_version text'
const malformed = (what: string) => ({
  kind: 'failed',
  failure: 'malformed-table',
  message: `the revisions table is malformed: ${what}`,
})

const tableCases: readonly TableCase[] = [
  [
    'nulls are zeros',
    [createSchema, loose(allText), `INSERT INTO ${table} VALUES (NULL)`],
    {
      revisions: [
        { version: '', type: 0, applied: 0, total: 0, executedAt: '', partialHashes: [] },
      ],
    },
  ],
  [
    'numbers and lists may be texts',
    [
      createSchema,
      loose(allText),
      `INSERT INTO ${table} VALUES ('1', 'd', '2', '1', '4', '2024-01-02T03:04:05Z', '', '', 'h', '["h1:a"]', 'v')`,
    ],
    {
      revisions: [
        {
          version: '1',
          type: 2,
          applied: 1,
          total: 4,
          executedAt: '2024-01-02T03:04:05Z',
          partialHashes: ['h1:a'],
        },
      ],
    },
  ],
  [
    'an empty text is no list',
    [
      createSchema,
      loose(allText),
      `INSERT INTO ${table} (version, partial_hashes) VALUES ('1', '')`,
    ],
    { revisions: [{ partialHashes: [] }] },
  ],
  [
    'a number that is none',
    [createSchema, loose(allText), `INSERT INTO ${table} (version, applied) VALUES ('1', '1.5')`],
    malformed('applied is not an integer in a row'),
  ],
  [
    'a list of numbers',
    [
      createSchema,
      loose(allText),
      `INSERT INTO ${table} (version, partial_hashes) VALUES ('1', '[1]')`,
    ],
    malformed('partial_hashes is no list of texts in a row'),
  ],
  [
    'a list that is no JSON',
    [
      createSchema,
      loose(allText),
      `INSERT INTO ${table} (version, partial_hashes) VALUES ('1', '[')`,
    ],
    malformed('partial_hashes is no list of texts in a row'),
  ],
  [
    'a time without a zone is one of UTC, infinity none',
    [
      createSchema,
      loose(allText.replace('executed_at text', 'executed_at timestamp')),
      `INSERT INTO ${table} (version, executed_at) VALUES ('1', '2024-01-02 03:04:05.5'), ('2', 'infinity')`,
    ],
    { revisions: [{ executedAt: '2024-01-02T03:04:05.5Z' }, { executedAt: '' }] },
  ],
  [
    'columns that Atlas adds count with its defaults',
    [
      createSchema,
      loose(
        'version text, description text, executed_at timestamptz, hash text, operator_version text',
      ),
      `INSERT INTO ${table} VALUES ('1', 'd', 'epoch', 'h', 'v')`,
    ],
    {
      revisions: [
        {
          version: '1',
          type: 2,
          applied: 0,
          total: 0,
          error: '',
          executedAt: '1970-01-01T00:00:00Z',
        },
      ],
    },
  ],
  [
    'a column that Atlas cannot add to rows',
    [
      createSchema,
      loose(allText.replace(' hash text,', '')),
      `INSERT INTO ${table} (version) VALUES ('1')`,
    ],
    malformed('it has no column hash'),
  ],
  [
    'a column that Atlas adds to an empty table',
    [createSchema, loose(allText.replace(' hash text,', ''))],
    { revisions: [] },
  ],
  [
    'a table without versions',
    [createSchema, loose('id int')],
    malformed('it has no column version'),
  ],
  [
    'a view of the name is no table',
    [createSchema, `CREATE VIEW ${table} AS SELECT 1 AS version`],
    { revisions: null },
  ],
]

void test('What is not as the engine writes it is read as the engine would, or named', async t => {
  const reader = buildTestReader(t)
  const url = await emptied()
  for (const [title, statements, expected] of tableCases) {
    await execute(url, 'DROP SCHEMA IF EXISTS atlas_schema_revisions CASCADE', ...statements)
    t.match(await reader.readTable(ask(url), soon()), expected, title)
    t.match(await reader.readTable(ask(url), soon()), expected, `${title}, again`)
  }
})

/** Statements, the question, and the reason why the database is not clean (semantics d.4). */
type CleanCase = [
  title: string,
  statements: readonly string[],
  question: Partial<TableQuery>,
  notClean: string | null,
]

const cleanCases: readonly CleanCase[] = [
  ['an extra schema', ['CREATE SCHEMA app'], {}, 'found schema "app"'],
  ['a table in public', ['CREATE TABLE users (id int)'], {}, 'found schema "public"'],
  ['only a view in public', ['CREATE VIEW v AS SELECT 1'], {}, null],
  ['a sequence and a type in public', ['CREATE SEQUENCE s', 'CREATE TYPE y AS (a int)'], {}, null],
  [
    'a partitioned table',
    ['CREATE TABLE p (id int) PARTITION BY LIST (id)'],
    {},
    'found schema "public"',
  ],

  [
    'a schema in capitals comes first',
    ['CREATE SCHEMA "Zoo"', 'CREATE SCHEMA app'],
    {},
    'found schema "Zoo"',
  ],
  [
    'more tables in the revisions schema',
    [
      createSchema,
      loose(allText),
      'CREATE TABLE atlas_schema_revisions.b (id int)',
      'CREATE TABLE atlas_schema_revisions.c (id int)',
    ],
    {},
    'found 3 tables in schema "atlas_schema_revisions"',
  ],
  ['only the revisions table', [createSchema, loose(allText)], {}, null],
  [
    'public as the revisions schema',
    ['CREATE TABLE a (id int)'],
    { revisionsSchema: 'public', revisionsSchemaIsSet: true },
    'found 2 tables in schema "public"',
  ],
  [
    'a bound schema with a table',
    ['CREATE SCHEMA app', 'CREATE TABLE app.users (id int)', 'CREATE SCHEMA other'],
    { revisionsSchema: 'app', boundSchema: 'app' },
    'found table "atlas_schema_revisions" in schema "app"',
  ],
  [
    'a bound schema with a table and revisions elsewhere',
    ['CREATE SCHEMA app', 'CREATE TABLE app.users (id int)', 'CREATE TABLE app.zoo (id int)'],
    { revisionsSchema: 'revs', boundSchema: 'app', revisionsSchemaIsSet: true },
    'found table "users" in schema "app"',
  ],
  [
    'an empty bound schema',
    ['CREATE SCHEMA app', 'CREATE TABLE t (id int)'],
    { revisionsSchema: 'app', boundSchema: 'app' },
    null,
  ],
  ['a bound schema that is not there', [], { revisionsSchema: 'app', boundSchema: 'app' }, null],
]

void test('What makes a database unclean is what Atlas takes for a schema or a table', async t => {
  const reader = buildTestReader(t)
  const url = await emptied()
  for (const [title, statements, question, notClean] of cleanCases) {
    await execute(url, emptyDatabase, ...statements)
    t.match(await reader.readTable(ask(url, question), soon()), { kind: 'read', notClean }, title)
  }
})

void test('What an extension owns, or the role has no right on, is none for the clean check', async t => {
  const url = await createDatabase(server)
  await execute(
    url,
    'CREATE SCHEMA e',
    'CREATE TABLE e (id int)',
    'ALTER EXTENSION plpgsql ADD SCHEMA e',
    'ALTER EXTENSION plpgsql ADD TABLE e',
  )
  t.match(await buildTestReader(t).readTable(ask(url), soon()), { kind: 'read', notClean: null })
  await execute(url, 'CREATE TABLE hidden (id int)')
  const role = await createRole(url, 'clean_checker')
  t.match(await buildTestReader(t).readTable(ask(role), soon()), { kind: 'read', notClean: null })
})

void test('Tables of other schemas are listed when they have a row that may be read', async t => {
  const url = await emptied()
  for (const schema of ['atlas_schema_revisions', 'b "quoted"', 'a', 'empty', 'secret']) {
    await createRevisionsTable(url, schema)
    if (schema !== 'empty') await insertRevisions(url, [{ version: '1' }], schema)
  }
  const reader = buildTestReader(t)
  const all = ['a', 'atlas_schema_revisions', 'b "quoted"', 'secret']
  t.match(await reader.readTable(ask(url, { revisionsSchema: 'empty' }), soon()), {
    revisions: [],
    elsewhere: all,
  })
  t.match(await reader.readTable(ask(url, { revisionsSchema: 'none' }), soon()), {
    revisions: null,
    elsewhere: all,
  })
  t.match(
    await reader.readTable(ask(url), soon()),
    { revisions: [{ version: '1' }], elsewhere: [] },
    'where there are rows nobody looks elsewhere',
  )
  const role = await createRole(url, 'elsewhere_reader')
  await execute(
    url,
    'GRANT USAGE ON SCHEMA a TO elsewhere_reader',
    'GRANT SELECT ON ALL TABLES IN SCHEMA a, secret TO elsewhere_reader',
  )
  t.match(await reader.readTable(ask(role, { revisionsSchema: 'none' }), soon()), {
    revisions: null,
    elsewhere: ['a'],
  })
})

void test('A table in the default schema makes a bound schema without one ambiguous', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const reader = buildTestReader(t)
  const bound = { revisionsSchema: 'app', boundSchema: 'app' }
  t.match(await reader.readTable(ask(url, bound), soon()), { ambiguous: true, revisions: null })
  t.match(
    await reader.readTable(ask(url, { ...bound, revisionsSchemaIsSet: true }), soon()),
    { ambiguous: false },
    'not when the schema is set',
  )
  await createRevisionsTable(url, 'app')
  t.match(await reader.readTable(ask(url, bound), soon()), { ambiguous: false, revisions: [] })
})

void test('A schema name that PostgreSQL cannot have is not asked for', async t => {
  const query = ask(await emptied(), { revisionsSchema: 'a\0b', revisionsSchemaIsSet: true })
  t.match(await buildTestReader(t).readTable(query, soon()), {
    failure: 'unsupported',
    message: 'the name of the revisions schema has a control character',
  })
})

void test('The lock of a running apply is seen in its own database only', async t => {
  const [url, other] = [await createDatabase(server), await createDatabase(server)]
  const reader = buildTestReader(t)
  await withClient(url, async client => {
    await client.query(`SELECT pg_advisory_lock(${executeLock})`)
    t.match(await reader.readTable(ask(url), soon()), { locked: true })
    t.match(await reader.readTable(ask(other), soon()), { locked: false })
  })
  await execute(url, `SELECT pg_advisory_lock(${executeLock})`)
  t.match(await reader.readTable(ask(url), soon()), { locked: false })
})

/** Grants to a role of that name, and what it gets. */
type RightsCase = [
  role: string,
  grants: readonly string[],
  expected: Readonly<Record<string, unknown>>,
]

const rightsCases: readonly RightsCase[] = [
  [
    'no_right',
    [],
    {
      failure: 'permission',
      message:
        'the role of the URL lacks the right USAGE on the schema of the table atlas_schema_revisions',
    },
  ],
  [
    'usage_only',
    ['GRANT USAGE ON SCHEMA atlas_schema_revisions TO usage_only'],
    {
      failure: 'permission',
      message: 'the role of the URL lacks the right SELECT on the table atlas_schema_revisions',
    },
  ],
  [
    'some_columns',
    [
      'GRANT USAGE ON SCHEMA atlas_schema_revisions TO some_columns',
      `GRANT SELECT (version, hash) ON ${table} TO some_columns`,
    ],
    {
      failure: 'permission',
      message: 'the role of the URL lacks the right SELECT on the table atlas_schema_revisions',
    },
  ],
  [
    'select_only',
    [
      'GRANT USAGE ON SCHEMA atlas_schema_revisions TO select_only',
      `GRANT SELECT ON ${table} TO select_only`,
    ],
    { kind: 'read', revisions: [{ version: '1' }], identity: { system: /^\d+$/ } },
  ],
]

void test('A role needs USAGE and SELECT, and hears which one it lacks', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  await insertRevisions(url, [{ version: '1' }])
  const reader = buildTestReader(t)
  for (const [role, grants, expected] of rightsCases) {
    const roleUrl = await createRole(url, role)
    await execute(url, ...grants)
    t.match(await reader.readTable(ask(roleUrl), soon()), expected, role)
  }
})

void test('A server that keeps its identity to itself is read without one', async t => {
  const url = await createDatabase(server)
  await execute(url, 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC')
  const role = await createRole(url, 'no_identity')
  const reader = buildTestReader(t)
  const hidden = { system: '', database: /^\d+$/ }
  t.match(await reader.readIdentity({ reveal: () => role }, soon()), hidden)
  t.match(await reader.readTable(ask(role), soon()), { kind: 'read', identity: hidden })
})

/** How the URL is spoiled, and the answer. */
type LoginCase = [
  title: string,
  spoil: (url: string) => string,
  failure: DatabaseFailure,
  message: RegExp,
]

const loginCases: readonly LoginCase[] = [
  [
    'a wrong password',
    url => loginAs(url, 'postgres', 'secret'),
    'authentication',
    /refused the user name or password/,
  ],
  [
    'an unknown user',
    url => loginAs(url, 'secret', 'secret'),
    'authentication',
    /refused the user name or password/,
  ],
  [
    'an empty password',
    url => loginAs(url, 'postgres', ''),
    'authentication',
    /refused the user name or password/,
  ],
  [
    'a missing database',
    url => url.replace(/\/test_\w+/, '/secret'),
    'database-missing',
    /does not exist$/,
  ],
  ['no user', url => url.replace(/\/\/[^@]*@/, '//'), 'unsupported', /the URL names no user/],
  [
    'several hosts',
    url => url.replace('127.0.0.1', 'secret,127.0.0.1'),
    'unsupported',
    /several hosts/,
  ],
  ['a hostaddr', url => `${url}&hostaddr=127.0.0.1`, 'unsupported', /several hosts or a hostaddr/],
  ['another dialect', () => 'mysql://secret:secret@127.0.0.1/d', 'unsupported', /only PostgreSQL/],
  ['an invalid URL', () => 'postgres://u:se#cret@secret/d', 'unsupported', /unescaped '#'/],
]

void test('A refused login is named without any part of the URL', async t => {
  const url = await emptied()
  const codes: [DatabaseFailure, string][] = []
  const reader = buildTestReader(t, { onFailure: (failure, code) => codes.push([failure, code]) })
  for (const [title, spoil, failure, message] of loginCases) {
    const facts = await reader.readTable(ask(spoil(url)), soon())
    t.match(facts, { kind: 'failed', failure, message }, title)
    t.notMatch(JSON.stringify(facts), /secret|127\.0\.0\.1|test_/, `${title}: no part of the URL`)
    t.equal(
      await reader.readIdentity({ reveal: () => spoil(url) }, soon()),
      null,
      `${title}: no identity`,
    )
  }
  t.same(codes[0], ['authentication', '28P01'])
  t.same(codes.at(-1), ['unsupported', ''])
  t.equal(reader.connections(), 0)
})

void test('A role without the CONNECT right and one beyond its connections hear it', async t => {
  const url = await createDatabase(server)
  const name = new URL(url).pathname.slice(1)
  await execute(url, `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
  const reader = buildTestReader(t)
  t.match(await reader.readTable(ask(await createRole(url, 'no_connect')), soon()), {
    failure: 'permission',
    message: /no CONNECT right/,
  })
  const limited = await createRole(url, 'limited')
  await execute(
    url,
    `GRANT CONNECT ON DATABASE ${name} TO limited`,
    'ALTER ROLE limited CONNECTION LIMIT 0',
  )
  t.match(await reader.readTable(ask(limited), soon()), { failure: 'too-many-connections' })
})

/** sslmode, roots of the settings, host, and whether the session is encrypted (null: failed for TLS). */
type TlsCase = [
  sslMode: string | null,
  roots: 'ours' | 'none' | 'missing',
  host: string,
  encrypted: boolean | null,
]

const tlsCases: readonly TlsCase[] = [
  [null, 'none', '127.0.0.1', true],
  ['disable', 'none', '127.0.0.1', false],
  ['allow', 'none', '127.0.0.1', false],
  ['prefer', 'none', '127.0.0.1', true],
  ['require', 'none', '127.0.0.1', true],
  ['verify-ca', 'none', '127.0.0.1', null],
  ['verify-ca', 'ours', '127.0.0.1', true],
  ['verify-ca', 'ours', 'db.example', true],
  ['verify-full', 'ours', '127.0.0.1', true],
  ['verify-full', 'ours', 'localhost', true],
  ['verify-full', 'ours', 'db.example', null],
  ['verify-full', 'missing', 'localhost', null],
]

void test('Each sslmode does what the driver of Atlas does', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const rootFiles = {
    ours: join(folder, 'ca.crt'),
    none: '',
    missing: join(folder, 'none'),
  }
  for (const [sslMode, roots, host, encrypted] of tlsCases) {
    const title = `${sslMode}, ${roots} roots, ${host}`
    const reader = buildTestReader(t, {
      limits: { sslRootCert: rootFiles[roots] },
      resolveHost: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const target = new URL(url)
    target.host = `${host}:${server.port}`
    target.search = sslMode === null ? '' : `?sslmode=${sslMode}&sslrootcert=/not/read`
    const facts = await reader.readTable(ask(target.href), soon())
    if (encrypted === null) {
      t.match(facts, { kind: 'failed', failure: 'tls', message: /TLS|root certificates/ }, title)
      continue
    }
    t.match(facts, { kind: 'read', revisions: [] }, title)
    const { rows } = await withClient(url, client =>
      client.query(
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'atlas-admission'`,
      ),
    )
    t.same(rows, [{ ssl: encrypted }], `${title}: encrypted ${encrypted}`)
    await reader.close()
    await untilGone(url)
  }
})

/** No session of a reader is left. */
async function untilGone(url: string): Promise<void> {
  await withClient(url, async client => {
    for (;;) {
      const { rows } = await client.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'atlas-admission'`,
      )
      if (rows.length === 0) return
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  })
}

void test('Only prefer goes on without TLS when the server has none', async t => {
  const url = await emptied()
  const proxy = await startTcpProxy(t, server.port)
  proxy.refuseTls = true
  const through = url
    .replace(`:${server.port}/`, `:${proxy.port}/`)
    .replace('sslmode=disable', 'sslmode=')
  const reader = buildTestReader(t)
  t.match(await reader.readTable(ask(`${through}prefer`), soon()), { kind: 'read' })
  t.match(await reader.readTable(ask(`${through}require`), soon()), {
    kind: 'failed',
    failure: 'tls',
  })
})

void test('A warm connection costs one round trip, with a table and without', async t => {
  const url = await emptied()
  const proxy = await startTcpProxy(t, server.port)
  const reader = buildTestReader(t)
  const query = ask(url.replace(`:${server.port}/`, `:${proxy.port}/`))
  const trips = async (): Promise<[number, TableFacts]> => {
    const before = proxy.sent()
    const facts = await reader.readTable(query, soon())
    return [proxy.sent() - before, facts]
  }
  await trips()
  const [withoutTable, none] = await trips()
  t.equal(withoutTable, 1)
  t.match(none, { revisions: null })
  await createRevisionsTable(url)
  await insertRevisions(url, [{ version: '1' }])
  t.match((await trips())[1], { revisions: [{ version: '1' }] }, 'a new table is seen at once')
  const [withTable, one] = await trips()
  t.equal(withTable, 1)
  t.match(one, { revisions: [{ version: '1' }] })
  await execute(url, `ALTER TABLE ${table} DROP COLUMN error`)
  t.match(
    (await trips())[1],
    { revisions: [{ version: '1', error: '' }] },
    'a dropped column is seen',
  )
  t.equal((await trips())[0], 1)
  await execute(url, `ALTER TABLE ${table} ADD COLUMN error text DEFAULT 'later'`)
  t.match((await trips())[1], { revisions: [{ error: 'later' }] }, 'an added column is seen')
  await execute(url, `DROP SCHEMA atlas_schema_revisions CASCADE`)
  t.match((await trips())[1], { revisions: null }, 'a dropped table is seen')
})

void test('Reading writes nothing', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const reader = buildTestReader(t)
  await withClient(url, async client => {
    const next = async () => Number((await client.query('SELECT txid_current() AS id')).rows[0].id)
    const before = await next()
    await reader.readTable(ask(url), soon())
    await reader.readIdentity({ reveal: () => url }, soon())
    t.equal(await next(), before + 1, 'no transaction of the reader got an id')
  })
})

void test('Thousands of rows are read, more than the limit are not', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const versions = Array.from({ length: 3000 }, (_, index) => `${10_000 + index}`)
  await insertRevisions(url, [
    ...versions.map(version => ({ version })),
    { version: '.atlas_cloud_identifier' },
  ])
  const facts = await buildTestReader(t, { limits: { maxRows: 3000 } }).readTable(ask(url), soon())
  const read = facts as Extract<TableFacts, { kind: 'read' }>
  t.same(
    read.revisions?.map(({ version }) => version),
    versions,
  )
  t.match(await buildTestReader(t, { limits: { maxRows: 2999 } }).readTable(ask(url), soon()), {
    failure: 'unsupported',
    message: /more than 2999 rows/,
  })
})

/** Holds a table as ALTER TABLE does, while something is tried. */
async function whileLocked<T>(url: string, work: () => Promise<T>): Promise<T> {
  return withClient(url, async client => {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
    const result = await work()
    await client.query('ROLLBACK')
    return result
  })
}

void test('A locked table is named after the lock timeout', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const reader = buildTestReader(t, { limits: { lockTimeoutMs: 50, maxConnectionsPerTarget: 1 } })
  t.match(await whileLocked(url, () => reader.readTable(ask(url), soon())), {
    failure: 'timeout',
    message: 'a table that has to be read is locked by another session',
  })
  t.match(
    await reader.readTable(ask(url), soon()),
    { kind: 'read' },
    'and can be read later over the same connection',
  )
})

void test('A slow statement ends with the statement timeout', async t => {
  const url = await emptied()
  await createRevisionsTable(url)
  const reader = buildTestReader(t, { limits: { statementTimeoutMs: 50 } })
  t.match(await whileLocked(url, () => reader.readTable(ask(url), soon())), {
    failure: 'timeout',
    message: 'the database did not answer in time',
  })
})

/** How the server is reached, from a URL without TLS. */
type WayCase = [way: string, through: (url: string) => string]

const ways: readonly WayCase[] = [
  ['without TLS', url => url],
  ['with TLS', url => url.replace('sslmode=disable', 'sslmode=verify-full')],
  [
    'over a socket',
    url =>
      url.replace(/@[^/]*/, '@').replace('sslmode=disable', `host=${folder}&port=${server.port}`),
  ],
]

for (const [way, through] of ways) {
  void test(`A statement at the deadline is canceled ${way}`, async t => {
    const url = await createDatabase(server)
    await createRevisionsTable(url)
    const reader = buildTestReader(t, {
      limits: { sslRootCert: join(folder, 'ca.crt'), allowedHosts: ['127.0.0.1', folder] },
    })
    const target = ask(through(url))
    await reader.readTable(target, soon())
    // The deadline's signal comes first; the server's own timeouts are far away.
    const controller = new AbortController()
    const deadline = { at: Date.now() + 20_000, signal: controller.signal }
    await whileLocked(url, async () => {
      setTimeout(() => controller.abort(), 100)
      t.match(await reader.readTable(target, deadline), {
        failure: 'timeout',
        message: 'the database did not answer in time',
      })
      await withClient(url, async client => {
        const running = `SELECT FROM pg_stat_activity WHERE application_name = 'atlas-admission' AND state = 'active' AND datname = current_database()`
        const isIdle = async () => (await client.query(running)).rows.length === 0
        await until('the end of the canceled query', isIdle)
      })
    })
    const pid = async () =>
      (
        await withClient(url, client =>
          client.query(
            `SELECT pid FROM pg_stat_activity WHERE application_name = 'atlas-admission' AND datname = current_database()`,
          ),
        )
      ).rows
    const before = await pid()
    t.equal(before.length, 1)
    t.match(await reader.readTable(target, soon()), { kind: 'read', revisions: [] })
    t.same(await pid(), before, 'the connection is used again')
  })
}

void test('A query after the deadline is a timeout, one that was done is no reason to go on', async t => {
  const parts = parseDatabaseUrl(await emptied())
  if (parts.kind === 'invalid') throw new Error(parts.problem)
  const connect = () => new Socket().connect({ host: parts.host, port: parts.port })
  const answers = new AnswerShare(answerBounds(defaultSettings.database))
  const options = {
    parts,
    connect,
    connectTimeoutMs: 20_000,
    answers,
    passwordPolicy: () => () => null,
  }
  const session = await openSession(options, [false], soon().signal)
  t.teardown(() => session.end())
  t.same(await session.query('SELECT 1; SELECT 2, null', soon().signal), [[['1']], [['2', null]]])
  t.equal(await session.settled(), true)
  await t.rejects(session.query('SELECT 1; SELECT 2', AbortSignal.abort()), { message: /in time/ })
  t.equal(await session.settled(), false)
})

void test('A connection that falls silent is given up at the deadline', async t => {
  const url = await emptied()
  const proxy = await startTcpProxy(t, server.port)
  const reader = buildTestReader(t)
  const query = ask(url.replace(`:${server.port}/`, `:${proxy.port}/`))
  await reader.readTable(query, soon())
  proxy.silent = true
  t.match(await reader.readTable(query, within(100)), { failure: 'timeout' })
  await until('no connection', () => reader.connections() === 0)
  proxy.silent = false
  t.match(await reader.readTable(query, soon()), { kind: 'read' })
})

void test('A connection that died in the pool is replaced', async t => {
  const url = await createDatabase(server)
  const proxy = await startTcpProxy(t, server.port)
  const reader = buildTestReader(t)
  const query = ask(url.replace(`:${server.port}/`, `:${proxy.port}/`))
  await reader.readTable(query, soon())
  proxy.cutNext = true
  t.match(await reader.readTable(query, soon()), { kind: 'read' }, 'when it shows only in use')
  await execute(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'atlas-admission' AND datname = current_database()`,
  )
  await until('no connection', () => reader.connections() === 0)
  t.match(await reader.readTable(query, soon()), { kind: 'read' }, 'when it shows at once')
})

void test('Targets share the connections that the limits allow', async t => {
  const urls = [
    await createDatabase(server),
    await createDatabase(server),
    await createDatabase(server),
  ]
  const limits = { maxConnectionsPerTarget: 1, maxConnections: 2, idleTimeoutMs: 20_000 }
  const reader = buildTestReader(t, { limits })
  const queries = [...urls, ...urls, ...urls].map(url => reader.readTable(ask(url), soon()))
  const most = setInterval(() => t.ok(reader.connections() <= 2), 5)
  for (const facts of await Promise.all(queries)) t.match(facts, { kind: 'read' })
  clearInterval(most)
  t.ok(reader.connections() <= 2)
  await createRevisionsTable(urls[0]!)
  await whileLocked(urls[0]!, async () => {
    const waiting = reader.readTable(ask(urls[0]!), within(400))
    t.match(await reader.readTable(ask(urls[0]!), within(200)), {
      failure: 'timeout',
      message: 'all connections that the settings allow were in use',
    })
    t.match(await waiting, { failure: 'timeout', message: 'the database did not answer in time' })
  })
})

void test('Idle connections end after their time, all with the reader', async t => {
  const url = await emptied()
  const reader = buildTestReader(t, { limits: { idleTimeoutMs: 50 } })
  await reader.readTable(ask(url), soon())
  await until('no connection', () => reader.connections() === 0)
  const closing = buildTestReader(t)
  const last = closing.readTable(ask(url), soon())
  await closing.close()
  t.match(await last, { kind: 'read' })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(closing.connections(), 0)
})

void test('An identity is the same by every name of the host, and remembered for a while', async t => {
  const [url, other] = [await createDatabase(server), await createDatabase(server)]
  const reader = buildTestReader(t)
  const forgetful = buildTestReader(t, { identityTtlMs: 1 })
  const identity = await reader.readIdentity({ reveal: () => url }, soon())
  t.match(identity, { system: /^\d+$/, database: /^\d+$/, identifier: null })
  const localhost = url.replace('127.0.0.1', 'localhost')
  t.same(await forgetful.readIdentity({ reveal: () => localhost }, soon()), identity)
  t.same(await forgetful.readIdentity({ reveal: () => url }, soon()), identity)
  const second = await reader.readIdentity({ reveal: () => other }, soon())
  t.equal(second?.system, identity?.system)
  t.not(second?.database, identity?.database)
  const name = new URL(url).pathname.slice(1)
  await execute(server.url('postgres'), `DROP DATABASE ${name} WITH (FORCE)`)
  t.same(await reader.readIdentity({ reveal: () => url }, soon()), identity, 'remembered')
  t.equal(await forgetful.readIdentity({ reveal: () => url }, soon()), null, 'forgotten')
})
