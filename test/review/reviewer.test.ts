import t from 'tap'
import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { AtlasMigration } from '../../src/policy/facts/atlas-migration.js'
import type { TableFacts } from '../../src/policy/facts/facts.js'
import type { Settings } from '../../src/policy/settings/settings.js'
import type { AdmissionAnswer, AdmissionRequest } from '../../src/review/ports/admission.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { ClusterError } from '../../src/review/ports/cluster-error.js'
import { claimsToBeSame, contradicts } from '../../src/policy/facts/same-database.js'
import { TargetIndex } from '../../src/review/facts/target-index.js'
import { buildFailureAnswer, buildReviewer } from '../../src/review/reviewer.js'
import { fakeReviewer } from './fake-reviewer.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  namespace,
  readTable,
  request,
  rowsOf,
  secret,
  unhurriedDeadline,
  urlOf,
} from './fakes.js'

interface World extends ClusterObjects {
  readonly tables?: Readonly<Record<string, TableFacts | Promise<TableFacts>>>
  readonly settings?: Partial<Settings>
}

function review(world: World, asked: AdmissionRequest, deadline?: Deadline) {
  const reviewer = fakeReviewer({
    cluster: fakeCluster(world),
    reader: fakeReader(world.tables ?? {}),
    settings: { ...defaultSettings, ...world.settings },
  })
  return reviewer.review(asked, deadline ?? unhurriedDeadline())
}

const all = filesOf('1', '2', '3')
const fewer = filesOf('1', '2')
const spec = (name: string, database = 'app') => ({
  url: urlOf(database),
  dir: { configMapRef: { name } },
})
const failed: TableFacts = {
  kind: 'failed',
  failure: 'unreachable',
  message: 'the database cannot be reached',
}

const world: World = {
  configMaps: { all: configMap('all', all), fewer: configMap('fewer', fewer) },
  migrations: [migration('app', spec('all'))],
  tables: {
    app: { ...readTable, revisions: rowsOf(all), notClean: 'found schema "public"' },
    down: failed,
  },
}

const found = (answer: AdmissionAnswer) =>
  answer.findings.map(({ rule, result }) => `${rule} ${result}`)

void t.test('a migration whose rows and files agree passes without a word', async t => {
  const answer = await review(world, request({ object: migration('app', spec('all')) }))
  t.same(answer, {
    verdict: 'pass',
    allowed: true,
    warnings: [],
    auditAnnotations: { verdict: 'pass' },
    findings: [],
  })
})

void t.test('a write that introduces a down is denied, with causes', async t => {
  const answer = await review(world, request({ object: migration('app', spec('fewer')) }))
  t.match(answer, {
    verdict: 'fail',
    allowed: false,
    status: {
      code: 403,
      reason: 'Forbidden',
      message: /^\[migrate-down-predicted] AtlasMigration shop\/app: /,
      details: { causes: [{ reason: 'migrate-down-predicted' }] },
    },
    auditAnnotations: { verdict: 'fail', rules: 'migrate-down-predicted' },
  })
  t.same(found(answer), ['migrate-down-predicted denied'])
})

void t.test('an old problem is a warning, whatever else the write does', async t => {
  const old = migration('app', spec('fewer'))
  const unchanged = await review(world, request({ object: old, oldObject: old }))
  t.match(unchanged, { verdict: 'warn', allowed: true, warnings: [/migrate-down-predicted/] })
  const edited = { ...old, spec: { ...old.spec, backoffLimit: 3 } }
  const unrelated = await review(world, request({ object: edited, oldObject: old }))
  t.match(unrelated, { verdict: 'warn', allowed: true })
})

