import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import type { AdmissionAnswer, AdmissionRequest } from '../../../src/review/ports/admission.js'
import { auditAll } from '../../../src/review/audit/audit-all.js'
import { auditMigration, auditedServer } from '../../../src/review/audit/audit-migration.js'
import { explainMigration } from '../../../src/review/explain-migration.js'
import type { Fault } from '../../../src/review/ports/fault.js'
import type { Deadline } from '../../../src/review/ports/ports.js'
import { remarking } from '../../../src/review/rewrite/remark.js'
import { evaluate } from '../../../src/review/verdict/evaluation.js'
import { ReachedFindings } from '../../../src/review/verdict/reached-findings.js'
import {
  buildFailureAnswer,
  buildReviewer,
  type ReviewerDependencies,
} from '../../../src/review/reviewer.js'
import { buildRewriter } from '../../../src/review/rewriter.js'
import { ServerTurns } from '../../../src/review/limits/server-turns.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import { reportFaults } from '../../../src/webhook/answers/fault-report.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  readTable,
  request,
  rowsOf,
  secret,
  unhurriedDeadline,
  urlOf,
} from '../fakes.js'

/** As a mistake of ours would. */
const mistake = new TypeError('x is not a function')

const all = filesOf('1', '2', '3')
const fewer = filesOf('1', '2')
const spec = (name: string, database = 'app') => ({
  url: urlOf(database),
  dir: { configMapRef: { name } },
})
const tables = { app: { ...readTable, revisions: rowsOf(all), notClean: 'found schema "public"' } }
const configMaps = { all: configMap('all', all), fewer: configMap('fewer', fewer) }

interface World extends ClusterObjects, Partial<Omit<ReviewerDependencies, 'cluster'>> {
  readonly tables?: Readonly<Record<string, TableFacts | Promise<TableFacts>>>
}

function dependenciesOf(world: World): ReviewerDependencies & { readonly faults: Fault[] } {
  const faults: Fault[] = []
  return {
    cluster: fakeCluster({ configMaps, ...world }),
    reader: fakeReader(world.tables ?? tables),
    targets: new TargetIndex(),
    rules,
    settings: { ...defaultSettings, onError: 'deny' },
    now: () => new Date('2026-11-24T00:00:00Z'),
    onFault: fault => void faults.push(fault),
    ...world,
    faults,
  }
}

async function review(world: World, asked: AdmissionRequest, deadline?: Deadline) {
  const dependencies = dependenciesOf(world)
  const answer = await buildReviewer(dependencies).review(asked, deadline ?? unhurriedDeadline())
  return { answer, faults: dependencies.faults }
}

const denied = ({ findings }: AdmissionAnswer) =>
  findings.filter(({ result }) => result === 'denied').map(({ rule }) => rule)

void t.test('a fault in another object does not decide over this one', async t => {
  const urlFrom = { secretKeyRef: { name: 'db', key: 'url' } }
  const other = migration('other', { urlFrom, dir: { local: filesOf('9') } })
  const secrets: Record<string, ReturnType<typeof secret> | Error> = {
    db: secret('db', { url: urlOf('app') }),
  }
  const world = { secrets, migrations: [other], targets: new TargetIndex() }
  const bad = request({ object: migration('app', spec('fewer')) })
  const good = request({ object: migration('app', spec('all')) })
  t.match(denied((await review(world, good)).answer), ['revision-table-shared'])
  secrets['db'] = mistake
  const { answer, faults } = await review(world, bad)
  t.same(denied(answer), ['migrate-down-predicted'], 'its own findings decide')
  t.match(answer.auditAnnotations['not-checked'], 'could not be compared with shop/other')
  t.match(faults, [{ part: 'sharing', where: /shop\/other/, error: mistake }])
  t.match((await review(world, good)).answer, { allowed: true }, 'also with onError: deny')
})

void t.test('without the index of the others the object itself is still judged', async t => {
  const targets = new TargetIndex()
  targets.candidates = () => Promise.reject(mistake)
  const asked = request({ object: migration('app', spec('fewer')) })
  const { answer, faults } = await review({ targets }, asked)
  t.same(denied(answer), ['migrate-down-predicted'])
  t.match(answer.auditAnnotations['not-checked'], 'other users of the table')
  t.match(faults, [{ part: 'sharing' }])
})

const broken: Rule = {
  id: 'broken',
  title: '',
  why: '',
  severity: 'deny',
  evidence: 'spec',
  order: 0,
  since: '0.1.0',
  evaluate() {
    throw mistake
  },
}

