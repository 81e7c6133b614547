import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parse } from 'yaml'
import type { OperatorAction, Reconcile } from '../../src/atlas/operator.js'
import { statementHashes } from '../../src/atlas/statement.js'
import type { AtlasMigration } from '../../src/policy/atlas-migration.js'
import { createRevisionsTable, execute, insertRevisions } from '../database/test-postgres.js'
import { checkpoint, withSum, type Files } from '../policy/facts-builder.js'
import {
  configMap,
  dirState,
  migrate,
  migration,
  readRecordedCase,
  rulesOf,
  secret,
  startLiveGate,
  textOf,
  type Judgement,
  type RecordedCase,
  type TestConfigMap,
  type TestSecret,
  type Write,
} from './live-gate.js'

// What a real operator (0.7.37, with the engine of Atlas v1.2.3) did in a real cluster, rebuilt row by row.

const gate = await startLiveGate(t)

/** Where a situation is built. */
interface Place {
  /** A database of its own. */
  readonly url: string
  /** The AtlasMigration of the recorded case of that name, as it was written. */
  readonly object: AtlasMigration
}

interface Scene {
  readonly objects: readonly (AtlasMigration | TestConfigMap | TestSecret)[]
  readonly write: Write
}

interface Expected {
  /** null: nothing can be predicted. */
  readonly first: OperatorAction | null
  /** Absent: the first one fails or goes down, so nothing follows. */
  readonly next?: OperatorAction
  /**
   * What the operator's condition is compared with: a predicted reconcile; `text`: the answer, which has the
   * operator's own sentence; `sql`: it failed in a statement, which the gate deliberately does not see;
   * `none`: the operator's command line lacked the command.
   */
  readonly condition: 'first' | 'next' | 'text' | 'sql' | 'none'
  /** For situations without a recorded object: the operator's message, empty for Ready. */
  readonly message?: string
  /** null: it crashes. Absent: not looked at. */
  readonly downTarget?: string | null
  readonly denied: readonly string[]
  readonly warned: readonly string[]
}

/** The name of a recorded case (test/fixtures/cases), or what was done. */
type Row = [name: string, build: (place: Place) => Promise<Scene>, expected: Expected]

const refusal = 'migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade'

function create(after: Write['after']): Write {
  return { before: null, after }
}

// The happy path

