import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { formatManifestProblem } from '../../../src/manifests/text/manifest-problem.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import type { AtlasMigration, Secret } from '../../../src/policy/facts/atlas-migration.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { createRevisionsTable, execute, insertRevisions } from '../../database/test-postgres.js'
import { rowsOf, withSum, type Files } from '../../policy/facts/facts-builder.js'
import {
  buildRequest,
  checkResponse,
  dirState,
  migrate,
  migration,
  secret,
  startLiveGate,
  startServedGate,
  warnedRules,
  type Call,
  type ReviewResponse,
  type ServedGate,
  type Write,
} from './live-gate.js'

/** In every URL of this file, in the SQL and in the rows: none of it may come back. */
const password = 'correct-horse-battery'
const sqlMark = 'top_secret_column'

const live = await startLiveGate(t, { auth: 'scram' })
const maxRows = 5000
const settings = { ...defaultSettings, database: { ...defaultSettings.database, maxRows } }
const served = await startServedGate(t, live, settings)
const strict = await startServedGate(t, live, { ...settings, onError: 'deny' })

const files: Files = {
  '20250101000000_a.sql': `create table a (${sqlMark} int);\n`,
  '20250102000000_b.sql': 'create table b (id int);\n',
}
const pair = withSum(files)
const onePart = withSum({ '20250101000000_a.sql': files['20250101000000_a.sql'] ?? '' })

type KubernetesObject = AtlasMigration | Secret

/** An empty database for a role that may make its revisions table, and tables. */
async function databaseForApp(): Promise<string> {
  const name = new URL(await live.createDatabase()).pathname.slice(1)
  await execute(
    live.postgres.url(name),
    `GRANT CREATE ON DATABASE ${name} TO app`,
    'GRANT CREATE ON SCHEMA public TO app',
  )
  return roleUrl('app', name)
}

function roleUrl(role: string, database: string, port = live.postgres.port): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`
}

/** The database as its superuser sees it, to put into it what no Atlas would. */
function superuserUrl(url: string): string {
  return live.postgres.url(new URL(url).pathname.slice(1))
}

/** What Atlas needs of a table that another role made. */
const grantAll = `DO $$ BEGIN
  GRANT USAGE ON SCHEMA atlas_schema_revisions TO app;
  GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA atlas_schema_revisions TO app;
END $$`

function app(spec: AtlasMigration['spec'], local = pair): AtlasMigration {
  return migration('app', { dir: { local }, ...spec })
}

function bodyOf(write: Write): string {
  const request = { ...buildRequest(write), uid: 'uid-of-the-review' }
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })
}

/** Nothing secret, and none of our own SQL or stack traces. */
const secrets = [
  new RegExp(password),
  new RegExp(sqlMark),
  // Other than the form that a URL should have.
  /postgres(?:ql)?:\/\/(?!\*\*\*)/,
  /create table/i,
  /pg_catalog|set_config|BEGIN ISOLATION/,
  /\n\s+at |node_modules|\.js:\d+/,
]

function checkSilence(t: Test, text: string, gate: ServedGate = served): void {
  const log = gate.takeLog()
  const found = (text: string) => secrets.filter(secret => text.search(secret) !== -1)
  t.same(found(text), [], 'nothing secret in the answer')
  t.same(found(log), [], 'nothing secret in the log')
  t.not(log, '', 'which has a line about it')
}

async function checkStillServing(t: Test): Promise<void> {
  const { status } = await served.send({ path: '/readyz', method: 'GET' })
  t.equal(status, 200, 'the server goes on')
}

async function post(body: string, gate = served, timeout = '10s'): Promise<ReviewResponse> {
  const reply = await gate.send({ path: `/validate?timeout=${timeout}`, body })
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.body}`)
  return (JSON.parse(reply.body) as { readonly response: ReviewResponse }).response
}

// What is no review

type CallRow = [name: string, call: Call, status: number, code: string]

const valid = bodyOf({ before: null, after: app({}) })

/** The review with a part of it replaced or, with undefined, left out. */
function changed(change: object, request?: object): string {
  const body = JSON.parse(valid) as { readonly request: object }
  return JSON.stringify({ ...body, ...change, request: { ...body.request, ...request } })
}

