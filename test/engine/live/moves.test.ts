import t, { type Test } from 'tap'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { makeFolder, runProgram } from '../../cli/program.js'
import { execute, insertRevisions } from '../../database/test-postgres.js'
import { withSum, type Files } from '../../policy/facts/facts-builder.js'
import { configMap, migrate, migration, rulesOf, secret, startLiveGate } from './live-gate.js'

// Each way in which a database may have been moved, through each way in which a user meets the move: the
// webhook with the URL in the spec and in a Secret, `check --before` with both, and `compare`.

t.setTimeout(300_000)
t.comment('timeout=300000')
const gate = await startLiveGate(t)

const app = withSum({
  '20250101_users.sql': 'create table users (id int primary key);\n',
  '20250102_orders.sql': 'create table orders (id int primary key);\n',
  '20250103_items.sql': 'create table items (id int primary key);\n',
  '20250104_prices.sql': 'create table prices (id int primary key);\n',
})
const another = withSum({
  '20240101_films.sql': 'create table films (id int primary key);\n',
  '20240102_actors.sql': 'create table actors (id int primary key);\n',
})

/** Every table of the data, and the rows of the revisions table for which the condition holds. */
async function copyWith(url: string, condition: string): Promise<void> {
  await migrate(url, app)
  await execute(
    url,
    `DELETE FROM atlas_schema_revisions.atlas_schema_revisions WHERE NOT (${condition})`,
  )
}

interface Move {
  readonly name: string
  readonly build: (url: string) => Promise<void>
  readonly denied: readonly string[]
  readonly warned: readonly string[]
  /** Exit code of compare. */
  readonly compared: 0 | 1
}

const incomplete = 'revision-table-incomplete'

const moves: readonly Move[] = [
  {
    name: 'faithful',
    build: url => migrate(url, app),
    denied: [],
    warned: [],
    compared: 0,
  },
  {
    name: 'without a row in the middle',
    build: url => copyWith(url, "version <> '20250102'"),
    denied: [incomplete],
    warned: [],
    compared: 1,
  },
  {
    name: 'without the last rows',
    build: url => copyWith(url, "version < '20250103'"),
    denied: [incomplete],
    warned: ['pending-object-exists'],
    compared: 1,
  },
  {
    name: 'without the first rows',
    build: url => copyWith(url, "version > '20250102'"),
    denied: [incomplete],
    warned: [],
    compared: 1,
  },
  {
    name: 'restored without its table and given a baseline',
    build: async url => {
      await migrate(url, app)
      await execute(url, 'TRUNCATE atlas_schema_revisions.atlas_schema_revisions')
      const [version, description] = ['20250104', 'prices']
      await insertRevisions(url, [{ version, description, type: 1, hash: '' }])
    },
    denied: [],
    warned: [],
    compared: 0,
  },
  {
    name: 'empty',
    build: async () => {},
    denied: [],
    warned: [incomplete],
    compared: 1,
  },
  {
    name: 'without the revisions table',
    build: async url => {
      await migrate(url, app)
      await execute(url, 'DROP SCHEMA atlas_schema_revisions CASCADE')
    },
    denied: ['baseline-required', incomplete],
    warned: [],
    compared: 1,
  },
  {
    name: 'with the revisions table in another schema',
    build: url => migrate(url, app, { schema: 'revisions' }),
    denied: ['revision-table-elsewhere'],
    warned: [],
    compared: 1,
  },
  {
    name: 'the database of another application',
    build: url => migrate(url, another),
    denied: [incomplete],
    warned: [],
    compared: 1,
  },
]

interface Side {
  readonly url: string
  readonly isInSecret: boolean
}

function objectOf({ url, isInSecret }: Side): AtlasMigration {
  const dir = { configMapRef: { name: 'app' } }
  const place = isInSecret ? { urlFrom: { secretKeyRef: { name: 'db', key: 'url' } } } : { url }
  return migration('app', { ...place, dir })
}

function objectsOf(side: Side) {
  const urls = side.isInSecret ? [secret('db', { url: side.url })] : []
  return [configMap('app', app), ...urls, objectOf(side)] as const
}

/** The write as the API server asks about it: of the Secret, or of the AtlasMigration. */
function writeOf(from: Side, to: Side) {
  const written = ({ url, isInSecret }: Side) =>
    isInSecret ? secret('db', { url }) : objectOf({ url, isInSecret })
  return { before: written(from), after: written(to) }
}

function manifests(side: Side): Files {
  return { 'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOf(side) }) }
}

async function check(t: Test, from: Side, to: Side) {
  const [before, after] = [makeFolder(t, manifests(from)), makeFolder(t, manifests(to))]
  const args = ['check', '--before', before, after, '--format', 'json']
  const { code, stdout } = await runProgram(t, args)
  const report = JSON.parse(stdout) as {
    readonly objects: readonly {
      readonly findings: readonly { readonly rule: string; readonly action: string }[]
    }[]
  }
  const findings = report.objects.flatMap(object => object.findings)
  const rules = (action: string) =>
    findings.filter(found => found.action === action).map(({ rule }) => rule)
  return { code, denied: rules('deny').sort(), warned: rules('warn').sort() }
}

for (const { name, build, denied, warned, compared } of moves)
  void t.test(`a move to a database that is ${name}`, async t => {
    gate.reuseDatabases()
    const [from, to] = [await gate.createDatabase(), await gate.createDatabase()]
    await migrate(from, app)
    await build(to)
    for (const isInSecret of [false, true]) {
      const sides = [
        { url: from, isInSecret },
        { url: to, isInSecret },
      ] as const
      const place = isInSecret ? 'URL in a Secret' : 'URL in the spec'
      const { answer } = await gate.judge(objectsOf(sides[0]), writeOf(...sides))
      t.equal(answer.allowed, denied.length === 0, `webhook, ${place}`)
      t.strictSame(rulesOf(answer, 'denied').sort(), denied, `webhook, ${place}: denied`)
      t.strictSame(rulesOf(answer, 'warned').sort(), warned, `webhook, ${place}: warned`)
      const checked = await check(t, ...sides)
      const code = denied.length === 0 ? 0 : 1
      t.strictSame(checked, { code, denied, warned }, `check --before, ${place}`)
    }
    const environment = { OLD_URL: from, NEW_URL: to }
    const directory = makeFolder(t, app)
    const operands = ['env:OLD_URL', 'env:NEW_URL', '--directory', directory]
    const { code } = await runProgram(t, ['compare', ...operands], { environment })
    t.equal(code, compared, 'compare')
  })

void t.test('a move back, and another name of the same host, are none to complain of', async t => {
  gate.reuseDatabases()
  const [old, copy] = [await gate.createDatabase(), await gate.createDatabase()]
  await migrate(old, app)
  await migrate(copy, app)
  const status = { lastAppliedVersion: '20250104' }
  for (const [from, to] of [
    [copy, old],
    [old, old.replace('127.0.0.1', 'localhost')],
  ] as const) {
    const [before, after] = [from, to].map(url => ({ url, isInSecret: false }))
    const write = {
      before: { ...objectOf(before!), status },
      after: { ...objectOf(after!), status },
    }
    const { answer } = await gate.judge(objectsOf(before!), write)
    t.equal(answer.verdict, 'pass')
  }
})
