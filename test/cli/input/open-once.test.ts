import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Adapters } from '../../../src/cli/input/adapters.js'
import type { ClusterChoice } from '../../../src/cli/input/cluster-choice.js'
import { openOnce } from '../../../src/cli/input/open-once.js'
import { openKubernetes } from '../../../src/kubernetes/kubernetes-cluster.js'
import { formatManifestProblem } from '../../../src/manifests/text/manifest-problem.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { type Fault, FakeApiServer } from '../../kubernetes/fake-api-server.js'
import { unhurriedDeadline } from '../../review/fakes.js'
import { makeFolder } from '../program.js'

const adapters: Pick<Adapters, 'openManifests' | 'openKubernetes'> = {
  async openManifests(folder) {
    const cluster = await openManifests(folder)
    return { ...cluster, problems: () => cluster.problems().map(formatManifestProblem) }
  },
  async openKubernetes(options) {
    const cluster = await openKubernetes(options)
    return { ...cluster, problems: () => cluster.unreadable() }
  },
}

const patient = { waitMs: 60_000, signal: new AbortController().signal }

const migration = (name: string, spec: object = {}) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { namespace: 'shop', name },
  spec: { dir: { configMapRef: { name: 'files' } }, ...spec },
})

const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name: 'files' },
  data: { '1.sql': 'SELECT 1;\n' },
}

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'database' },
  data: { url: 'eA==' },
}

async function startServer(t: Test): Promise<FakeApiServer> {
  const server = new FakeApiServer()
  await server.listen()
  t.teardown(() => server.close())
  server.put(migration('schema', { urlFrom: { secretKeyRef: { name: 'database', key: 'url' } } }))
  server.putCore('configmaps', configMap)
  server.putCore('secrets', secret)
  return server
}

function choiceOf(t: Test, server: FakeApiServer): ClusterChoice {
  const file = join(makeFolder(t, { config: server.kubeconfig() }), 'config')
  return { kind: 'kubernetes', kubeconfig: { file }, namespaces: [] }
}

void t.test(
  'a cluster is opened when all of it is known, and does not change after that',
  async t => {
    const server = await startServer(t)
    server.put(migration('broken', { baseline: 1 }))
    const opened = await openOnce(choiceOf(t, server), adapters, patient)
    const { cluster, unreadable } = opened
    server.put(migration('late'))
    const deadline = unhurriedDeadline()
    t.match(await cluster.readConfigMap('shop', 'files', deadline), configMap)
    t.match(await cluster.readSecret('shop', 'database', deadline), secret)
    t.strictSame(await cluster.configMapNames('shop', 'fi', deadline), ['files'])
    t.strictSame(await cluster.consolidatedConfigMaps('shop', deadline), [])
    const names = (found: ReturnType<typeof cluster.migrations>) =>
      found.map(({ metadata }) => metadata.name)
    t.strictSame(names(cluster.migrations()), ['schema'])
    t.strictSame(names(cluster.migrationsOfConfigMap('shop', 'files')), ['schema'])
    t.strictSame(names(cluster.migrationsOfSecret('shop', 'database')), ['schema'])
    t.match(unreadable, [/^AtlasMigration shop\/broken: spec.baseline: expected string/])
    t.equal(unreadable.length, 1)
    opened.close()
  },
)

type Missing = [name: string, fault: Fault, message: string]

const missing: readonly Missing[] = [
  [
    'no CRD',
    404,
    'the AtlasMigration CRD is not installed (atlasmigrations.db.atlasgo.io, version v1alpha1)',
  ],
  [
    'no right',
    403,
    'no right to list atlasmigrations.db.atlasgo.io in all namespaces (RBAC: list atlasmigrations.db.atlasgo.io)',
  ],
  ['no credentials', 401, 'the API server does not accept the credentials (401)'],
]

for (const [name, fault, message] of missing)
  void t.test(`${name}: said at once, and the connections are closed`, async t => {
    const server = await startServer(t)
    server.fail('list', fault)
    await t.rejects(openOnce(choiceOf(t, server), adapters, patient), {
      code: 'ATLAS_ADMISSION_CLUSTER_READ',
      message: `cannot read from the cluster: ${message}`,
    })
    t.equal(server.watches, 0)
  })

void t.test('a cluster that says nothing is waited for, but not for ever', async t => {
  const server = await startServer(t)
  server.fail('list', 'hang')
  await t.rejects(openOnce(choiceOf(t, server), adapters, { ...patient, waitMs: 50 }), {
    code: 'ATLAS_ADMISSION_CLUSTER_READ',
    message: 'cannot read from the cluster: the AtlasMigrations have not been read yet',
  })
})

void t.test('a folder is read once', async t => {
  const files = { 'a.yaml': JSON.stringify(migration('schema')) }
  const folder = makeFolder(t, files)
  const opened = await openOnce({ kind: 'manifests', folder }, adapters, patient)
  t.match(opened, { unreadable: [] })
  t.match(opened.cluster.migrations(), [{ metadata: { name: 'schema' } }])
  opened.close()
})

void t.test('a folder with mistakes is no cluster: each is said', async t => {
  const folder = makeFolder(t, { 'a.yaml': 'a: b: c\n' })
  await t.rejects(openOnce({ kind: 'manifests', folder }, adapters, patient), {
    code: 'ATLAS_ADMISSION_MANIFESTS',
    message: /^the manifests cannot be used\n {2}.*a\.yaml:1:\d+: /,
  })
})