void t.test('a bad state that came unseen is said, and cannot be made worse', async t => {
  // A ConfigMap that was stored while nobody looked: it lacks a version that has run.
  const seen = { ...world, configMaps: { files: configMap('files', fewer) } }
  const stands = migration('app', spec('files'))
  const unseen: World = { ...seen, migrations: [stands] }
  const update = (more: AtlasMigration['spec']) =>
    review(
      unseen,
      request({ object: migration('app', { ...stands.spec, ...more }), oldObject: stands }),
    )
  const unrelated = await update({ backoffLimit: 3 })
  t.match(unrelated, { allowed: true, warnings: [/migrate-down-predicted/] })
  const allow = { allow: true, autoApprove: true }
  const allowing = await update({ protectedFlows: { migrateDown: allow } })
  t.match(found(allowing), ['migrate-down-unsafe denied'])
  const asked = request({
    kind: 'ConfigMap',
    object: configMap('files', filesOf('1')),
    oldObject: configMap('files', fewer),
  })
  t.match(found(await review(unseen, asked)), ['migrate-down-predicted denied'])
})

void t.test('a new target is judged by its own rows', async t => {
  const tables = { ...world.tables, moved: { ...readTable, revisions: rowsOf(all) } }
  const before = migration('app', { ...spec('fewer', 'app2') })
  const after = migration('app', spec('fewer', 'moved'))
  const asked = request({ object: after, oldObject: before })
  t.match(await review({ ...world, tables }, asked), { allowed: false })
})

void t.test('a ConfigMap is judged against everyone who refers to it', async t => {
  const write = (object: unknown, oldObject: unknown) =>
    review(world, request({ kind: 'ConfigMap', object, oldObject }))
  const pruned = await write(configMap('all', fewer), configMap('all', all))
  t.match(pruned, { allowed: false, status: { message: /AtlasMigration shop\/app/ } })
  t.match(await write(configMap('all', all), configMap('all', all)), { verdict: 'pass' })
  t.match(await write(configMap('unused', fewer), null), { verdict: 'skip', allowed: true })
  t.match(await write({ ...configMap('all', fewer), data: 1 }, null), { verdict: 'error' })
  const binary = { ...configMap('all', all), binaryData: { 'x.sql': '' } }
  t.match(await write(binary, configMap('all', all)), { warnings: [/file-ignored/] })
  t.match(await write(configMap('all', all), { metadata: 'broken' }), { verdict: 'pass' })
  const dying = { ...configMap('all', fewer), metadata: { name: 'all', deletionTimestamp: 'now' } }
  t.match(await write(dying, configMap('all', all)), { allowed: false })
  t.match(await write(dying, { ...dying, metadata: { name: 'all' } }), { verdict: 'skip' })
  t.match(await write({ metadata: { name: 'all' } }, configMap('all', all)), { allowed: false })
})

void t.test('the deletion of a ConfigMap only warns', async t => {
  const asked = request({ kind: 'ConfigMap', oldObject: configMap('all', all) })
  const answer = await review(world, asked)
  t.match(answer, { allowed: true, verdict: 'warn', warnings: [/configmap-not-found/] })
  t.notOk('status' in answer)
  const strict = { rules: { 'configmap-not-found': 'deny' as const } }
  t.match(await review({ ...world, settings: strict }, asked), { allowed: true, verdict: 'warn' })
})

void t.test('a Secret that moves the database is judged by the new one', async t => {
  const url = (database: string) => secret('db', { url: urlOf(database) })
  const tables = {
    ...world.tables,
    moved: { ...readTable, revisions: rowsOf(filesOf('1', '2', '3', '4')) },
  }
  const using = migration('app', {
    dir: { configMapRef: { name: 'all' } },
    urlFrom: { secretKeyRef: { name: 'db', key: 'url' } },
  })
  const moving = { ...world, tables, migrations: [using], secrets: { db: url('app') } }
  const write = (object: unknown, oldObject: unknown) =>
    review(moving, request({ kind: 'Secret', object, oldObject }))
  t.match(await write(url('moved'), url('app')), { allowed: false })
  const dying = (database: string) => ({
    ...url(database),
    metadata: { name: 'db', deletionTimestamp: 'now' },
  })
  t.match(await write(dying('moved'), url('app')), { allowed: false })
  t.match(await write(dying('app'), url('app')), { verdict: 'skip' })
  t.match(await write(url('app'), url('app')), { verdict: 'skip' })
  t.match(await write(null, url('app')), { allowed: true, warnings: [/secret-not-found/] })
  t.match(await write({ metadata: 5 }, url('app')), { verdict: 'error' })
})