const calls: readonly CallRow[] = [
  ['no JSON', { body: `{"password": "${password}"` }, 400, 'NOT_JSON'],
  ['an empty body', { body: '' }, 400, 'NOT_JSON'],
  ['a JSON text', { body: `"${password}"` }, 400, 'REVIEW_INVALID'],
  ['a JSON list', { body: '[]' }, 400, 'REVIEW_INVALID'],
  ['a wrong content type', { body: valid, contentType: 'text/plain' }, 415, 'CONTENT_TYPE'],
  ['YAML', { body: 'a: b', contentType: 'application/yaml' }, 415, 'CONTENT_TYPE'],
  [
    'version v1beta1',
    { body: changed({ apiVersion: 'admission.k8s.io/v1beta1' }) },
    400,
    'REVIEW_VERSION',
  ],
  ['another kind', { body: changed({ kind: 'Pod' }) }, 400, 'REVIEW_VERSION'],
  [
    'no request',
    { body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }) },
    400,
    'REVIEW_INVALID',
  ],
  ['no uid', { body: changed({}, { uid: undefined }) }, 400, 'REVIEW_INVALID'],
  ['an empty uid', { body: changed({}, { uid: '' }) }, 400, 'REVIEW_INVALID'],
  ['no object', { body: changed({}, { object: undefined }) }, 400, 'OBJECT_MISSING'],
  ['a null object', { body: changed({}, { object: null }) }, 400, 'OBJECT_MISSING'],
  ['an object that is a text', { body: changed({}, { object: password }) }, 400, 'REVIEW_INVALID'],
  ['an unknown operation', { body: changed({}, { operation: 'PATCH' }) }, 400, 'REVIEW_INVALID'],
  ['a body over the limit', { body: ' '.repeat(8 * 1024 * 1024) }, 413, 'BODY_TOO_LARGE'],
  ['a million brackets', { body: '['.repeat(1_000_000) }, 413, 'BODY_TOO_LARGE'],
  ['another path', { path: '/validate/x', body: valid }, 404, 'NOT_FOUND'],
  ['another method', { method: 'PUT', body: valid }, 405, 'METHOD_NOT_ALLOWED'],
]

await t.test('what is no review gets an HTTP status and one JSON line', async t => {
  for (const [name, call, status, code] of calls)
    await t.test(name, async t => {
      const reply = await served.send(call)
      t.equal(reply.status, status)
      t.match(reply.body.trimEnd(), /^\{.*\}$/, 'one line')
      t.equal((JSON.parse(reply.body) as { readonly code: string }).code, `ATLAS_ADMISSION_${code}`)
      checkSilence(t, reply.body)
      await checkStillServing(t)
    })
})

// Reviews of objects that are no good

interface Expected {
  /** Rules of the causes. */
  readonly denied?: readonly string[]
  /** Rules; what is no rule's warning stands in full. */
  readonly warned?: readonly (string | RegExp)[]
  /** With onError: deny the answer is 503. */
  readonly undecided?: boolean
}

/** A gate never says what it cannot know: each warning or denial is by the table, and nothing else is said. */
async function checkAnswer(t: Test, body: string, expected: Expected): Promise<void> {
  const response = await post(body)
  t.equal(response.uid, 'uid-of-the-review')
  const { denied = [], warned = [], undecided = false } = expected
  t.equal(response.allowed, denied.length === 0, 'allowed')
  const causes = response.status?.details?.causes ?? []
  t.same(causes.map(({ reason }) => reason).sort(), [...denied].sort(), 'denied')
  const warnings = warnedRules(response)
  t.equal(warnings.length, warned.length, `warned: ${warnings.join(', ')}`)
  for (const [index, rule] of warned.entries()) t.match(warnings[index], rule, 'warned')
  checkResponse(t, response)
  checkSilence(t, JSON.stringify(response))
  const refused = await post(body, strict)
  const status = denied.length > 0 ? 403 : undecided ? 503 : undefined
  t.equal(refused.status?.code, status, 'with onError: deny')
  checkSilence(t, JSON.stringify(refused), strict)
  await checkStillServing(t)
  live.reuseDatabases()
}

async function serve(objects: readonly KubernetesObject[]): Promise<void> {
  await served.serve(objects)
  await strict.serve(objects)
}

/** Not what the types allow, but what a cluster without the CRD's schema would send. */
function untyped(spec: unknown, change: object = {}): AtlasMigration {
  return { ...app({}), spec, ...change } as unknown as AtlasMigration
}

let url = ''

function deep(depth: number): unknown {
  let value: unknown = 'bottom'
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}

type ObjectRow = [name: string, write: () => Write, expected: Expected]

