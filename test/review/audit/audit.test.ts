import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import type { Settings } from '../../../src/policy/settings/settings.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { auditAll } from '../../../src/review/audit/audit-all.js'
import {
  auditedServer,
  auditMigration,
  resultOf,
} from '../../../src/review/audit/audit-migration.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  readTable,
  rowsOf,
  secret,
  unhurriedDeadline,
  urlOf,
} from '../fakes.js'
import { ServerTurns } from '../../../src/review/limits/server-turns.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'

const files = filesOf('1', '2', '3')
const applied: TableFacts = { ...readTable, revisions: rowsOf(files) }
const more: TableFacts = { ...readTable, revisions: rowsOf(filesOf('1', '2', '3', '4')) }

const dependencies = (objects: ClusterObjects, settings: Partial<Settings> = {}) => ({
  cluster: fakeCluster(objects),
  reader: fakeReader({
    same: applied,
    ahead: more,
    both: { ...applied, revisions: [...rowsOf(files), ...rowsOf(filesOf('4'))] },
    down: { kind: 'failed', failure: 'unreachable', message: 'the database cannot be reached' },
    never: new Promise<TableFacts>(() => {}),
  }),
  rules,
  targets: new TargetIndex(),
  settings: { ...defaultSettings, ...settings },
  now: () => new Date('2026-06-01T12:00:00Z'),
})

const inline = (database: string, data = files) =>
  migration('m', { url: urlOf(database), dir: { local: data } })

void t.test('a verdict on what stands', async t => {
  type Case = [
    name: string,
    spec: ReturnType<typeof migration>,
    settings: Partial<Settings>,
    verdict: string,
    findings: readonly string[],
  ]
  const { 'atlas.sum': _, ...withoutSum } = files
  const exemptions = [{ rule: '*', namespace: '*', name: '*', reason: 'known' }]
  const dying = inline('ahead')
  const cases: Case[] = [
    ['nothing is wrong', inline('same'), {}, 'pass', []],
    [
      'what would be denied has failed',
      inline('ahead'),
      {},
      'fail',
      ['migrate-down-predicted=fail'],
    ],
    [
      'an old problem weighs as much as a new one',
      inline('same', withoutSum),
      {},
      'fail',
      ['checksum-missing=fail'],
    ],
    [
      'a mode says nothing about what is wrong',
      inline('ahead'),
      { mode: 'audit' },
      'fail',
      ['migrate-down-predicted=fail'],
    ],
    [
      'nor does the mode of a namespace',
      inline('ahead'),
      { namespaces: [{ match: ['shop'], mode: 'warn' }] },
      'fail',
      ['migrate-down-predicted=fail'],
    ],
    [
      'an exemption warns',
      inline('ahead'),
      { exemptions },
      'warn',
      ['migrate-down-predicted=warn'],
    ],
    [
      'a rule may be for reports only',
      inline('ahead'),
      { rules: { 'migrate-down-predicted': 'audit' } },
      'warn',
      ['migrate-down-predicted=warn'],
    ],
    [
      'a rule that is off is off',
      inline('ahead'),
      { rules: { 'migrate-down-predicted': 'off' } },
      'pass',
      [],
    ],
    ['what cannot be judged is no pass', inline('down'), {}, 'error', ['database-error=warn']],
    [
      'what is on its way out is not judged',
      { ...dying, metadata: { ...dying.metadata, deletionTimestamp: '2026-06-01T11:00:00Z' } },
      {},
      'skip',
      [],
    ],
  ]
  for (const [name, object, settings, verdict, findings] of cases) {
    const result = await auditMigration(object, dependencies({}, settings), unhurriedDeadline())
    t.equal(result.verdict, verdict, name)
    t.strictSame(
      result.judged.map(found => `${found.rule.id}=${resultOf(found)}`),
      findings,
      name,
    )
    t.strictSame(result.object, { namespace: 'shop', name: 'm', uid: '' }, name)
  }
})

void t.test('the mode of the namespace is told beside the verdict', async t => {
  const settings = { namespaces: [{ match: ['shop'], mode: 'audit' as const }] }
  t.match(await auditMigration(inline('same'), dependencies({}, settings), unhurriedDeadline()), {
    mode: 'audit',
  })
})

void t.test('an audit ends at its deadline', async t => {
  const controller = new AbortController()
  const deadline = { at: 0, signal: controller.signal }
  const audit = auditMigration(inline('never'), dependencies({}), deadline)
  controller.abort()
  t.match(await audit, {
    verdict: 'error',
    undecided: ['the time limit has passed'],
    judged: [],
  })
  t.match(await auditMigration(inline('never'), dependencies({}), deadline), { verdict: 'error' })
})

