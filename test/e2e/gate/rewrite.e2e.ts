import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { PatchOperation } from '../../../src/policy/consolidation/directory-rewrite.js'
import { untouched } from '../../../src/review/rewriter.js'
import { startGate } from '../../../src/webhook/gate.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import { Metrics } from '../../../src/webhook/metrics/metrics.js'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { migrate } from '../../engine/live/live-gate.js'
import {
  configMap,
  hashed,
  type KubernetesObject,
  migration,
  type Texts,
} from '../objects/cluster-objects.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { readControlPlaneSettings } from '../control-plane/settings.js'
import { installGate } from './installed-gate.js'
import { renderManifest } from './installed-manifest.js'

/* The rewrite as the chart installs it: with its own rights, policy and webhook, asked by a real API server. */

const manifest = await renderManifest('deploy/chart/ci/rewrite.yaml')
if (manifest === null) {
  t.pass('there is no Helm')
  process.exit()
}
const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
await installAtlasCrd(plane.kubectl)
const namespace = `atlas-admission-e2e-${process.pid}`
await plane.kubectl(['create', 'namespace', namespace])
t.teardown(() => plane.kubectl(['delete', 'namespace', namespace, '--wait=false']))
const postgres = await startTestPostgres(t)
const gate = await installGate(t, plane, manifest)