void t.test('a rule that throws leaves the others as they are', async t => {
  const world = { rules: [broken, ...rules] }
  const bad = await review(world, request({ object: migration('app', spec('fewer')) }))
  t.same(denied(bad.answer), ['migrate-down-predicted'])
  t.match(bad.faults, [{ part: 'rule', where: 'shop/app: broken' }])
  const good = await review(world, request({ object: migration('app', spec('all')) }))
  t.match(good.answer, { status: { code: 503, message: /rule broken: atlas-admission failed/ } })
})

void t.test(
  'a rule that throws over the old object alone denies no write without a change',
  async t => {
    const finding = {
      found: 'it is bad',
      expected: 'good',
      remedy: 'mend it',
      subjects: ['shop/app'],
    }
    // On the old side there is nothing before it.
    const half: Rule = {
      ...broken,
      evaluate(facts) {
        if (facts.before === null) throw mistake
        return { ...finding, field: 'spec.dir' }
      },
    }
    const world = { rules: [half] }
    const write = (before: string, after: string, annotations = {}) => {
      const object = migration('app', spec(after))
      const annotated = { ...object, metadata: { ...object.metadata, annotations } }
      return request({ object: annotated, oldObject: migration('app', spec(before)) })
    }
    const changed = await review(world, write('fewer', 'all'))
    t.same(denied(changed.answer), ['broken'], 'what is plainly bad is no better for it')
    const annotations = { 'atlas-admission.io/allow': '' }
    for (const asked of [write('all', 'all'), write('all', 'all', annotations)]) {
      const { answer, faults } = await review(world, asked)
      t.match(answer, { allowed: true, findings: [{ rule: 'broken', result: 'warned' }] })
      t.match(faults, [{ part: 'rule', where: 'shop/app: broken' }])
    }
    const sameFiles = request({
      kind: 'ConfigMap',
      object: {
        ...configMap('all', all),
        metadata: { namespace: 'shop', name: 'all', labels: {} },
      },
      oldObject: configMap('all', all),
    })
    const fed = { ...world, migrations: [migration('app', spec('all'))] }
    t.match((await review(fed, sameFiles)).answer, {
      allowed: true,
      findings: [{ rule: 'broken' }],
    })
    const unreadable = write('all', 'all')
    const old = { ...migration('app', spec('all')), metadata: { name: 7 } }
    t.match((await review(world, { ...unreadable, oldObject: old })).answer, { allowed: true })
  },
)

void t.test('one of many that a ConfigMap feeds may fail, the others are judged', async t => {
  const poisoned = migration('poisoned', spec('all', 'poison'))
  const migrations = [poisoned, migration('app', spec('all'))]
  const reader = fakeReader(tables)
  const poison = { ...reader, readTable: reader.readTable.bind(reader) }
  poison.readTable = (query, deadline) =>
    query.url.reveal().includes('poison')
      ? Promise.reject(mistake)
      : reader.readTable(query, deadline)
  const asked = request({
    kind: 'ConfigMap',
    object: configMap('all', fewer),
    oldObject: configMap('all', all),
  })
  const { answer, faults } = await review({ migrations, reader: poison }, asked)
  t.match(answer, { status: { code: 403, message: /shop\/app/ } })
  t.match(faults, [{ part: 'reading', where: 'shop/poisoned: the revisions table' }])
  // Nothing of the object can be read.
  const unreadable = { ...poisoned, spec: null as unknown as typeof poisoned.spec }
  const cluster = { ...fakeCluster({ configMaps, migrations: [unreadable, migrations[1]!] }) }
  cluster.migrationsOfConfigMap = () => [unreadable, migrations[1]!]
  const worse = await review({}, asked)
  t.match(worse.answer, { verdict: 'skip' }, 'nobody uses it')
  const dependencies = { ...dependenciesOf({}), cluster }
  const still = await buildReviewer(dependencies).review(asked, unhurriedDeadline())
  t.match(still, { status: { code: 403, message: /shop\/app/ } })
  t.match(dependencies.faults[0], { where: /undefined|shop\/poisoned/ })
})

/** Fires once everything has been read that can be. */
function deadlineSoon(): Deadline {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 100)
  return { at: Date.now() + 100, signal: controller.signal }
}