void t.test('the server that will be asked', async t => {
  const fromSecret = migration('m', { urlFrom: { secretKeyRef: { name: 'url', key: 'url' } } })
  const objects = { secrets: { url: secret('url', { url: urlOf('same', 'other') }) } }
  const unreadable = { secrets: { url: new ClusterError('no right') } }
  const server = (object: typeof fromSecret, objects: ClusterObjects) =>
    auditedServer(object, dependencies(objects), unhurriedDeadline())
  t.equal(await server(inline('same'), {}), 'db:5432')
  t.equal(await server(fromSecret, objects), 'other:5432')
  t.equal(await server(fromSecret, unreadable), null)
  t.equal(await server(migration('m', {}), {}), null)
})

void t.test('a ConfigMap that was pruned shows without a write', async t => {
  const object = migration('m', { url: urlOf('same'), dir: { configMapRef: { name: 'dir' } } })
  const objects = { configMaps: { dir: configMap('dir', filesOf('1', '2')) }, migrations: [object] }
  const result = await auditMigration(object, dependencies(objects), unhurriedDeadline())
  t.equal(result.verdict, 'fail')
  t.ok(result.judged.some(found => found.rule.id === 'migrate-down-predicted'))
})

type Shared = [name: string, other: ReturnType<typeof migration>, proposal: string | null]

const elsewhere = (dir: ReturnType<typeof migration>['spec']['dir']) =>
  migration('other', { url: urlOf('both'), ...(dir && { dir }) })

const sharing: readonly Shared[] = [
  [
    'directories that can become one',
    elsewhere({ local: filesOf('4') }),
    'can be consolidated as it stands: atlas-admission consolidate configmap:shop/dir migration:shop/other',
  ],
  [
    'a ConfigMap is named as such',
    elsewhere({ configMapRef: { name: 'fourth' } }),
    'can be consolidated as it stands: atlas-admission consolidate configmap:shop/dir configmap:shop/fourth',
  ],
  ['one directory that holds the other', elsewhere({ local: filesOf('1') }), null],
]

for (const [name, other, proposal] of sharing)
  void t.test(`${name}: what can be done about the table is said with the finding`, async t => {
    const object = migration('m', { url: urlOf('both'), dir: { configMapRef: { name: 'dir' } } })
    const objects = {
      migrations: [object, other],
      configMaps: { dir: configMap('dir', files), fourth: configMap('fourth', filesOf('4')) },
    }
    const result = await auditMigration(object, dependencies(objects), unhurriedDeadline())
    t.equal(result.proposal, proposal)
    const found = result.judged.find(({ rule }) => rule.id === 'revision-table-shared')
    t.ok(found)
    t.equal(found?.finding.remedy.endsWith(String(proposal)), proposal !== null)
  })

void t.test('a directory that other databases use too is not judged by one of them', async t => {
  const object = migration('m', { url: urlOf('both'), dir: { configMapRef: { name: 'dir' } } })
  const again = migration('n', { url: urlOf('same', 'x'), dir: { configMapRef: { name: 'dir' } } })
  const objects = {
    migrations: [object, elsewhere({ local: filesOf('4') }), again],
    configMaps: { dir: configMap('dir', files) },
  }
  const { proposal } = await auditMigration(object, dependencies(objects), unhurriedDeadline())
  t.equal(
    proposal,
    'can be consolidated as far as this database goes, but shop/n must be looked at too: atlas-admission consolidate --check',
  )
})

void t.test('every reason against a consolidation is counted, the first is said', async t => {
  const late = migration('late', { url: urlOf('same'), dir: { local: filesOf('0', '2') } })
  const object = inline('same')
  const objects = { migrations: [object, late] }
  const { proposal } = await auditMigration(object, dependencies(objects), unhurriedDeadline())
  t.match(proposal, /^cannot be consolidated as it stands: .*; fix: .*/)
})

void t.test('a directory that cannot be read leads to no proposal', async t => {
  const remote = migration('r', { url: urlOf('same'), dir: { remote: { name: 'x' } } })
  const object = inline('same')
  const other = migration('o', { url: urlOf('same'), dir: { local: filesOf('9') } })
  const objects = { migrations: [object, remote, other] }
  const { proposal, judged } = await auditMigration(
    object,
    dependencies(objects),
    unhurriedDeadline(),
  )
  t.ok(judged.some(({ rule }) => rule.id === 'revision-table-shared'))
  t.equal(proposal, null)
})

void t.test('a whole cluster is judged in its order, and says how far it is', async t => {
  const migrations = ['same', 'ahead', 'down'].map(database =>
    migration(database, { url: urlOf(database, database), dir: { local: files } }),
  )
  const done: number[] = []
  const audited = await auditAll(dependencies({ migrations }), {
    turns: new ServerTurns({ total: 2, perServer: 1 }),
    limitMs: 5000,
    signal: new AbortController().signal,
    onAudited: count => void done.push(count),
  })
  t.strictSame(
    audited.map(({ migration, result }) => [migration.metadata.name, result.verdict]),
    [
      ['same', 'pass'],
      ['ahead', 'fail'],
      ['down', 'error'],
    ],
  )
  t.strictSame(done, [1, 2, 3])
})