void t.test('what is none of our business is skipped', async t => {
  const object = migration('app', spec('fewer'))
  const dying = { ...object, metadata: { ...object.metadata, deletionTimestamp: 'now' } }
  const create = request({ object })
  const cases: [name: string, asked: AdmissionRequest][] = [
    ['a deletion', request({ oldObject: object })],
    ['an object that is being deleted', request({ object: dying })],
    ['a status', { ...create, subResource: 'status' }],
    ['a connection', { ...create, operation: 'CONNECT' }],
    ['another kind', { ...create, kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }],
    ['another core kind', { ...create, kind: { group: '', version: 'v1', kind: 'Pod' } }],
    [
      'a schema',
      { ...create, kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasSchema' } },
    ],
  ]
  for (const [name, asked] of cases) t.match(await review(world, asked), { verdict: 'skip' }, name)
})

void t.test('an object that cannot be read is not decided on', async t => {
  const asked = request({ object: { metadata: { generateName: 'x-' }, spec: { url: 5 } } })
  const answer = await review(world, asked)
  t.match(answer, { verdict: 'error', allowed: true, warnings: [/cannot decide on .*spec\.url: /] })
  const { namespace: _, ...nowhere } = asked
  t.match(await review(world, nowhere), { verdict: 'error' })
  const strict: World = { ...world, settings: { onError: 'deny' } }
  t.match(await review(strict, asked), { allowed: false, status: { code: 503 } })
  const old = { ...request({ object: migration('app', spec('all')) }), oldObject: { spec: 5 } }
  t.match(await review(world, old), { verdict: 'pass' })
})

void t.test('without a database the answer follows onError, and says so once', async t => {
  const asked = request({ object: migration('app', spec('all', 'down')) })
  const open = await review(world, asked)
  t.match(open, { verdict: 'error', allowed: true })
  t.match(open.warnings, [/database-error.*cannot be reached/])
  const strict: World = { ...world, settings: { onError: 'deny' } }
  t.match(await review(strict, asked), {
    allowed: false,
    status: {
      code: 503,
      reason: 'ServiceUnavailable',
      message: /cannot decide on AtlasMigration shop\/app: the database cannot be reached/,
      details: { retryAfterSeconds: 2 },
    },
  })
  const unchanged = { ...asked, operation: 'UPDATE' as const, oldObject: asked.object }
  t.match(await review(strict, unchanged), { allowed: true, verdict: 'error' })
  const warning: World = { ...world, settings: { onError: 'deny', mode: 'warn' } }
  t.match(await review(warning, asked), { allowed: true })
  const silent: World = { ...world, settings: { rules: { 'database-error': 'off' } } }
  t.match((await review(silent, asked)).warnings, [/^cannot decide on AtlasMigration shop\/app/])
})

void t.test('what the spec alone proves is denied even then', async t => {
  const object = migration('app', { url: urlOf('down'), dir: {} })
  t.match(await review(world, request({ object })), {
    allowed: false,
    verdict: 'fail',
    status: { message: /directory-missing/ },
  })
})

void t.test('objects that may not be read leave the verdict open', async t => {
  const denied = new ClusterError('no right to get it')
  const forbidding: World = {
    ...world,
    configMaps: { all: denied },
    secrets: { db: denied, 'io.atlasgo.db.v1.app.latest': denied },
  }
  const byConfigMap = await review(forbidding, request({ object: migration('app', spec('all')) }))
  t.match(byConfigMap.warnings, [/ConfigMap all cannot be read: no right to get it/])
  const urlFrom = { secretKeyRef: { name: 'db', key: 'url' } }
  const devURLFrom = urlFrom
  const bySecret = await review(
    forbidding,
    request({ object: migration('app', { urlFrom, devURLFrom, dir: { local: all } }) }),
  )
  const unread = /Secret db \(spec\.urlFrom\.secretKeyRef\) cannot be read: no right to get it/
  t.match(bySecret, { verdict: 'error', warnings: [unread] })
  t.equal(bySecret.warnings.length, 1)
  const down = { ...world, secrets: { 'io.atlasgo.db.v1.app.latest': denied } }
  const byDirState = await review(down, request({ object: migration('app', spec('fewer')) }))
  t.match(byDirState.warnings, [/dir-state Secret cannot be read/])
})

void t.test('what is not checked is said in the audit annotations', async t => {
  const annotated = async (parts: object) =>
    (await review(world, request({ object: migration('app', parts) }))).auditAnnotations
  t.match(await annotated({ ...spec('all'), url: 'mysql://h/d' }), {
    'not-checked': 'the mysql database',
  })
  t.match(await annotated({ url: urlOf('app'), dir: { remote: { name: 'r', tag: '1' } } }), {
    'not-checked': 'the remote directory',
  })
  t.match(
    await annotated({ ...spec('all'), envName: 'e', config: 'env "e" { url = "postgres://h/d" }' }),
    { 'not-checked': 'the custom atlas.hcl' },
  )
  t.match(
    await annotated({ ...spec('all'), envName: 'e', config: 'env "e" { for_each = toset([]) }' }),
    { 'not-checked': 'the custom atlas.hcl' },
  )
})

void t.test('a custom config that decides on the plan leaves it open', async t => {
  const config = 'env "e" { migration { exec_order = NON_LINEAR } }'
  const object = migration('app', { ...spec('fewer'), envName: 'e', config })
  t.match(await review(world, request({ object })), {
    allowed: true,
    warnings: [/spec.config sets exec_order, .*: what the operator will do is not predicted/],
    auditAnnotations: { 'not-checked': 'the custom atlas.hcl' },
  })
})

void t.test('a custom config that was there before, or cannot be followed', async t => {
  const configured = (config: string) => migration('app', { ...spec('all'), envName: 'e', config })
  const oldObject = configured('env "e" { url = getenv("A") }')
  const object = { ...oldObject, spec: { ...oldObject.spec, backoffLimit: 3 } }
  t.match(await review(world, request({ object, oldObject })), { allowed: true, warnings: [] })
  const cut = configured('env "e" { url = ')
  t.match((await review(world, request({ object: cut, oldObject }))).warnings, [
    /^the atlas.hcl of spec.config has parts that cannot be followed/,
  ])
  const harmless = configured('env "e" {}')
  t.match(await review(world, request({ object: harmless })), { allowed: true, warnings: [] })
})

void t.test('an ambiguous table is not planned on', async t => {
  const tables = { app: { ...readTable, revisions: null, ambiguous: true } }
  const object = migration('app', { ...spec('all'), url: `${urlOf('app')}?search_path=public` })
  const answer = await review({ ...world, tables }, request({ object }))
  t.match(found(answer).join(), 'revision-table-elsewhere')
})

void t.test('a dry run only warns of what another object may change', async t => {
  const object = migration('app', spec('fewer'))
  const answer = await review(world, request({ object, dryRun: true }))
  t.match(answer, { allowed: true, auditAnnotations: { 'dry-run': 'true' } })
  const strict: World = { ...world, settings: { dryRun: 'enforce' } }
  t.match(await review(strict, request({ object, dryRun: true })), { allowed: false })
})

void t.test('exemptions and overrides are said and counted', async t => {
  const exempt: Partial<Settings> = {
    exemptions: [{ rule: 'migrate-down-predicted', namespace, name: 'app', reason: 'known' }],
  }
  const object = migration('app', spec('fewer'))
  const exempted = await review({ ...world, settings: exempt }, request({ object }))
  t.match(exempted, { allowed: true, warnings: [/exempted by policy: known/] })
  t.same(found(exempted), ['migrate-down-predicted exempted'])
  const annotations = { 'atlas-admission.io/allow': 'migrate-down-predicted: on purpose' }
  const annotated = { ...object, metadata: { ...object.metadata, annotations } }
  const overridable: Partial<Settings> = { overridable: ['*'] }
  const overridden = await review(
    { ...world, settings: overridable },
    request({ object: annotated }),
  )
  t.same(found(overridden), ['migrate-down-predicted overridden'])
  const ignored = await review(world, request({ object: annotated }))
  t.match(ignored, { allowed: false, warnings: [/annotation/] })
  const healthy = {
    ...annotated,
    metadata: { ...annotated.metadata, annotations: { 'atlas-admission.io/allow': 'x' } },
    spec: spec('all'),
  }
  t.match(await review(world, request({ object: healthy })), {
    verdict: 'warn',
    warnings: [/annotation/],
  })
  const audit = await review({ ...world, settings: { mode: 'audit' } }, request({ object }))
  t.same([found(audit), audit.warnings], [['migrate-down-predicted audited'], []])
})

void t.test('another user of the table is found by the identity of the database', async t => {
  const seed = migration('seed', { url: urlOf('app', 'db.svc'), dir: { local: filesOf('5') } })
  const create = (migrations: readonly unknown[], object: unknown = seed) =>
    review(
      { ...world, migrations: migrations as typeof world.migrations & object },
      request({ object }),
    )
  const app = migration('app', spec('all'))
  t.match(await create([app]), { allowed: false, status: { message: /revision-table-shared/ } })
  const others = [
    { ...app, metadata: { ...app.metadata, deletionTimestamp: 'now' } },
    migration('other-database', spec('all', 'other')),
    migration('other-schema', { ...spec('all'), revisionsSchema: 'own' }),
    migration('other-dialect', { ...spec('all'), url: 'mysql://db/app' }),
    migration('no-target', {}),
    migration('unread', { ...spec('all'), url: urlOf('down', 'x') }),
  ]
  const alone = await create(others)
  t.notMatch(found(alone).join(), 'revision-table-shared')
  const sameHost = { ...seed, spec: { ...seed.spec, url: urlOf('app') } }
  t.match(await create([app], sameHost), { status: { message: /revision-table-shared/ } })
  const inSchema = (object: typeof app, revisionsSchema: string) => ({
    ...object,
    spec: { ...object.spec, revisionsSchema },
  })
  const long = 's'.repeat(63)
  const cut = await create([inSchema(app, `${long}1`)], inSchema(seed, `${long}2`))
  t.match(found(cut).join(), 'revision-table-shared', 'PostgreSQL cuts both to one name')
  const remote = migration('app', { url: urlOf('app'), dir: { remote: { name: 'r' } } })
  t.match(found(await create([remote])).join(), 'revision-table-shared warned')
  const bare = { metadata: {}, spec: app.spec }
  t.match(found(await create([bare])).join(), 'revision-table-shared')
})

void t.test('what two databases say of themselves refutes, and proves nothing', t => {
  const known = { system: '1', database: '5', identifier: null }
  t.ok(claimsToBeSame(known, known))
  t.notOk(claimsToBeSame(known, { ...known, database: '6' }))
  t.notOk(claimsToBeSame(known, { ...known, system: '2' }))
  const identified = { system: '', database: '5', identifier: 'uuid' }
  t.ok(claimsToBeSame(identified, { ...known, identifier: 'uuid' }))
  t.notOk(claimsToBeSame(identified, known))
  t.notOk(claimsToBeSame({ ...known, system: '' }, { ...known, system: '' }))
  t.notOk(contradicts(known, known))
  t.ok(contradicts(known, { ...known, system: '2' }))
  t.ok(contradicts({ ...known, system: '' }, { ...known, database: '6' }))
  t.notOk(contradicts({ ...known, system: '' }, { ...known, database: '' }))
  t.end()
})

void t.test('the deadline ends a review with what is known by then', async t => {
  const never = new Promise<TableFacts>(() => {})
  const stuck: World = { ...world, tables: { app: never } }
  const object = migration('app', spec('all'))
  const controller = new AbortController()
  const pending = review(stuck, request({ object }), { at: 0, signal: controller.signal })
  setImmediate(() => controller.abort())
  t.match(await pending, { verdict: 'error', warnings: [/time limit has passed/] })
  const late = { at: 0, signal: AbortSignal.abort() }
  t.match(await review(stuck, request({ object }), late), { verdict: 'error' })
})

void t.test('a review that fails as a whole is not decided on', async t => {
  const object = migration('app', spec('all'))
  const deny = buildFailureAnswer({ settings: { ...defaultSettings, onError: 'deny' } })
  t.match(deny(request({ object }), new Error('secret')), { allowed: false, status: { code: 503 } })
  t.match(deny(request({ oldObject: object }), new Error('secret')), { allowed: true })
  const { namespace: _, ...clusterWide } = request({ object })
  const allow = buildFailureAnswer({ settings: defaultSettings })
  t.match(allow(clusterWide, new Error('secret')), { allowed: true, verdict: 'error' })
  t.notMatch(JSON.stringify(allow(clusterWide, new Error('secret'))), 'secret')
})

void t.test('names and namespaces come from the request where an object has none', async t => {
  const bare = { metadata: {}, spec: spec('fewer') }
  const named = await review(world, { ...request({ object: bare }), name: 'app' })
  t.match(named, { status: { message: /AtlasMigration shop\/app/ } })
  const { namespace: _, ...unplaced } = request({ object: migration('app', spec('fewer')) })
  t.match(await review(world, unplaced), { status: { message: /AtlasMigration shop\/app/ } })
  const generated = { metadata: { generateName: 'app-' }, spec: spec('fewer') }
  t.match(await review(world, request({ object: generated })), {
    status: { message: /shop\/app-/ },
  })
  const anonymous = request({ object: { metadata: {}, spec: spec('fewer') } })
  t.match(await review(world, anonymous), { allowed: false })
})

void t.test('a Secret that meanwhile names another database shares nothing', async t => {
  const secrets: Record<string, ReturnType<typeof secret>> = {
    db: secret('db', { url: urlOf('app') }),
  }
  const urlFrom = { secretKeyRef: { name: 'db', key: 'url' } }
  const other = migration('other', { urlFrom, dir: { local: filesOf('9') } })
  const cluster = fakeCluster({ ...world, secrets, migrations: [other] })
  const reader = fakeReader(world.tables!)
  const targets = new TargetIndex()
  const now = () => new Date()
  const reviewer = buildReviewer({
    cluster,
    reader,
    targets,
    rules,
    settings: defaultSettings,
    now,
  })
  const ask = async () =>
    found(
      await reviewer.review(
        request({ object: migration('app', spec('all')) }),
        unhurriedDeadline(),
      ),
    )
  t.same(await ask(), ['revision-table-shared denied'])
  secrets['db'] = secret('db', { url: urlOf('elsewhere') })
  t.same(await ask(), [])
  delete secrets['db']
  t.same(await ask(), [])
})

void t.test(
  'other AtlasMigrations that could not be read yet are said to be unchecked',
  async t => {
    const urlFrom = { secretKeyRef: { name: 'denied', key: 'url' } }
    const secrets = { denied: new ClusterError('no right to get it') }
    const migrations = [migration('other', { urlFrom })]
    const object = migration('app', spec('all'))
    const answer = await review({ ...world, secrets, migrations }, request({ object }))
    t.match(answer.auditAnnotations['not-checked'], /1 AtlasMigrations not read yet/)
  },
)