const happyPath: readonly Row[] = [
  [
    'a-happy-path',
    async ({ object }) => ({ objects: [await recordedConfigMap()], write: create(object) }),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'written again when all has run, with the recorded rows and dir-state',
    async ({ url }) => {
      const [directory, stored] = [await recordedConfigMap(), await recordedDirState()]
      await migrate(url, directory.data ?? {})
      const { object } = await readRecordedCase('a-happy-path', url)
      return { objects: [directory, stored], write: { before: object, after: object } }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]

async function recordedConfigMap(): Promise<TestConfigMap> {
  return parse(await readFile('test/fixtures/cases/a-configmap.yaml', 'utf8')) as TestConfigMap
}

async function recordedDirState(): Promise<TestSecret> {
  return parse(await readFile('test/fixtures/cases/a-dirstate-secret.yaml', 'utf8')) as TestSecret
}

// Two AtlasMigrations on one table

const schema = withSum({
  '20250101000000_users.sql': 'create table users (id int primary key, name text not null);\n',
  '20250201000000_orders.sql': 'create table orders (id int primary key);\n',
  '20250301000000_items.sql': 'create table items (id int primary key);\n',
})

function seed(...names: readonly string[]): Files {
  const entries = names.map((name, id) => [
    `${name}.sql`,
    `insert into users values (${id}, '${name}');\n`,
  ])
  return withSum(Object.fromEntries(entries) as Files)
}

const laterSeed = seed('20250401000000_seed_users')
const earlySeed = seed('00000000000001_seed_users')

/** `pair`: the name that the two objects have in common. */
function schemaObjects(pair: string, url: string, data = schema) {
  const directory = { dir: { configMapRef: { name: `${pair}-schema` } } }
  return [
    configMap(`${pair}-schema`, data, 'b'),
    migration(`${pair}-schema`, { url, execOrder: 'linear', ...directory }, 'b'),
  ] as const
}

/** The schema ran; then the seed data comes, in a directory of its own. */
async function addSeed({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, schema)
  const name = object.spec.dir?.configMapRef?.name ?? ''
  const objects = [...schemaObjects('b', url), configMap(name, data, 'b')]
  return { objects, write: create(object) }
}

function seedMigration(url: string, spec: Partial<AtlasMigration['spec']> = {}): AtlasMigration {
  return migration('seed', { url, dir: { configMapRef: { name: 'seed' } }, ...spec }, 'b')
}

const sharedTable: readonly Row[] = [
  [
    'b-b1-seed',
    place => addSeed(place, laterSeed),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: ['revision-table-shared', 'applied-file-missing'],
      warned: [],
    },
  ],
  [
    // The seed data ran; a newer file of the schema gets it through one more reconcile. It was broken before.
    'b-b1-schema',
    async ({ url, object }) => {
      await migrate(url, schema)
      await migrate(url, laterSeed)
      const newer = { '20250501000000_more.sql': 'create table more (id int);\n' }
      const [directory] = schemaObjects('b1', url)
      const after = configMap('b1-schema', withSum({ ...schema, ...newer }), 'b')
      const others = [configMap('seed', laterSeed, 'b'), seedMigration(url)]
      return { objects: [directory, object, ...others], write: { before: directory, after } }
    },
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: [],
      warned: ['revision-table-shared', 'applied-file-missing'],
    },
  ],
  [
    'b-b2-seed',
    place => addSeed(place, seed('20250115000000_seed_users', '20250315000000_seed_orders')),
    {
      first: 'apply',
      condition: 'first',
      denied: ['revision-table-shared', 'applied-file-missing', 'file-out-of-order'],
      warned: [],
    },
  ],
  [
    'b-b3-seed',
    place => addSeed(place, seed('20241201000000_seed_users')),
    {
      first: 'down',
      condition: 'first',
      denied: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'the seed reuses a number of the schema',
    ({ url }) => addSeed({ url, object: seedMigration(url) }, seed('20250101000000_seed_users')),
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'b-b5-seed',
    place => addSeed(place, seed('20241201000000_a', '20241202000000_b', '20241203000000_c')),
    {
      first: 'ready',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared', 'applied-file-missing', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'b-b6-seed',
    async ({ object }) => ({
      objects: [configMap('b6-seed', laterSeed, 'b')],
      write: create(object),
    }),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'b-b6-schema',
    async ({ url, object }) => {
      // The seed failed for want of a table and left an empty one of revisions.
      await createRevisionsTable(url)
      const others = [configMap('seed', laterSeed, 'b'), seedMigration(url)]
      const objects = [configMap('b6-schema', schema, 'b'), ...others]
      return { objects, write: create(object) }
    },
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared'],
      warned: [],
    },
  ],
  [
    'b-b7-schema',
    async ({ url, object }) => {
      await createRevisionsTable(url)
      const others = [configMap('seed', earlySeed, 'b'), seedMigration(url)]
      const objects = [configMap('b7-schema', schema, 'b'), ...others]
      return { objects, write: create(object) }
    },
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared'],
      warned: [],
    },
  ],
  [
    // Nothing is written here but the same object again.
    'b-b7-seed',
    async place => {
      const scene = await addSeed(place, earlySeed)
      const objects = [...scene.objects, place.object]
      return { objects, write: { before: place.object, after: place.object } }
    },
    {
      first: 'down',
      condition: 'first',
      denied: [],
      warned: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
    },
  ],
  [
    'the same database under another spelling of its host and scheme',
    ({ url }) => {
      const other = url.replace('postgres://', 'postgresql://').replace('127.0.0.1', 'localhost')
      return addSeed({ url, object: seedMigration(other) }, laterSeed)
    },
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['revision-table-shared', 'applied-file-missing'],
      warned: [],
    },
  ],
  [
    'a search_path in the URL moves the table to that schema',
    async ({ url }) => {
      await execute(url, 'create schema x')
      await migrate(url, schema, { schema: 'x' })
      const object = migration('app', { url: `${url}&search_path=x`, dir: { local: schema } })
      return { objects: [], write: create(object) }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a revisionsSchema of its own alone',
    ({ url }) =>
      addSeed(
        { url, object: seedMigration(url, { revisionsSchema: 'seed_revisions' }) },
        laterSeed,
      ),
    {
      first: 'apply',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "atlas_schema_revisions". baseline version or allow-dirty is required',
      denied: ['baseline-required'],
      warned: ['revision-table-elsewhere'],
    },
  ],
  [
    'a revisionsSchema of its own and a baseline from the first reconcile on',
    ({ url }) => {
      const own = { revisionsSchema: 'seed_revisions', baseline: '20241201000000' }
      const data = { '20241201000000_empty.sql': '', ...laterSeed }
      return addSeed({ url, object: seedMigration(url, own) }, withSum(data))
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'the same after a first reconcile without baseline, which left an empty table',
    async ({ url }) => {
      await createRevisionsTable(url, 'seed_revisions')
      const own = { revisionsSchema: 'seed_revisions', baseline: '20241201000000' }
      const data = { '20241201000000_empty.sql': '', ...laterSeed }
      return addSeed({ url, object: seedMigration(url, own) }, withSum(data))
    },
    {
      first: 'error-status',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "atlas_schema_revisions". baseline version or allow-dirty is required',
      denied: ['revision-table-empty'],
      warned: ['revision-table-elsewhere'],
    },
  ],
]

// A moved database

const app = withSum({
  '20250101000000_users.sql': 'create table users (id int primary key);\n',
  '20250102000000_orders.sql': 'create table orders (id int primary key);\n',
  '20250103000000_items.sql': 'create table items (id int primary key);\n',
  '20250104000000_prices.sql': 'create table prices (id int primary key);\n',
})
const fifth = { '20250105000000_new.sql': 'create table fresh (id int primary key);\n' }

/** The files whose version ends in these days. */
function days(...numbers: readonly number[]): Files {
  const names = Object.keys(app).filter(name => numbers.some(n => name.startsWith(`2025010${n}`)))
  return withSum(Object.fromEntries(names.map(name => [name, app[name] ?? ''])))
}

/** A copy of a database in which all four ran, with its revisions, for a new AtlasMigration. */
async function moved({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, app)
  return { objects: [directoryOf(object, data)], write: create(object) }
}

function directoryOf({ metadata, spec }: AtlasMigration, data: Files): TestConfigMap {
  return configMap(spec.dir?.configMapRef?.name ?? '', data, metadata.namespace)
}

/** The same for an AtlasMigration that was there, in the state of another recorded case. */
async function movedUpdate(place: Place, before: string): Promise<Scene> {
  const scene = await moved(place, days(1, 2))
  const { object } = await readRecordedCase(before, place.url)
  return { objects: [...scene.objects, object], write: { before: object, after: place.object } }
}

const squashed = checkpoint('20250105000000_checkpoint')
const afterSquash = { '20250106000000_more.sql': 'create table more (id int);\n' }

const movedDatabase: readonly Row[] = [
  [
    'c-down-not-allowed',
    place => moved(place, days(1, 2)),
    { first: 'down', condition: 'first', denied: ['migrate-down-predicted'], warned: [] },
  ],
  [
    'c-allow-without-autoapprove',
    place => movedUpdate(place, 'c-down-not-allowed'),
    {
      first: 'down',
      condition: 'text',
      denied: ['down-flow-invalid'],
      warned: ['migrate-down-predicted'],
    },
  ],
  [
    'c-no-dir-state',
    place => movedUpdate(place, 'c-allow-without-autoapprove'),
    { first: 'down', condition: 'text', denied: ['migrate-down-unsafe'], warned: [] },
  ],
  [
    'c10-recreated-same-name',
    place => moved(place, days(1, 2)),
    { first: 'down', condition: 'text', denied: ['migrate-down-unsafe'], warned: [] },
  ],
  [
    'c-with-dir-state-community',
    async ({ url, object }) => {
      const old = await gate.createDatabase()
      await migrate(old, app)
      await migrate(url, app)
      const before = { ...object, spec: { ...object.spec, url: old } }
      const stored = await dirState('app', app, 'c')
      const objects = [directoryOf(object, days(1, 2)), stored, before]
      return { objects, write: { before, after: object } }
    },
    {
      first: 'down',
      condition: 'none',
      downTarget: '20250102000000',
      denied: ['migrate-down-unsafe'],
      warned: [],
    },
  ],
  [
    'c-gap-after-second-reconcile',
    place => moved(place, withSum({ ...days(1, 2, 4), ...fifth })),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'c-removed-middle',
    place => moved(place, days(1, 2, 4)),
    { first: 'down', condition: 'first', denied: ['migrate-down-predicted'], warned: [] },
  ],
  [
    'a directory with one brand-new file only',
    ({ url }) => moved(appPlace(url), withSum(fifth)),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'c-moved-without-revisions',
    async ({ url, object }) => {
      for (const [name, content] of Object.entries(app))
        if (name.endsWith('.sql')) await execute(url, content)
      return { objects: [directoryOf(object, app)], write: create(object) }
    },
    { first: 'apply', condition: 'first', denied: ['baseline-required'], warned: [] },
  ],
  [
    'a squash to a checkpoint, the old files removed, on a database that ran them',
    ({ url }) => moved(appPlace(url), withSum({ ...squashed, ...afterSquash })),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'the same squash on a fresh database',
    async ({ url }) => {
      const { object } = appPlace(url)
      const data = withSum({ ...squashed, ...afterSquash })
      return { objects: [directoryOf(object, data)], write: create(object) }
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a checkpoint beside the old files, on a database that ran them',
    ({ url }) => moved(appPlace(url), withSum({ ...app, ...squashed, ...afterSquash })),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]

function appPlace(url: string): Place {
  return { url, object: migration('app', { url, dir: { configMapRef: { name: 'app' } } }) }
}

// Defects of a directory

const pair = withSum({
  '20250101000000_a.sql': 'create table a (id int);\n',
  '20250102000000_b.sql': 'create table b (id int);\n',
})
const firstOfPair = withSum({ '20250101000000_a.sql': 'create table a (id int);\n' })
const late = { '20250101120000_late.sql': 'create table c (id int);\n' }
const third = { '20250103000000_d.sql': 'create table d (id int);\n' }

/** A new AtlasMigration on an empty database. */
async function fresh({ object }: Place, data: Files): Promise<Scene> {
  return { objects: [directoryOf(object, data)], write: create(object) }
}

/** The pair ran and the operator stored it; then its ConfigMap is written. */
async function rewritten(place: Place, data: Files, before: Files = pair): Promise<Scene> {
  const { url, object } = place
  await migrate(url, before)
  const { name = '', namespace = '' } = object.metadata
  const directory = directoryOf(object, before)
  const objects = [directory, object, await dirState(name, before, namespace)]
  return { objects, write: { before: directory, after: directoryOf(object, data) } }
}

function withoutSum(data: Files): Files {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'atlas.sum'))
}

/** The files of one directory under the atlas.sum of another. */
function underSumOf(files: Files, other: Files): Files {
  return { ...withoutSum(files), 'atlas.sum': other['atlas.sum'] ?? '' }
}

const edited = { ...pair, '20250102000000_b.sql': 'create table b (id bigint);\n' }
const mismatch: Expected = {
  first: 'error-status',
  condition: 'first',
  denied: ['checksum-mismatch'],
  warned: [],
}
const mismatchUnrecorded: Expected = { ...mismatch, message: 'Error: checksum mismatch' }
const lateNothingNewer: Expected = {
  first: 'down',
  condition: 'first',
  denied: ['migrate-down-predicted'],
  warned: [],
}
const skippedForGood: Expected = {
  first: 'apply',
  next: 'down',
  condition: 'first',
  denied: ['file-never-runs'],
  warned: ['file-out-of-order'],
}
const emptyAndFresh: Expected = {
  first: 'ready',
  next: 'ready',
  condition: 'first',
  denied: [],
  warned: ['directory-empty'],
}

const directoryDefects: readonly Row[] = [
  ['d1-checksum-mismatch', place => rewritten(place, underSumOf(edited, pair)), mismatch],
  [
    'd1b-edited-and-rehashed',
    place => rewritten(place, withSum(edited)),
    {
      first: 'ready',
      next: 'ready',
      condition: 'first',
      denied: ['applied-file-edited'],
      warned: [],
    },
  ],
  [
    'd2-sum-missing',
    place => fresh(place, withoutSum(pair)),
    { first: 'error-status', condition: 'first', denied: ['checksum-missing'], warned: [] },
  ],
  [
    'a local directory without atlas.sum',
    async ({ url }) => {
      const object = migration('app', { url, dir: { local: withoutSum(pair) } })
      return { objects: [], write: create(object) }
    },
    {
      first: 'error-status',
      condition: 'first',
      message: 'Error: checksum file not found',
      denied: ['checksum-missing'],
      warned: [],
    },
  ],
  [
    'd2b-sum-stale-file-added',
    place => fresh(place, underSumOf({ ...pair, ...third }, pair)),
    mismatch,
  ],
  [
    'd2c-sum-stale-file-removed',
    place => fresh(place, underSumOf(pair, withSum({ ...pair, ...third }))),
    mismatch,
  ],
  [
    'an atlas.sum that is garbage',
    ({ url }) => fresh(appPlace(url), { ...pair, 'atlas.sum': 'garbage\n' }),
    mismatchUnrecorded,
  ],
  [
    'files with CRLF under the atlas.sum of files without',
    ({ url }) => {
      const data = Object.entries(pair).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')])
      return fresh(appPlace(url), underSumOf(Object.fromEntries(data) as Files, pair))
    },
    mismatchUnrecorded,
  ],
  [
    'keys that are no migrations',
    ({ url }) => fresh(appPlace(url), { ...pair, 'README.md': '# Hello\n', 'x.sql.bak': 'x' }),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'seed.sql, a file without a version',
    ({ url }) =>
      fresh(appPlace(url), withSum({ ...pair, 'seed.sql': 'insert into a values (1);\n' })),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'd2i-binarydata',
    async ({ object }) => {
      const binaryData = {
        '20250101000000_a.sql': Buffer.from('create table a (id int);').toString('base64'),
      }
      return { objects: [{ ...directoryOf(object, {}), binaryData }], write: create(object) }
    },
    { ...emptyAndFresh, warned: ['directory-empty', 'file-ignored'] },
  ],
  ['d6a-empty-fresh', place => fresh(place, {}), emptyAndFresh],
  [
    'only an atlas.sum on a fresh database',
    ({ url }) => fresh(appPlace(url), withSum({})),
    { ...emptyAndFresh, message: '' },
  ],
  [
    'd6b-emptied',
    place => rewritten(place, {}),
    {
      first: 'down',
      condition: 'first',
      denied: ['directory-empty', 'migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'd6c-emptied-down-allowed',
    place => rewritten(place, {}),
    {
      first: 'down',
      condition: 'first',
      downTarget: null,
      denied: ['directory-empty', 'migrate-down-unsafe'],
      warned: [],
    },
  ],
  ['d5o-linear', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  ['d5o-linear-skip', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  ['d5o-non-linear', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  [
    'd5x-outoforder-migratedown-allowed',
    place => rewritten(place, withSum({ ...pair, ...late })),
    {
      first: 'down',
      condition: 'first',
      downTarget: null,
      denied: ['migrate-down-unsafe'],
      warned: [],
    },
  ],
  [
    'd5p-linear',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    { first: 'apply', condition: 'first', denied: ['file-out-of-order'], warned: [] },
  ],
  [
    'd5p-linear-skip',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    skippedForGood,
  ],
  [
    'd5p-linear-skip-second',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    { ...skippedForGood, condition: 'next' },
  ],
  [
    'd5p-non-linear',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: [],
      warned: ['file-out-of-order'],
    },
  ],
  [
    'a file after seed.sql ran, which sorts behind every number',
    ({ url }) => {
      const before = withSum({ ...pair, 'seed.sql': 'insert into a values (1);\n' })
      return rewritten(appPlace(url), withSum({ ...before, ...third }), before)
    },
    { ...lateNothingNewer, message: refusal },
  ],
  [
    'd7-configmap-missing',
    async ({ object }) => ({ objects: [], write: create(object) }),
    { first: null, condition: 'text', denied: [], warned: ['configmap-not-found'] },
  ],
  [
    'd7c-configmap-deleted',
    async place => {
      const { objects, write } = await rewritten(place, pair)
      return { objects, write: { before: write.before, after: null } }
    },
    { first: null, condition: 'text', denied: [], warned: ['configmap-not-found'] },
  ],
  [
    'd8-both',
    place => fresh(place, pair),
    { first: null, condition: 'text', denied: ['multiple-directories'], warned: [] },
  ],
  [
    'd8c-no-dir',
    async ({ object }) => ({ objects: [], write: create(object) }),
    { first: null, condition: 'text', denied: ['directory-missing'], warned: [] },
  ],
  [
    'a remote directory without a token',
    async ({ url }) => {
      const object = migration('app', { url, dir: { remote: { name: 'app', tag: 'v1' } } })
      return { objects: [], write: create(object) }
    },
    {
      first: null,
      condition: 'text',
      message: 'cannot use remote directory without Atlas Cloud token',
      denied: ['config-incomplete'],
      warned: [],
    },
  ],
  [
    'no url',
    async () => {
      const object = migration('app', { dir: { configMapRef: { name: 'app' } } })
      return { objects: [configMap('app', pair)], write: create(object) }
    },
    {
      first: null,
      condition: 'text',
      message: 'no target database defined',
      denied: ['target-missing'],
      warned: [],
    },
  ],
  [
    'd9a-baseline',
    async place => {
      await execute(place.url, 'create table a (id int)')
      return fresh(place, pair)
    },
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'd9b-baseline-unknown',
    async place => {
      await execute(place.url, 'create table a (id int)')
      return fresh(place, pair)
    },
    { first: 'apply', condition: 'first', denied: ['baseline-unknown'], warned: [] },
  ],
  [
    'a baseline where rows exist is ignored',
    async ({ url }) => {
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'app' } }
      const object = migration('app', { url, baseline: '20250101000000', dir })
      return fresh({ url, object }, pair)
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a baseline at the last file',
    async ({ url }) => {
      await execute(url, 'create table a (id int)', 'create table b (id int)')
      const dir = { configMapRef: { name: 'app' } }
      const object = migration('app', { url, baseline: '20250102000000', dir })
      return fresh({ url, object }, pair)
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]

// A file that failed half-way

const create1 = 'create table t1 (id int);'
const failing = 'insert into nosuch values (1);'
const create2 = 'create table t2 (id int);'

function bad(...statements: readonly string[]): Files {
  const { '20250101000000_a.sql': a = '' } = pair
  const text = `-- atlas:txmode none\n\n${statements.join('\n')}\n`
  return withSum({ '20250101000000_a.sql': a, '20250102000000_bad.sql': text })
}

const failed = bad(create1, failing, create2)

/** One of three statements ran, with txmode none, as recorded: counters, error, and hashes of what ran. */
async function halfWay({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, failed, { versions: ['20250101000000'] })
  await execute(url, create1)
  await insertRevisions(url, [
    {
      version: '20250102000000',
      description: 'bad',
      applied: 1,
      total: 3,
      error: 'pq: relation "nosuch" does not exist',
      errorStatement: failing,
      hash: hashOf(failed, '20250102000000_bad.sql'),
      partialHashes: statementHashes([create1]).map(hash => `h1:${hash}`),
      executedAt: '2026-02-01T00:00:00Z',
    },
  ])
  const directory = directoryOf(object, failed)
  return {
    objects: [directory, object],
    write: { before: directory, after: directoryOf(object, data) },
  }
}

/** From atlas.sum, as the engine takes it. */
function hashOf(data: Files, name: string): string {
  const line = data['atlas.sum']?.split('\n').find(text => text.startsWith(`${name} h1:`)) ?? ''
  return line.slice(`${name} h1:`.length)
}

const fixed = bad(create1, 'insert into a values (1);', create2)

const halfWayFiles: readonly Row[] = [
  [
    'd10a-failed-in-tx',
    place => fresh(place, withSum({ ...pair, '20250102000000_b.sql': `${create1}\n${failing}\n` })),
    { first: 'apply', next: 'ready', condition: 'sql', denied: [], warned: [] },
  ],
  [
    'd10b-partial',
    place => fresh(place, failed),
    { first: 'apply', next: 'ready', condition: 'sql', denied: [], warned: [] },
  ],
  [
    'd10b-after-fix',
    place => halfWay(place, fixed),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: ['revision-partial'] },
  ],
  [
    'd10c-partial-history-changed',
    place => halfWay(place, bad('create table t1 (id bigint);', failing, create2)),
    { first: 'apply', condition: 'first', denied: ['revision-partial'], warned: [] },
  ],
  [
    'd10d-partial-file-removed',
    place =>
      halfWay(place, withSum({ '20250101000000_a.sql': pair['20250101000000_a.sql'] ?? '' })),
    { first: 'error-status', condition: 'first', denied: ['revision-partial'], warned: [] },
  ],
  [
    // The row keeps the hash of the text that failed: no proof of an edit.
    'the next file after one that was repaired half-way',
    async ({ url }) => {
      const { object } = appPlace(url)
      await migrate(url, fixed)
      const stale = hashOf(failed, '20250102000000_bad.sql')
      const table = 'atlas_schema_revisions.atlas_schema_revisions'
      await execute(url, `update ${table} set hash = '${stale}' where version = '20250102000000'`)
      const directory = directoryOf(object, fixed)
      const after = directoryOf(object, withSum({ ...fixed, ...third }))
      const objects = [directory, object, await dirState('app', fixed)]
      return { objects, write: { before: directory, after } }
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'rows of "atlas migrate set"',
    async ({ url }) => {
      await execute(url, 'create table a (id int)', 'create table b (id int)')
      await createRevisionsTable(url)
      const rows = ['20250101000000_a', '20250102000000_b'].map(name => ({
        version: name.slice(0, 14),
        description: name.slice(15),
        type: 4,
        applied: 0,
        total: 0,
        hash: hashOf(pair, `${name}.sql`),
      }))
      await insertRevisions(url, rows)
      return fresh(appPlace(url), pair)
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]

// Writes of other objects

const otherWrites: readonly Row[] = [
  [
    'a new file by a write of the ConfigMap alone',
    ({ url }) => rewritten(appPlace(url), withSum({ ...pair, ...third })),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a mere annotation of the ConfigMap',
    async ({ url }) => {
      const { objects, write } = await rewritten(appPlace(url), pair)
      const { metadata, ...rest } = write.after ?? directoryOf(appPlace(url).object, pair)
      const annotated = { ...metadata, annotations: { a: 'b' } }
      return { objects, write: { ...write, after: { ...rest, metadata: annotated } } }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'an immutable ConfigMap, deleted and created again with a file less',
    async ({ url }) => {
      const { objects, write } = await rewritten(appPlace(url), firstOfPair)
      return { objects: objects.slice(1), write: create(write.after) }
    },
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'one ConfigMap for two databases, of which one is further',
    async ({ url }) => {
      const further = await gate.createDatabase()
      await migrate(further, withSum({ ...pair, ...third }))
      const before = withSum({ ...pair, ...third })
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'app' } }
      const objects = [
        configMap('app', before),
        migration('further', { url: further, dir }),
        migration('behind', { url, dir }),
      ]
      return { objects, write: { before: configMap('app', before), after: configMap('app', pair) } }
    },
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'a Secret that comes to name a copy of the database without its revisions',
    async ({ url }) => {
      const copy = await gate.createDatabase()
      await execute(copy, 'create table a (id int)', 'create table b (id int)')
      await migrate(url, pair)
      const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
      const objects = [
        configMap('app', pair),
        migration('app', { urlFrom, dir: { configMapRef: { name: 'app' } } }),
        secret('database', { url }),
        await dirState('app', pair),
      ]
      const write = {
        before: secret('database', { url }),
        after: secret('database', { url: copy }),
      }
      return { objects, write }
    },
    {
      first: 'apply',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
      denied: ['baseline-required', 'revision-table-incomplete'],
      warned: [],
    },
  ],
  [
    'rewrite-ssa-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      return {
        objects: [configMap('mig-merged', pair, object.metadata.namespace)],
        write: { before: object, after: object },
      }
    },
    { first: 'ready', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'rewrite-clientside-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      return {
        objects: [configMap('mig-merged', pair, object.metadata.namespace)],
        write: { before: object, after: object },
      }
    },
    { first: 'ready', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'rewrite-inline-ssa-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'mig2' } }
      const before = { ...object, spec: { ...object.spec, dir } }
      return {
        objects: [configMap('mig2', pair, object.metadata.namespace)],
        write: { before, after: object },
      }
    },
    { first: null, condition: 'text', denied: ['multiple-directories'], warned: [] },
  ],
]

const tables: Readonly<Record<string, readonly Row[]>> = {
  'the happy path': happyPath,
  'two AtlasMigrations on one table': sharedTable,
  'a moved database': movedDatabase,
  'defects of a directory': directoryDefects,
  'files that failed half-way': halfWayFiles,
  'writes of other objects': otherWrites,
}

for (const [title, rows] of Object.entries(tables))
  await t.test(title, async t => {
    for (const row of rows) await t.test(row[0], t => checkRow(t, row))
  })

async function checkRow(t: Test, [name, build, expected]: Row): Promise<void> {
  const url = await gate.createDatabase()
  const recorded = await readCondition(name, url, expected)
  const { objects, write } = await build({ url, object: recorded.object })
  const judgement = await gate.judge(objects, write)
  const { answer, facts } = judgement
  const prediction = facts?.prediction
  t.equal(prediction?.first.action ?? null, expected.first, 'first reconcile')
  t.equal(prediction?.next?.action, expected.next, 'next reconcile')
  if (expected.downTarget !== undefined)
    t.equal(prediction?.first.downTarget, expected.downTarget, 'the version it would go down to')
  t.same(rulesOf(answer, 'denied').sort(), [...expected.denied].sort(), 'denied')
  t.same(rulesOf(answer, 'warned').sort(), [...expected.warned].sort(), 'warned')
  t.equal(answer.allowed, expected.denied.length === 0, 'allowed')
  checkCondition(t, { recorded, judgement, expected })
  gate.reuseDatabases()
}

async function readCondition(
  name: string,
  url: string,
  { message }: Expected,
): Promise<RecordedCase> {
  if (existsSync(join('test/fixtures/cases', `${name}.yaml`))) return readRecordedCase(name, url)
  if (message === undefined) throw new Error(`${name} is no recorded case and has no message`)
  const object = migration('unrecorded', { url })
  return { object, ready: message === '', reason: '', message, lastAppliedVersion: undefined }
}

interface Comparison {
  readonly recorded: RecordedCase
  readonly judgement: Judgement
  readonly expected: Expected
}

/** What the operator said against what was predicted and answered. */
function checkCondition(t: Test, { recorded, judgement, expected }: Comparison): void {
  const { answer, facts } = judgement
  const { message } = recorded
  if (expected.condition === 'none') return
  if (expected.condition === 'text') {
    t.match(textOf(answer), message, 'the answer has the sentence of the operator')
    return
  }
  if (expected.condition === 'sql') {
    t.match(message, 'executing statement', 'the operator failed in SQL')
    t.equal(facts?.prediction?.first.error, null, 'which is not predicted')
    return
  }
  const reconcile = facts?.prediction?.[expected.condition]
  if (!reconcile) return void t.fail('nothing was predicted to compare the condition with')
  if (recorded.ready) checkReady(t, recorded, reconcile)
  else if (reconcile.action === 'down') checkDown(t, { recorded, judgement, expected }, reconcile)
  else t.match(message, reconcile.error?.message, 'the predicted error is what the operator said')
}

function checkReady(t: Test, { lastAppliedVersion }: RecordedCase, reconcile: Reconcile): void {
  t.equal(reconcile.error, null, 'Ready, as predicted')
  if (lastAppliedVersion === undefined) return
  const last = reconcile.after.revisions?.at(-1)?.version ?? 'No migration applied yet'
  t.equal(last, lastAppliedVersion, 'the last version is the one that the operator reports')
}

function checkDown(
  t: Test,
  { recorded, judgement, expected }: Comparison,
  { downTarget }: Reconcile,
): void {
  // A crash leaves the condition of the moment before.
  if (recorded.reason === 'Reconciling') return void t.equal(downTarget, null, 'it crashes')
  t.equal(recorded.message, refusal, 'the operator refuses to go down')
  if (expected.denied.includes('migrate-down-predicted'))
    t.match(textOf(judgement.answer), refusal, 'the denial has the sentence of the operator')
}