const create = (after: AtlasMigration): Write => ({ before: null, after })

const objects: readonly ObjectRow[] = [
  [
    'unknown fields',
    () => create(untyped({ url, dir: { local: pair, more: { x: [1] } }, unknown: 'x' })),
    { warned: ['field-unknown'] },
  ],
  [
    'a URL that is a number',
    () => create(untyped({ url: 5432, dir: { local: pair } })),
    {
      warned: [/^cannot decide on AtlasMigration shop\/app: spec\.url: expected string/],
      undecided: true,
    },
  ],
  [
    'a spec that is a text',
    () => create(untyped(`postgres://u:${password}@h/d`)),
    {
      warned: [/^cannot decide on AtlasMigration shop\/app: spec: expected object/],
      undecided: true,
    },
  ],
  [
    'credentials that are a list, a baseline that is a number',
    () => create(untyped({ credentials: [password], baseline: 20250101, dir: { local: pair } })),
    {
      warned: [/spec\.credentials: expected object/, /spec\.baseline: expected string/],
      undecided: true,
    },
  ],
  [
    'a directory with a value that is no text',
    () => create(untyped({ url, dir: { local: { 'a.sql': { x: 1 } } } })),
    { warned: [/expected string, found object/], undecided: true },
  ],
  [
    'an execution order that does not exist',
    () => create(untyped({ url, dir: { local: pair }, execOrder: password })),
    { warned: [/spec\.execOrder: expected one of/], undecided: true },
  ],
  [
    // JSON.parse gives an own key; looked up carelessly, it would be a prototype.
    'a spec in a key that names the prototype',
    () => create(untyped(JSON.parse(`{"__proto__":{"url":"x","dir":{"local":{}}}}`))),
    { denied: ['directory-missing', 'target-missing'], warned: ['field-unknown'] },
  ],
  [
    'a directory with such a key, which a ConfigMap may have',
    () => create(untyped({ url, dir: { local: JSON.parse(`{"__proto__":"x","a.txt":"y"}`) } })),
    { warned: ['directory-empty'] },
  ],
  ['an empty spec', () => create(untyped({})), { denied: ['directory-missing', 'target-missing'] }],
  [
    'no spec',
    () => create(untyped(undefined)),
    { denied: ['directory-missing', 'target-missing'] },
  ],
  ['a null spec', () => create(untyped(null)), { denied: ['directory-missing', 'target-missing'] }],
  [
    'a URL with an unescaped password',
    () => create(app({ url: `postgres://app:${password}#%zz@127.0.0.1/x` })),
    { denied: ['url-invalid'] },
  ],
  [
    'an old object that is no good does not matter',
    () => ({ before: untyped('nonsense'), after: app({ url }) }),
    {},
  ],
]

await t.test('objects that are no good', async t => {
  await execute(live.postgres.url('postgres'), `CREATE ROLE app LOGIN PASSWORD '${password}'`)
  await serve([])
  url = await databaseForApp()
  for (const [name, write, expected] of objects)
    await t.test(name, t => checkAnswer(t, bodyOf(write()), expected))

  await t.test('an object without metadata', async t => {
    const after = untyped({ url, dir: { local: pair } }, { metadata: undefined })
    const body = bodyOf(create(app({}))).replace(/"object":.*?,"oldObject"/, () => {
      return `"object":${JSON.stringify(after)},"oldObject"`
    })
    await checkAnswer(t, body, {})
  })

  await t.test('an object as deep as a parser takes it', async t => {
    const depth = 200_000
    const nested = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    const write = { before: untyped({ unknown: 'x' }), after: untyped({ unknown: 'y' }) }
    const body = bodyOf(write).replace('"x"', nested).replace('"y"', nested)
    const response = await post(body)
    t.equal(response.allowed, true, 'nobody knows whether it changed')
    t.match(response.warnings, [/^cannot decide on AtlasMigration shop\/app: /])
    checkResponse(t, response)
    checkSilence(t, JSON.stringify(response))
    t.equal((await post(body, strict)).status?.code, 503, 'with onError: deny')
    await checkStillServing(t)
  })

  await t.test('an object a hundred levels deep is read', async t => {
    const body = bodyOf(create(untyped({ url, dir: { local: pair }, x: deep(100) })))
    await checkAnswer(t, body, { warned: ['field-unknown'] })
  })

  await t.test('a directory of three thousand files, some megabytes', async t => {
    const names = Array.from({ length: 3000 }, (_, n) => `2025${String(n).padStart(10, '0')}_f.sql`)
    const line = `-- ${'x'.repeat(1000)}\n`
    const many = Object.fromEntries(
      names.map((name, n) => [name, `${line}create table t${n} ();\n`]),
    )
    await checkAnswer(t, bodyOf(create(app({ url }, withSum(many)))), {})
  })
})