void t.test('at the deadline everything that was found until then counts', async t => {
  const never = new Promise<never>(() => {})
  const hanging = { tables: { app: never } }
  const edited = { ...all, '1_x.sql': 'SELECT 42;\n' }
  const object = migration('app', { url: urlOf('app'), dir: { local: edited } })
  const { answer } = await review(hanging, request({ object }), deadlineSoon())
  t.same(denied(answer), ['checksum-mismatch'], 'what the files alone prove')
  t.match(answer.warnings.join(), /time limit has passed/)
  const slowOthers = new TargetIndex()
  slowOthers.candidates = () => never
  const asked = request({ object: migration('app', spec('fewer')) })
  const late = await review({ targets: slowOthers }, asked, deadlineSoon())
  t.same(denied(late.answer), ['migrate-down-predicted'], 'what the own table proves')
  t.match(late.answer.auditAnnotations['not-checked'], 'other users of the table')
  const cluster = fakeCluster({ configMaps })
  cluster.readConfigMap = cluster.readSecret = () => never
  const from = { secretKeyRef: { name: 's', key: 'k' } }
  const nothing = {
    urlFrom: from,
    devURLFrom: from,
    configFrom: from,
    vars: [{ key: 'v', valueFrom: from }],
    dir: { configMapRef: { name: 'all' } },
  }
  const dependencies = { ...dependenciesOf({}), cluster }
  const open = await buildReviewer(dependencies).review(
    request({ object: migration('app', nothing) }),
    deadlineSoon(),
  )
  t.match(open, { verdict: 'error', status: { code: 503, message: /time limit has passed/ } })
  const explained = await explainMigration(
    { migration: migration('app', nothing), said: null },
    dependencies,
    deadlineSoon(),
  )
  t.ok(explained.undecided)
})

void t.test('a review that throws at last is answered from what it had found', async t => {
  const reached = new ReachedFindings()
  const asked = request({ object: migration('app', spec('fewer')) })
  const dependencies = dependenciesOf({ reached })
  await buildReviewer(dependencies).review(asked, unhurriedDeadline())
  const answer = buildFailureAnswer(dependencies)(asked, mistake)
  t.match(answer, { allowed: false, status: { code: 403, reason: 'Forbidden' } })
  const other = request({ object: migration('app', spec('all')) })
  t.match(buildFailureAnswer(dependencies)(other, mistake), { status: { code: 503 } })
  const many = request({
    kind: 'ConfigMap',
    object: configMap('all', fewer),
    oldObject: configMap('all', all),
  })
  const migrations = [migration('app', spec('all')), migration('two', spec('all'))]
  await buildReviewer({ ...dependencies, ...dependenciesOf({ migrations, reached }) }).review(
    many,
    unhurriedDeadline(),
  )
  t.equal(reached.of(many).length, 2)
})

void t.test('a remark that cannot be made, or is late, leaves the verdict', async t => {
  const settings = { ...defaultSettings, consolidation: { rewrite: 'annotated' as const } }
  const asked = request({ object: migration('app', spec('fewer')) })
  const world = { settings, evaluate: remarking(evaluate) }
  const { answer, faults } = await review({ ...world, consolidated: mistake }, asked)
  t.same(denied(answer), ['migrate-down-predicted'])
  t.match(faults, [{ part: 'rewrite', where: 'shop/app' }])
  const dependencies = dependenciesOf(world)
  dependencies.cluster.consolidatedConfigMaps = () => new Promise(() => {})
  const late = await buildReviewer(dependencies).review(asked, deadlineSoon())
  t.same(denied(late), ['migrate-down-predicted'])
  const rewriter = buildRewriter(dependencies)
  t.match(await rewriter.review(asked, deadlineSoon()), { allowed: true })
})

void t.test('a fault in one object does not end the audit of the others', async t => {
  const unreadable = { ...migration('bad', {}), spec: null as unknown as object }
  const migrations = [unreadable, migration('app', spec('fewer'))]
  const targets = new TargetIndex()
  targets.candidates = () => Promise.reject(mistake)
  const dependencies = dependenciesOf({ migrations, targets })
  const audited = await auditAll(dependencies, {
    turns: new ServerTurns({ total: 2, perServer: 2 }),
    limitMs: 10_000,
    signal: new AbortController().signal,
    onAudited: () => {},
  })
  t.match(audited, [
    { result: { verdict: 'error' } },
    { result: { verdict: 'fail', judged: [{ rule: { id: 'migrate-down-predicted' } }] } },
  ])
  t.equal(await auditedServer(unreadable, dependencies, unhurriedDeadline()), null)
  const silent = { ...dependencies, onFault: undefined }
  t.match(await auditMigration(unreadable, silent as never, unhurriedDeadline()), {
    verdict: 'error',
  })
})

void t.test('each fault is counted, and each place is logged once', async t => {
  const counted: string[] = []
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: line => void lines.push(line) })
  const onFault = reportFaults(log, { countFault: part => void counted.push(part) })
  onFault({ part: 'rule', where: 'shop/a: x', error: mistake })
  onFault({ part: 'rule', where: 'shop/a: x', error: mistake })
  onFault({ part: 'sharing', where: 'shop/b: y', error: mistake })
  t.same(counted, ['rule', 'rule', 'sharing'])
  t.match(lines, [/shop\/a: x/, /shop\/b: y/])
})
