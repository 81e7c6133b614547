import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  type KubernetesCluster,
  type KubernetesOptions,
  openKubernetes,
} from '../../src/kubernetes/kubernetes-cluster.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from './control-plane/service-account.js'

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const namespace = `atlas-admission-e2e-${process.pid}`
const unhurried: Deadline = { at: Infinity, signal: new AbortController().signal }

const output = (...args: readonly string[]) =>
  kubectlOutput(plane.kubectl, [`--namespace=${namespace}`, ...args])
const send = (verb: string, ...objects: readonly unknown[]) =>
  kubectlOutput(plane.kubectl, [verb, `--namespace=${namespace}`, '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  })

await kubectlOutput(plane.kubectl, ['create', 'namespace', namespace])
t.teardown(() => plane.kubectl(['delete', 'namespace', namespace, '--wait=false']))

async function open(
  t: Test,
  options: { readonly file?: string; readonly namespaces?: readonly string[] } = {},
): Promise<KubernetesCluster> {
  const access: KubernetesOptions['access'] = {
    kind: 'kubeconfig',
    file: options.file ?? plane.kubeconfig,
  }
  const timing = { baseDelayMs: 100, maxDelayMs: 500, brokenAfterMs: 60_000 }
  const cluster = await openKubernetes({ access, namespaces: options.namespaces ?? [], timing })
  t.teardown(() => cluster.close())
  return cluster
}

const synced = (cluster: KubernetesCluster) => cluster.whenSynced(AbortSignal.timeout(30_000))

/** Waits until something holds, thirty seconds at most; the test goes on to say what does not. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !holds() && Date.now() < end;) await sleep(20)
}

const migration = (name: string, spec: object) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace },
  spec: { url: 'postgres://h/d', ...spec },
})
const using = (name: string) => ({ dir: { configMapRef: { name } } })

const users = (cluster: KubernetesCluster, configMap: string) =>
  cluster
    .migrationsOfConfigMap(namespace, configMap)
    .map(({ metadata }) => String(metadata.name))
    .sort()

/** What would harm a cluster that was given. */
const onlyOwn = plane.own ? {} : { skip: 'needs a control plane of its own' }

void t.test('without the CRD it says so, and goes on when it is installed', onlyOwn, async t => {
  const cluster = await open(t)
  await until(() => cluster.restarts() > 0)
  t.match(cluster.problem(), /^the AtlasMigration CRD is not installed/)
  await installAtlasCrd(plane.kubectl)
  await synced(cluster)
  t.equal(cluster.problem(), null)
})

void t.test(
  'every AtlasMigration is known, over several pages, and each change of one',
  async t => {
    await installAtlasCrd(plane.kubectl)
    const names = Array.from({ length: 505 }, (_, index) => `m${index}`)
    await send('create', ...names.map(name => migration(name, using('files'))))
    const cluster = await open(t)
    await synced(cluster)
    t.strictSame(users(cluster, 'files'), names.toSorted())

    const patch = JSON.stringify({ spec: using('others') })
    await output('patch', 'atlasmigration/m1', '--type=merge', `--patch=${patch}`)
    await output('delete', 'atlasmigration/m2')
    await send('apply', migration('new', using('others')))
    await until(
      () => users(cluster, 'others').length === 2 && users(cluster, 'files').length === 503,
    )
    t.strictSame(users(cluster, 'others'), ['m1', 'new'])
    t.equal(users(cluster, 'files').length, 503)
    t.notOk(users(cluster, 'files').includes('m2'))
    t.strictSame(cluster.unreadable(), [])
    const [kept] = cluster.migrationsOfConfigMap(namespace, 'others').slice(-1)
    t.notMatch(JSON.stringify(kept), 'managedFields')
    t.notMatch(JSON.stringify(kept), 'last-applied-configuration')
  },
)

void t.test('a restart of the API server costs nothing but its time', onlyOwn, async t => {
  await send('create', migration('before', using('steady')))
  const cluster = await open(t)
  await synced(cluster)
  await plane.own?.stopApiServer()
  await until(() => cluster.restarts() > 0)
  t.strictSame(users(cluster, 'steady'), ['before'])
  await t.rejects(cluster.readSecret(namespace, 'db', unhurried), {
    message: 'cannot read from the cluster: the API server cannot be asked (ECONNREFUSED)',
  })
  await plane.own?.startApiServer()
  await send('create', migration('after', using('steady')))
  await until(() => users(cluster, 'steady').length === 2)
  t.strictSame(users(cluster, 'steady'), ['after', 'before'])
})

void t.test('ConfigMaps and Secrets are read by name', async t => {
  await send(
    'create',
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'files-abc' },
      data: { '1.sql': 'x' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { url: 'y' } },
  )
  const cluster = await open(t)
  const configMap = await cluster.readConfigMap(namespace, 'files-abc', unhurried)
  t.strictSame(configMap?.data, { '1.sql': 'x' })
  t.strictSame((await cluster.readSecret(namespace, 'db', unhurried))?.data, { url: 'eQ==' })
  t.equal(await cluster.readConfigMap(namespace, 'none', unhurried), null)
  t.equal(await cluster.readSecret('no-such-namespace', 'db', unhurried), null)
  t.strictSame(await cluster.configMapNames(namespace, 'files-', unhurried), ['files-abc'])
})

void t.test('a service account knows which right it lacks, and works with what it has', async t => {
  await output('create', 'serviceaccount', 'gate')
  const file = await serviceAccountKubeconfig(plane, { namespace, name: 'gate' })
  const cluster = await open(t, { file, namespaces: [namespace] })
  await until(() => cluster.restarts() > 0)
  const missing = (verb: string, resource: string) =>
    `no right to ${verb} ${resource} in namespace ${namespace} (RBAC: ${verb} ${resource})`
  t.equal(cluster.problem(), missing('list', 'atlasmigrations.db.atlasgo.io'))

  const rule = ['--verb=list,watch', '--resource=atlasmigrations.db.atlasgo.io']
  await output('create', 'role', 'follow', ...rule)
  await output(
    'create',
    'rolebinding',
    'follow',
    '--role=follow',
    `--serviceaccount=${namespace}:gate`,
  )
  await synced(cluster)
  t.equal(cluster.problem(), null)
  await t.rejects(cluster.readSecret(namespace, 'db', unhurried), {
    message: `cannot read from the cluster: ${missing('get', 'secrets')}`,
  })
  await t.rejects(cluster.readConfigMap(namespace, 'other', unhurried), {
    message: `cannot read from the cluster: ${missing('get', 'configmaps')}`,
  })
  t.strictSame(await cluster.configMapNames(namespace, 'files-', unhurried), [])

  const elsewhere = await open(t, { file })
  await until(() => elsewhere.restarts() > 0)
  t.match(
    elsewhere.problem(),
    /^no right to list atlasmigrations\.db\.atlasgo\.io in all namespaces/,
  )
})