const kubectl = (...args: readonly string[]) => plane.kubectl([`--namespace=${namespace}`, ...args])
const send = (args: readonly string[], ...objects: readonly unknown[]) =>
  plane.kubectl([...args, '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  })

const tables = {
  '20250101000000_users.sql': 'CREATE TABLE users (id bigint);\n',
  '20250201000000_orders.sql': 'CREATE TABLE orders (id bigint);\n',
}
const rows = { '20250301000000_seed.sql': 'INSERT INTO users VALUES (1);\n' }
const merged = hashed({ ...tables, ...rows })
const later = { '20250401000000_later.sql': 'SELECT 1;\n' }

const consolidated = (name: string, data: Texts, sources: string): KubernetesObject => ({
  ...configMap(namespace, name, data),
  metadata: {
    namespace,
    name,
    labels: { 'atlas-admission.io/consolidated': 'true' },
    annotations: { 'atlas-admission.io/consolidates': sources },
  },
})
const prepared = await send(
  ['apply', '--server-side'],
  configMap(namespace, 'schema', hashed(tables)),
  configMap(namespace, 'seed', hashed(rows)),
  consolidated('merged', merged, 'schema,seed'),
)
if (prepared.code !== 0) throw new Error(prepared.stderr)

/** On a database of its own, where the files of both directories, and perhaps more, have run. */
async function naming(
  name: string,
  { source = 'schema', files = merged }: { readonly source?: string; readonly files?: Texts } = {},
): Promise<KubernetesObject> {
  const url = await createDatabase(postgres)
  await migrate(url, files)
  return migration(namespace, name, { url, dir: { configMapRef: { name: source } } })
}

interface Stored {
  readonly metadata: {
    readonly generation: number
    readonly resourceVersion: string
    readonly annotations?: Texts
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[]
  }
  readonly spec: { readonly dir: object; readonly backoffLimit: number }
}

async function read(name: string): Promise<Stored> {
  const args = ['get', `atlasmigration/${name}`, '--output=json', '--show-managed-fields']
  return JSON.parse(
    await kubectlOutput(plane.kubectl, [`--namespace=${namespace}`, ...args]),
  ) as Stored
}

const toMerged = { configMapRef: { name: 'merged' } }
const line = 'spec.dir.configMapRef.name: merged'
const warning = (name: string) =>
  `Warning: AtlasMigration ${namespace}/${name}: stored with ${line}, since that consolidates schema; put this into Git\n`
const mark = 'atlas-admission.io/consolidated-from'
const configuration = 'mutatingwebhookconfiguration/atlas-admission'

const first = await naming('first')
const isRewritten = async () => {
  const { stdout } = await send(['create', '--dry-run=server', '--output=json'], first)
  return stdout.includes(mark)
}
// The API server learns of a webhook a moment after it is stored.
if (!(await eventually(isRewritten, 30_000))) throw new Error('nothing is ever rewritten')

void t.test('server-side apply again and again neither changes nor shows anything', async t => {
  const object = await naming('server-side')
  const apply = () => send(['apply', '--server-side'], object)
  const created = await apply()
  t.strictSame(created, {
    code: 0,
    stdout: 'atlasmigration.db.atlasgo.io/server-side serverside-applied\n',
    stderr: warning('server-side'),
  })
  // The first write after a creation stores the defaults of the status.
  await apply()
  const before = await read('server-side')
  t.strictSame(before.spec.dir, toMerged)
  t.strictSame(before.metadata.annotations, { [mark]: 'schema' })
  for (const _ of [1, 2, 3]) {
    const { code, stderr } = await apply()
    t.equal(code, 0)
    t.equal(stderr, warning('server-side'))
    t.strictSame(await read('server-side'), before)
  }
  t.equal(before.metadata.generation, 1)
  for (const args of [['diff', '--server-side'], ['diff']]) {
    const diff = await send(args, object)
    t.equal(diff.code, 0, diff.stdout)
    t.equal(diff.stdout, '')
  }
})

void t.test('client-side apply keeps what Git says beside what is stored', async t => {
  const object = await naming('client-side')
  for (const outcome of ['created', 'configured', 'configured']) {
    const { code, stdout, stderr } = await send(['apply'], object)
    t.equal(code, 0, stderr)
    t.equal(stdout, `atlasmigration.db.atlasgo.io/client-side ${outcome}\n`)
    t.equal(stderr, warning('client-side'))
    const { metadata, spec } = await read('client-side')
    t.strictSame(spec.dir, toMerged)
    t.equal(metadata.generation, 1)
    const last = metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']
    t.match(last, '"configMapRef":{"name":"schema"}')
  }
  const diff = await send(['diff'], object)
  t.equal(diff.code, 0, diff.stdout)
})

void t.test('a second manager with the old line has a conflict with the first', async t => {
  const object = await naming('managed')
  t.equal((await send(['apply', '--server-side'], object)).code, 0)
  const second = await send(['apply', '--server-side', '--field-manager=argocd'], object)
  t.equal(second.code, 1)
  t.match(
    second.stderr,
    'Apply failed with 1 conflict: conflict with "kubectl": .spec.dir.configMapRef\n',
  )
  t.strictSame((await read('managed')).spec.dir, toMerged)
  const spec = { ...(object['spec'] as object), dir: toMerged }
  const changed = { ...object, spec }
  const agreeing = await send(['apply', '--server-side', '--field-manager=argocd'], changed)
  t.strictSame([agreeing.code, agreeing.stderr], [0, ''], 'the line of the warning is agreed upon')
})

void t.test('a dry run shows what would be stored, and stores nothing', async t => {
  const object = await naming('tried')
  for (const args of [['create'], ['apply'], ['apply', '--server-side']]) {
    const run = await send([...args, '--dry-run=server', '--output=json'], object)
    t.equal(run.code, 0, run.stderr)
    t.strictSame((JSON.parse(run.stdout) as Stored).spec.dir, toMerged)
    t.equal(run.stderr, warning('tried'))
  }
  t.equal((await kubectl('get', 'atlasmigration/tried')).code, 1)
})

void t.test('an object without a name yet is rewritten as well', async t => {
  const object = { ...(await naming('')), metadata: { namespace, generateName: 'made-' } }
  const { code, stdout, stderr } = await send(['create', '--output=json'], object)
  t.equal(code, 0, stderr)
  t.strictSame((JSON.parse(stdout) as Stored).spec.dir, toMerged)
})

void t.test('files beside the ConfigMap go away before any rule sees them', async t => {
  const object = await naming('beside', { source: 'seed' })
  const spec = {
    ...(object['spec'] as object),
    dir: { local: tables, configMapRef: { name: 'seed' } },
  }
  const { code, stderr } = await send(['apply', '--server-side'], { ...object, spec })
  t.equal(code, 0, stderr)
  const { spec: stored, metadata } = await read('beside')
  t.strictSame(stored.dir, toMerged)
  t.equal(metadata.annotations?.[mark], 'local+seed')
})

void t.test('what is not safe is left alone, and the denial says why', async t => {
  const object = await naming('ahead', { files: hashed({ ...tables, ...rows, ...later }) })
  const { code, stderr } = await send(['create'], object)
  t.equal(code, 1)
  t.match(stderr, `[migrate-down-predicted] AtlasMigration ${namespace}/ahead: `)
  t.match(
    stderr,
    'ConfigMap merged consolidates schema, but is not used: the operator would migrate down to 20250301000000',
  )
})

void t.test('two that claim one source are both left alone', async t => {
  const twin = consolidated('twin', merged, 'twice')
  const twins = [twin, { ...twin, metadata: { ...twin.metadata, name: 'other-twin' } }]
  const source = configMap(namespace, 'twice', merged)
  t.equal((await send(['apply', '--server-side'], source, ...twins)).code, 0)
  const { code, stderr } = await send(['create'], await naming('twice', { source: 'twice' }))
  t.equal(code, 0)
  t.equal(
    stderr,
    'Warning: ConfigMap twice is not replaced: more than one could be meant: other-twin and twin\n',
  )
  t.strictSame((await read('twice')).spec.dir, { configMapRef: { name: 'twice' } })
})

void t.test('an object that was there before is rewritten when it is applied again', async t => {
  const object = await naming('before', { source: 'old' })
  t.equal((await send(['apply'], configMap(namespace, 'old', merged))).code, 0)
  t.strictSame((await send(['apply', '--server-side'], object)).stderr, '')
  const target = consolidated('new', merged, 'old')
  t.equal((await send(['apply', '--server-side'], target)).code, 0)
  t.equal((await send(['apply', '--server-side'], object)).code, 0)
  t.strictSame((await read('before')).spec.dir, { configMapRef: { name: 'new' } })
})

/** A mutating webhook of somebody else, asked after ours, that does to everything what `patch` says. */
async function putAfter(t: Test, patch: () => readonly PatchOperation[]): Promise<void> {
  const name = 'zz-after-atlas-admission'
  const log = buildLogger({ level: 'silent' })
  const other = await startGate(
    {
      listen: { host: readControlPlaneSettings().webhookHost, port: 0 },
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      reviewer: { review: async () => untouched },
      rewriter: { review: async () => ({ ...untouched, patch: patch() }) },
      onFailure: () => untouched,
      log,
      metrics: new Metrics({ version: '', processMetrics: false }),
      checks: { startup: [], readiness: [] },
    },
  )
  t.teardown(() => other.stop())
  const [ours] = manifest!.filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
  const [webhook] = ours!['webhooks'] as readonly object[]
  const caBundle = Buffer.from(other.authority!).toString('base64')
  const theirs = {
    ...webhook,
    name: 'after.example.com',
    clientConfig: { url: `${other.url}/mutate`, caBundle },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
  }
  const { apiVersion, kind } = ours!
  const object = { apiVersion, kind, metadata: { name }, webhooks: [theirs] }
  await kubectlOutput(plane.kubectl, ['apply', '--filename=-'], { input: JSON.stringify(object) })
  t.teardown(() => plane.kubectl(['delete', `mutatingwebhookconfiguration/${name}`]))
}

const rename = (name: string): PatchOperation => ({
  op: 'replace',
  path: '/spec/dir/configMapRef/name',
  value: name,
})
type After = [title: string, patch: PatchOperation, rewrites: readonly (string | undefined)[]]
const afters: After[] = [
  [
    'changes another field',
    { op: 'add', path: '/spec/backoffLimit', value: 21 },
    ['rewritten', undefined],
  ],
  ['changes the name back', rename('schema'), ['rewritten', 'rewritten']],
]

void t.test('asked again after another webhook, it changes nothing twice', async t => {
  let patch: PatchOperation = rename('nowhere')
  await putAfter(t, () => [patch])
  const probe = await naming('probe')
  const isAsked = async () => {
    const { stdout } = await send(['create', '--dry-run=server', '--output=json'], probe)
    return stdout.includes('"nowhere"')
  }
  t.ok(await eventually(isAsked, 30_000))
  for (const [index, [title, change, rewrites]] of afters.entries()) {
    patch = change
    const name = `reinvoked-${index}`
    const object = await naming(name)
    const requests = await gate.requestsDuring(async () => {
      const { code, stderr } = await send(['create'], object)
      t.equal(code, 0, stderr)
    })
    const mutations = requests.filter(({ path }) => path === '/mutate')
    t.strictSame(
      mutations.map(({ rewrite }) => rewrite),
      rewrites,
      title,
    )
    t.strictSame((await read(name)).spec.dir, toMerged, title)
  }
})

void t.test('nothing breaks when the webhook is taken away', async t => {
  const object = await naming('left')
  const apply = (spec: object) =>
    send(['apply', '--server-side'], {
      ...object,
      spec: { ...(object['spec'] as object), ...spec },
    })
  await apply({})
  await apply({})
  t.equal((await plane.kubectl(['delete', configuration])).code, 0)
  const isOff = async () => !(await isRewritten())
  t.ok(await eventually(isOff, 30_000))
  const before = await read('left')
  const patch = ['--type=merge', '--patch={"metadata":{"labels":{"tier":"gold"}}}']
  t.equal((await kubectl('patch', 'atlasmigration/left', ...patch)).code, 0)
  const old = await apply({})
  t.equal(old.code, 1, 'the old line alone would be a migrate down')
  t.match(old.stderr, `ConfigMap merged consolidates schema and can be used; fix: ${line}\n`)
  const updated = await apply({ dir: toMerged })
  t.strictSame([updated.code, updated.stderr], [0, ''])
  const after = await read('left')
  t.strictSame(after.spec, before.spec)
  t.equal(after.metadata.generation, 1)
})

void t.test('values that contradict each other are refused', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-values-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'values.yaml')
  const contradictions = [
    'consolidation: { rewrite: true }\npolicy: { consolidation: { rewrite: "off" } }',
    'policy: { consolidation: { rewrite: annotated } }',
  ]
  for (const text of contradictions) {
    await writeFile(file, text)
    await t.rejects(renderManifest(file), { message: /leave the first out, the chart sets it/ })
  }
})
