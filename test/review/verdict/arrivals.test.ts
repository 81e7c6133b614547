import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { buildReviewer } from '../../../src/review/reviewer.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import {
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  namespace,
  readTable,
  request,
  type RequestParts,
  secret,
  unhurriedDeadline,
  urlOf,
} from '../fakes.js'

/** A gate in a cluster that shows what is stored only when it is told to. */
function startGate(followsAdmission = true) {
  const stored: AtlasMigration[] = []
  const secrets = { db: secret('db', { url: urlOf('app') }) }
  const cluster = { ...fakeCluster({ secrets }), migrations: () => [...stored] }
  let seconds = 0
  const reviewer = buildReviewer({
    cluster,
    reader: fakeReader({ app: readTable }),
    targets: new TargetIndex(),
    rules,
    settings: defaultSettings,
    now: () => new Date(seconds * 1000),
    followsAdmission,
  })
  return {
    stored,
    pass: (time: number) => void (seconds += time),
    ask: async (parts: RequestParts) => {
      const answer = await reviewer.review(request(parts), unhurriedDeadline())
      return { ...answer, rules: answer.findings.map(({ rule, result }) => `${rule} ${result}`) }
    },
  }
}

const using = (...versions: readonly string[]) => ({
  url: urlOf('app'),
  dir: { local: filesOf(...versions) },
})
const schema = migration('schema', using('1', '2'))
const seed = migration('seed', using('3'))
const broken = migration('schema', { url: urlOf('app'), dir: { local: { '1.sql': 'SELECT 1;' } } })
const shared = 'revision-table-shared denied'

void t.test('of two that come side by side, the second sees the first', async t => {
  const { ask } = startGate()
  const [first, second] = await Promise.all([ask({ object: schema }), ask({ object: seed })])
  t.strictSame(first, { ...first, allowed: true, rules: [] })
  t.strictSame(second.rules, [shared])
  t.match(second.status?.message, `this revisions table is also used by ${namespace}/schema`)
})

void t.test(
  'what was admitted is believed in until the cluster shows it, or two seconds',
  async t => {
    const gate = startGate()
    t.ok((await gate.ask({ object: schema })).allowed)
    gate.pass(2)
    t.strictSame((await gate.ask({ object: seed })).rules, [shared])
    gate.stored.push(schema)
    const shown = await gate.ask({ object: seed })
    t.notMatch(shown.status?.message, 'schema and', 'it is named once')
    gate.stored.pop()
    t.ok((await gate.ask({ object: seed })).allowed, 'it was there, and is gone')

    const late = startGate()
    t.ok((await late.ask({ object: schema })).allowed)
    late.pass(2.001)
    t.ok((await late.ask({ object: seed })).allowed)
  },
)

void t.test('what is not going to be stored is seen by nobody', async t => {
  const gate = startGate()
  t.ok((await gate.ask({ object: schema, dryRun: true })).allowed)
  t.notOk((await gate.ask({ object: broken })).allowed)
  const labelled = { ...schema, metadata: { ...schema.metadata, labels: { a: 'b' } } }
  t.ok((await gate.ask({ object: labelled, oldObject: schema })).allowed)
  t.ok((await gate.ask({ object: seed })).allowed)
})

void t.test('a ConfigMap or Secret that comes right behind is judged for it', async t => {
  const { ask } = startGate()
  const urlFrom = { secretKeyRef: { name: 'db', key: 'url' } }
  const early = migration('early', { urlFrom, dir: { configMapRef: { name: 'files' } } })
  t.strictSame((await ask({ object: early })).rules, ['configmap-not-found warned'])
  const files = configMap('files', { '1.sql': 'SELECT 1;' })
  t.strictSame((await ask({ kind: 'ConfigMap', object: files })).rules, ['checksum-missing denied'])
  const other = secret('db', { url: 'nonsense://x' })
  const { rules } = await ask({ kind: 'Secret', object: other })
  t.match(rules.join(), 'url-invalid')
})

void t.test(
  'where nothing is stored, as with a folder of manifests, a review leaves no trace',
  async t => {
    const { ask } = startGate(false)
    t.match(await ask({ object: schema }), { allowed: true, rules: [] })
    t.match(await ask({ object: seed }), { allowed: true, rules: [] })
  },
)

void t.test('two new objects of one generateName on one table see each other', async t => {
  const { ask } = startGate()
  const unnamed = (local: Readonly<Record<string, string>>) => ({
    metadata: { generateName: 'app-', namespace },
    spec: { url: urlOf('app'), dir: { local } },
  })
  const first = await ask({ object: unnamed(filesOf('1', '2')), uid: 'request-1' })
  t.strictSame(first.rules, [])
  const second = await ask({ object: unnamed(filesOf('3')), uid: 'request-2' })
  t.strictSame(second.rules, [shared])
})

void t.test(
  'a ConfigMap that an AtlasMigration has just been pointed to is judged for it at once',
  async t => {
    const { ask, stored } = startGate()
    const spec = (name: string) => ({ url: urlOf('app'), dir: { configMapRef: { name } } })
    const before = migration('app', spec('old'))
    stored.push({ ...before, metadata: { ...before.metadata, uid: '1', generation: 1 } })
    const moved = migration('app', spec('new'))
    const object = { ...moved, metadata: { ...moved.metadata, uid: '1', generation: 2 } }
    t.ok((await ask({ object, oldObject: stored[0] })).allowed)
    const files = configMap('new', { '1.sql': 'SELECT 1;' })
    t.strictSame((await ask({ kind: 'ConfigMap', object: files })).rules, [
      'checksum-missing denied',
    ])
  },
)