// Databases that do not answer, or not well

/** A server on a port of its own that does this to whoever connects. */
async function listen(t: Test, onConnection: Parameters<typeof createServer>[1]): Promise<number> {
  const server: Server = createServer({}, onConnection)
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => void server.close(resolve))
  return port
}

const undecided: Expected = { warned: ['database-error'], undecided: true }

await t.test('databases that cannot be read', async t => {
  await serve([])
  const body = (url: string) => bodyOf(create(app({ url })))

  await t.test('a closed port', async t =>
    checkAnswer(t, body(roleUrl('app', 'x', await closedPort())), undecided),
  )
  await t.test('a host that does not exist', t =>
    checkAnswer(t, body(`postgres://app:${password}@db.invalid:5432/x`), undecided),
  )
  await t.test('an address that is never connected to', t =>
    checkAnswer(t, body(`postgres://app:${password}@169.254.169.254/x`), undecided),
  )
  await t.test('a server that hangs up', async t => {
    const port = await listen(t, socket => socket.destroy())
    await checkAnswer(t, body(roleUrl('app', 'x', port)), undecided)
  })
  await t.test('a server that does not speak PostgreSQL', async t => {
    const port = await listen(t, socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await checkAnswer(t, body(roleUrl('app', 'x', port)), undecided)
  })
  await t.test('none of which tells an open port from a closed one', async t => {
    const hangsUp = await listen(t, socket => socket.destroy())
    const urls = [
      roleUrl('app', 'x', await closedPort()),
      roleUrl('app', 'x', hangsUp),
      `postgres://app:${password}@169.254.169.254/x`,
      `postgres://app:${password}@db.invalid:5432/x`,
    ]
    const warnings = new Set<string>()
    for (const url of urls) warnings.add(JSON.stringify((await post(body(url))).warnings))
    t.equal(warnings.size, 1)
  })
  await t.test('a wrong password', t =>
    checkAnswer(t, body(roleUrl('postgres', 'postgres')), undecided),
  )
  await t.test('a database that does not exist', t =>
    checkAnswer(t, body(roleUrl('app', 'nowhere')), undecided),
  )
  await t.test('a role that may not read the table', async t => {
    const url = await databaseForApp()
    await createRevisionsTable(superuserUrl(url))
    await checkAnswer(t, body(url), {
      denied: ['privilege-missing'],
      warned: [/^cannot decide on .* lacks the right USAGE/],
      undecided: true,
    })
  })
  await t.test('a silent server, within the time limit of the call', async t => {
    const sockets = new Set<{ destroy: () => void }>()
    const port = await listen(t, socket => sockets.add(socket))
    t.teardown(() => sockets.forEach(socket => socket.destroy()))
    const started = performance.now()
    const response = await post(body(roleUrl('app', 'x', port)), served, '1s')
    const ms = performance.now() - started
    t.ok(ms < 1000, `answered after ${Math.round(ms)} ms`)
    t.equal(response.allowed, true)
    t.match(response.warnings, [/cannot decide|could not/])
    checkResponse(t, response)
    checkSilence(t, JSON.stringify(response))
    await checkStillServing(t)
  })
  await t.test('a table that another session has locked', async t => {
    const url = await databaseForApp()
    await migrate(superuserUrl(url), pair)
    await execute(superuserUrl(url), grantAll)
    const table = 'atlas_schema_revisions.atlas_schema_revisions'
    const lock = execute(superuserUrl(url), 'BEGIN', `LOCK ${table}`, 'SELECT pg_sleep(1.5)')
    await new Promise(resolve => setTimeout(resolve, 300))
    const response = await post(body(url), served, '2s')
    t.equal(response.allowed, true)
    t.same(warnedRules(response), ['database-error'])
    checkSilence(t, JSON.stringify(response))
    await lock
    await checkAnswer(t, body(url), {})
  })
})

// Rows and tables that no Atlas wrote

/** Statements on the table after both files ran. */
type TableRow = [name: string, statements: readonly string[], expected: Expected]

const revisions = 'atlas_schema_revisions.atlas_schema_revisions'
const nullable = [
  'description',
  'type',
  'applied',
  'total',
  'executed_at',
  'execution_time',
  'hash',
  'operator_version',
]
const dropNotNull = `ALTER TABLE ${revisions} ${nullable.map(c => `ALTER ${c} DROP NOT NULL`).join(', ')}`
const allNull = `UPDATE ${revisions} SET ${nullable.map(column => `${column} = NULL`).join(', ')}`

const damaged: readonly TableRow[] = [
  ['rows as they should be', [], {}],
  [
    // Nothing of them contradicts the files: counters of 0, no hash.
    'rows in which everything but the version is null',
    [dropNotNull, allNull],
    {},
  ],
  [
    'counters that are texts',
    [
      `ALTER TABLE ${revisions} ALTER applied DROP DEFAULT, ALTER applied TYPE text`,
      `UPDATE ${revisions} SET applied = '${password}'`,
    ],
    undecided,
  ],
  [
    'partial hashes of another shape',
    [`UPDATE ${revisions} SET partial_hashes = '{"${sqlMark}": 1}'`],
    undecided,
  ],
  ['no column hash', [`ALTER TABLE ${revisions} DROP COLUMN hash`], undecided],
  ['no column version', [`ALTER TABLE ${revisions} DROP COLUMN version CASCADE`], undecided],
  [
    'no column type, which Atlas adds',
    [`ALTER TABLE ${revisions} DROP COLUMN type`, `ALTER TABLE ${revisions} OWNER TO app`],
    {},
  ],
  ['a column more', [`ALTER TABLE ${revisions} ADD COLUMN more text DEFAULT '${password}'`], {}],
  ['times that are none', [`UPDATE ${revisions} SET executed_at = 'infinity'`], {}],
  [
    'an error with SQL in a row that is partial',
    [
      `UPDATE ${revisions} SET total = 2, error = '${sqlMark}', error_stmt = 'create table ${sqlMark}'
         WHERE version = '20250102000000'`,
    ],
    { denied: ['revision-partial'] },
  ],
]

await t.test('tables that are no good', async t => {
  await serve([])
  for (const [name, statements, expected] of damaged)
    await t.test(name, async t => {
      const url = await databaseForApp()
      await migrate(superuserUrl(url), pair)
      await execute(superuserUrl(url), ...statements, grantAll)
      await checkAnswer(t, bodyOf(create(app({ url }))), expected)
    })

  await t.test('three thousand rows', async t => {
    const names = Array.from({ length: 3000 }, (_, n) => `2025${String(n).padStart(10, '0')}_f.sql`)
    const many = Object.fromEntries(names.map((name, n) => [name, `create table t${n} ();\n`]))
    const url = await databaseForApp()
    await createRevisionsTable(superuserUrl(url))
    await insertRevisions(superuserUrl(url), rowsOf(many))
    await execute(superuserUrl(url), grantAll)
    await checkAnswer(t, bodyOf(create(app({ url }, withSum(many)))), {})
    const { [names[1500] ?? '']: _, ...lost } = many
    const body = bodyOf(create(app({ url }, withSum(lost))))
    const { status } = await post(body)
    t.match(status?.message, /^\[migrate-down-predicted\]/, 'and one lost file among them is found')
  })

  await t.test('more rows than the settings allow are not read', async t => {
    const url = await databaseForApp()
    await createRevisionsTable(superuserUrl(url))
    await execute(
      superuserUrl(url),
      `INSERT INTO ${revisions} SELECT lpad(n::text, 14, '0'), '', 2, 1, 1, now(), 1, '', '', '', 'null', ''
         FROM generate_series(1, ${maxRows + 1}) AS n`,
      grantAll,
    )
    await checkAnswer(t, bodyOf(create(app({ url }))), undecided)
  })
})

// Secrets

type SecretRow = [name: string, values: Readonly<Record<string, string>> | null, expected: Expected]

const secretRows: readonly SecretRow[] = [
  ['no Secret', null, { warned: ['secret-not-found'] }],
  ['no such key', { other: password }, { warned: ['secret-not-found'] }],
  ['an empty URL', { url: '' }, { warned: ['url-invalid'] }],
  ['no URL', { url: password }, { warned: ['url-invalid'] }],
  [
    'a URL with a wrong escape',
    { url: `postgres://app:${password}%zz@h/d` },
    { warned: ['url-invalid'] },
  ],
  ['bytes that are no text', { url: '\u0000\ufffd' }, { warned: ['url-invalid'] }],
]

await t.test('Secrets that are no good', async t => {
  const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
  for (const [name, values, expected] of secretRows)
    await t.test(name, async t => {
      await serve(values ? [secret('database', values)] : [])
      await checkAnswer(t, bodyOf(create(app({ urlFrom }))), expected)
    })

  await t.test('an empty host', async t => {
    await serve([secret('database', { host: '' })])
    const hostFrom = { secretKeyRef: { name: 'database', key: 'host' } }
    const credentials = { scheme: 'postgres', user: 'app', password, hostFrom, database: 'x' }
    await checkAnswer(t, bodyOf(create(app({ credentials }))), { warned: ['url-invalid'] })
  })

  await t.test('a Secret with a value of the wrong type', async t => {
    const before = secret('database', { url: roleUrl('app', 'postgres') })
    await serve([app({ urlFrom }), before])
    const after = { ...before, data: { url: 5 } } as unknown as Secret
    await checkAnswer(t, bodyOf({ before, after }), {
      warned: [/^cannot decide on Secret shop\/database: data\.url: expected string/],
      undecided: true,
    })
  })
})

// The directory of the last success

const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
const down = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

type DirStateRow = [name: string, archive: Buffer, type: string]

const archives: readonly DirStateRow[] = [
  ['no gzip', Buffer.from(password), 'atlasgo.io/db.v1'],
  ['gzip, but no tar', gzipSync(password.repeat(100)), 'atlasgo.io/db.v1'],
  ['a bomb', bomb, 'atlasgo.io/db.v1'],
  ['a Secret of another type', gzipSync(''), 'Opaque'],
]

await t.test('dir-states that are no good', async t => {
  const name = 'io.atlasgo.db.v1.app.latest'
  for (const [title, archive, type] of archives)
    await t.test(title, async t => {
      const url = await databaseForApp()
      await migrate(superuserUrl(url), pair)
      await execute(superuserUrl(url), grantAll)
      await serve([{ ...secret(name, { 'migrations.tar.gz': archive }), type }])
      await checkAnswer(t, bodyOf(create(app({ url }))), {})
      const body = bodyOf(create(app({ url, ...down }, onePart)))
      const response = await post(body)
      t.match(JSON.stringify(response), 'dir-state Secret', 'a down that is due names it')
      t.same(
        response.status?.details?.causes?.map(({ reason }) => reason) ?? [],
        [],
        'what cannot be read is no proof',
      )
      checkResponse(t, response)
      checkSilence(t, JSON.stringify(response))
      t.equal((await post(body, strict)).status?.code, 503, 'with onError: deny')
    })

  await t.test('one that can be read covers the same down', async t => {
    const url = await databaseForApp()
    await migrate(superuserUrl(url), pair)
    await execute(superuserUrl(url), grantAll)
    await serve([await dirState('app', pair)])
    const body = bodyOf(create(app({ url, ...down }, onePart)))
    await checkAnswer(t, body, { warned: ['migrate-down-intended'] })
  })
})

// Manifests

await t.test('manifests with mistakes name file, line and column', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const good = `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: { name: app, namespace: shop }
spec:
  url: postgres://app:${password}@127.0.0.1/app
`
  await writeFile(join(folder, 'a.yaml'), good)
  await writeFile(join(folder, 'b.yaml'), `---\n${good}`)
  await writeFile(join(folder, 'broken.yaml'), `a: b\nurl: "${password}\n`)
  await writeFile(join(folder, 'type.yaml'), good.replace(/url: .*/, 'baseline: 20250101000000'))
  const text = `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata:\n  url: "%%${password}"\n`
  await writeFile(join(folder, 'secret.yaml'), text)
  const cluster = await openManifests(folder)
  t.teardown(() => cluster.close())
  const problems = cluster.problems().map(problem => formatManifestProblem(problem))
  const at = (place: string) => problems.filter(line => line.startsWith(join(folder, place)))
  t.match(at('b.yaml:2:1: '), [/AtlasMigration shop\/app is also in .*a\.yaml:1:1/])
  t.match(at('broken.yaml:3:1: '), [/a quote, bracket or comma is missing/], 'a YAML error')
  t.match(at('type.yaml:5:'), [/spec\.baseline: expected string, found integer/])
  t.match(at('secret.yaml:5:'), [/data\.url/])
  t.equal(cluster.migrations().length, 1, 'the first of two with one name counts')
  t.notMatch(problems.join('\n'), password, 'no value is shown')
})
