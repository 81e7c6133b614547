import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HttpMethod, RequestContext } from '@kubernetes/client-node'
import t, { type Test } from 'tap'
import { failureReason } from '../../src/kubernetes/api/failure-reason.js'
import {
  type KubernetesCluster,
  type KubernetesOptions,
  openKubernetes,
} from '../../src/kubernetes/kubernetes-cluster.js'
import { PooledKubeConfig } from '../../src/kubernetes/api/pooled-kube-config.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { issueSelfSigned } from '../../src/webhook/tls/self-signed.js'
import { FakeApiServer, type Fault } from './fake-api-server.js'
import { until } from '../until.js'

const unhurried: Deadline = { at: Infinity, signal: new AbortController().signal }

/** Fast enough for a test; the order of the delays is that of the real ones. */
const timing = {
  baseDelayMs: 5,
  maxDelayMs: 20,
  brokenAfterMs: 500,
  idleTimeoutMs: 5000,
  pageTimeoutMs: 2000,
}

async function startServer(t: Test): Promise<FakeApiServer> {
  const server = new FakeApiServer()
  await server.listen()
  t.teardown(() => server.close())
  return server
}

function temporaryFile(t: Test, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubernetes-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'config')
  writeFileSync(file, text)
  return file
}

interface Opened {
  readonly cluster: KubernetesCluster
  readonly restarts: string[]
}

async function open(
  t: Test,
  server: FakeApiServer,
  options: Partial<KubernetesOptions> = {},
): Promise<Opened> {
  const restarts: string[] = []
  const file = temporaryFile(t, server.kubeconfig())
  const cluster = await openKubernetes({
    access: { kind: 'kubeconfig', file },
    onRestart: reason => restarts.push(reason),
    ...options,
    timing: { ...timing, ...options.timing },
  })
  t.teardown(() => cluster.close())
  return { cluster, restarts }
}

async function openSynced(
  t: Test,
  server: FakeApiServer,
  options: Partial<KubernetesOptions> = {},
): Promise<Opened> {
  const opened = await open(t, server, options)
  await opened.cluster.whenSynced(AbortSignal.timeout(5000))
  await until('a watch', () => server.watches > 0)
  return opened
}

const migration = (name: string, spec: object = {}, namespace = 'shop') => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { namespace, name },
  spec,
})

/** The ClusterError of a reason. */
const unread = (reason: string) => ({
  code: 'ATLAS_ADMISSION_CLUSTER_READ',
  message: `cannot read from the cluster: ${reason}`,
})

const usingConfigMap = (configMap: string) => ({ dir: { configMapRef: { name: configMap } } })

const namesOf = (migrations: ReturnType<KubernetesCluster['migrations']>) =>
  migrations.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()

const list = /^GET \/apis\/\S+\/atlasmigrations\?limit=/
const watch = /^GET \/apis\/\S+\/atlasmigrations\?watch=true/

void t.test('every page of the list is read, and each change after it', async t => {
  const server = await startServer(t)
  server.pageSize = 2
  for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(migration(name, usingConfigMap('files')))
  const { cluster } = await openSynced(t, server)
  t.equal(server.countRequests(list), 3)
  t.strictSame(namesOf(cluster.migrations()), ['shop/a', 'shop/b', 'shop/c', 'shop/d', 'shop/e'])
  t.equal(cluster.synced(), true)
  t.equal(cluster.problem(), null)

  server.put(migration('f', usingConfigMap('files'), 'other'))
  server.put(migration('a', usingConfigMap('newer')))
  server.remove('shop', 'b')
  await until(
    'its AtlasMigrations',
    () => cluster.migrationsOfConfigMap('shop', 'files').length === 3,
  )
  t.strictSame(namesOf(cluster.migrationsOfConfigMap('shop', 'files')), [
    'shop/c',
    'shop/d',
    'shop/e',
  ])
  t.strictSame(namesOf(cluster.migrationsOfConfigMap('shop', 'newer')), ['shop/a'])
  t.strictSame(namesOf(cluster.migrationsOfConfigMap('other', 'files')), ['other/f'])
  t.strictSame(cluster.migrationsOfConfigMap('shop', 'unknown'), [])
  t.equal(cluster.restarts(), 0)
})

void t.test(
  'the Secrets that a URL is made of are found, and no longer when it is gone',
  async t => {
    const server = await startServer(t)
    const from = (name: string) => ({ secretKeyRef: { name, key: 'k' } })
    server.put(migration('a', { urlFrom: from('url') }))
    server.put(
      migration('b', { credentials: { passwordFrom: from('url'), hostFrom: from('host') } }),
    )
    const { cluster } = await openSynced(t, server)
    t.strictSame(namesOf(cluster.migrationsOfSecret('shop', 'url')), ['shop/a', 'shop/b'])
    t.strictSame(namesOf(cluster.migrationsOfSecret('shop', 'host')), ['shop/b'])
    t.strictSame(cluster.migrationsOfSecret('other', 'url'), [])
    server.remove('shop', 'b')
    await until(
      'its AtlasMigrations',
      () => cluster.migrationsOfSecret('shop', 'host').length === 0,
    )
    t.strictSame(namesOf(cluster.migrationsOfSecret('shop', 'url')), ['shop/a'])
  },
)

void t.test('what no rule reads is dropped, what one reads is kept', async t => {
  const server = await startServer(t)
  const spec = {
    url: 'postgres://h/d',
    dir: { local: { '1.sql': 'create table a ();', 'atlas.sum': 'h1:x' } },
    protectedFlows: { migrateDown: { allow: true } },
  }
  server.put({
    ...migration('a'),
    metadata: {
      namespace: 'shop',
      name: 'a',
      uid: 'u',
      generation: 3,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(100),
        'atlas-admission.io/allow': 'file-out-of-order: agreed',
      },
      labels: { team: 'shop' },
      managedFields: [{ manager: 'kubectl' }],
    },
    spec: { ...spec, devDB: { spec: { containers: [] } }, later: 'unknown to us' },
    status: { lastAppliedVersion: '1', observed_hash: 'h', conditions: [], later: 1 },
  } as never)
  server.put({ ...migration('b', spec), status: {} } as never)
  const { cluster } = await openSynced(t, server)
  const [a, b] = [...cluster.migrations()].sort((x, y) =>
    String(x.metadata.name) < String(y.metadata.name) ? -1 : 1,
  )
  t.strictSame(a, {
    metadata: {
      namespace: 'shop',
      name: 'a',
      uid: 'u',
      generation: 3,
      resourceVersion: '1001',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      annotations: { 'atlas-admission.io/allow': 'file-out-of-order: agreed' },
    },
    spec: { ...spec, devDB: {} },
    status: { lastAppliedVersion: '1', observed_hash: 'h' },
  })
  t.strictSame(b, {
    metadata: { namespace: 'shop', name: 'b', resourceVersion: '1002' },
    spec,
    status: {},
  })
})

void t.test('an object that cannot be read is left out and named, until it can', async t => {
  const server = await startServer(t)
  server.put(migration('a', { baseline: 20240101 }))
  server.put(migration('b', usingConfigMap('files')))
  const { cluster } = await openSynced(t, server)
  t.strictSame(cluster.unreadable(), [
    'AtlasMigration shop/a: spec.baseline: expected string, found integer (put it in quotes)',
  ])
  t.strictSame(namesOf(cluster.migrations()), ['shop/b'])
  server.put(migration('a', { baseline: '20240101' }))
  server.put(migration('b', { ...usingConfigMap('files'), url: 1 }))
  await until('the AtlasMigrations', () => cluster.migrations()[0]?.metadata.name === 'a')
  t.strictSame(namesOf(cluster.migrations()), ['shop/a'])
  t.strictSame(cluster.migrationsOfConfigMap('shop', 'files'), [])
  t.strictSame(cluster.unreadable(), [
    'AtlasMigration shop/b: spec.url: expected string, found integer (put it in quotes)',
  ])
  server.remove('shop', 'b')
  await until('none that is unreadable', () => cluster.unreadable().length === 0)
  t.strictSame(cluster.unreadable(), [])
})

void t.test('only the namespaces that are asked for are followed, each once', async t => {
  const server = await startServer(t)
  for (const namespace of ['shop', 'billing', 'secret']) server.put(migration('a', {}, namespace))
  const namespaces = ['shop', 'billing', 'shop']
  const { cluster } = await openSynced(t, server, { namespaces })
  t.strictSame(namesOf(cluster.migrations()), ['billing/a', 'shop/a'])
  await until('a watch', () => server.watches === 2)
  t.strictSame(
    server.requests.filter(request => list.test(request)).sort(),
    ['billing', 'shop'].map(
      name => `GET /apis/db.atlasgo.io/v1alpha1/namespaces/${name}/atlasmigrations?limit=500`,
    ),
  )
  server.put(migration('b', {}, 'billing'))
  await until('the AtlasMigrations', () => cluster.migrations().length === 3)
  t.strictSame(namesOf(cluster.migrations()), ['billing/a', 'billing/b', 'shop/a'])
})

type Break = [name: string, reason: RegExp, break_: (server: FakeApiServer) => void]

const breaks: readonly Break[] = [
  ['a connection that is cut', /cannot be asked \(\w+\)/, server => server.cutConnections()],
  ['an ERROR event', /answered 500/, server => server.sendError(500)],
  [
    'an ERROR event without a code',
    /answered 500/,
    server => {
      server.send('{"type":"ERROR"}')
      server.endWatches()
    },
  ],
  [
    'an error of the next watch',
    /answered 503/,
    server => {
      server.fail('watch', 503)
      server.endWatches()
    },
  ],
  [
    'a right that is taken away',
    /^no right to watch atlasmigrations\.db\.atlasgo\.io in all namespaces \(RBAC: watch atlasmigrations\.db\.atlasgo\.io\)$/,
    server => {
      server.fail('watch', 403)
      server.endWatches()
    },
  ],
  [
    'an error of the list that 410 asks for',
    /answered 500/,
    server => {
      server.fail('list', 500)
      server.sendError(410)
    },
  ],
]

for (const [name, reason, break_] of breaks)
  void t.test(`after ${name} the watch is begun again, and misses nothing`, async t => {
    const server = await startServer(t)
    server.put(migration('a'))
    const { cluster, restarts } = await openSynced(t, server)
    break_(server)
    await until('another watch', () => cluster.restarts() === 1)
    server.put(migration('b'))
    await until('the AtlasMigrations', () => cluster.migrations().length === 2)
    t.strictSame(namesOf(cluster.migrations()), ['shop/a', 'shop/b'])
    t.equal(restarts.length, 1)
    t.match(restarts[0], reason)
    t.equal(cluster.problem(), null)
  })

void t.test('after an orderly end the watch goes on from the last version', async t => {
  const server = await startServer(t)
  server.put(migration('a'))
  const { cluster, restarts } = await openSynced(t, server)
  server.bookmark()
  server.put(migration('b'))
  await until('the AtlasMigrations', () => cluster.migrations().length === 2)
  server.bookmark()
  for (const noise of [
    'no JSON',
    '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":""}}}',
    '{"type":"BOOKMARK"}',
    '{"type":"NEWS","object":{}}',
    '{"type":"ADDED","object":{"metadata":{"name":"c"}}}',
    '{"type":"ADDED","object":{"metadata":{"name":"c","namespace":"shop"}}}',
    '{"type":"ADDED","object":{"metadata":{"name":"c","namespace":"shop","resourceVersion":""}}}',
  ])
    server.send(noise)
  server.endWatches()
  await until('the next request', () => server.countRequests(watch) === 2)
  t.equal(server.countRequests(list), 1)
  t.match(server.requests.at(-1), /resourceVersion=1004&/)
  t.match(server.requests.at(-1), /allowWatchBookmarks=true/)
  t.strictSame(restarts, [])
  t.equal(cluster.migrations().length, 2)
})

void t.test('when the version is too old everything is listed again', async t => {
  const server = await startServer(t)
  server.put(migration('a', usingConfigMap('files')))
  server.put(migration('b', usingConfigMap('files')))
  const { cluster, restarts } = await openSynced(t, server)
  server.silently(objects => {
    objects.delete('shop/a')
    objects.set('shop/c', {
      metadata: { ...migration('c').metadata, resourceVersion: '9' },
    } as never)
  })
  server.compact()
  server.endWatches()
  await until(
    'the state',
    () => cluster.migrations().length === 2 && cluster.migrations()[1]?.metadata.name === 'c',
  )
  t.strictSame(namesOf(cluster.migrations()), ['shop/b', 'shop/c'])
  t.strictSame(namesOf(cluster.migrationsOfConfigMap('shop', 'files')), ['shop/b'])
  t.strictSame(restarts, [])
})

void t.test('a version that the server never accepts is given up', async t => {
  const server = await startServer(t)
  server.put(migration('a'))
  const { cluster } = await openSynced(t, server)
  // "Too large resource version", as after a restore of etcd.
  server.fail('watch', 504, 504, 504)
  server.endWatches()
  await until('the next request', () => server.countRequests(list) === 2)
  t.equal(server.countRequests(list), 2)
  await until('a watch', () => server.watches === 1)
  server.put(migration('b'))
  await until('the AtlasMigrations', () => cluster.migrations().length === 2)
  t.equal(cluster.migrations().length, 2)
  t.equal(cluster.restarts(), 3)
})

void t.test('a watch that says nothing for too long is begun again without an error', async t => {
  const server = await startServer(t)
  const { cluster, restarts } = await openSynced(t, server, {
    timing: { ...timing, idleTimeoutMs: 50 },
  })
  await until('the next request', () => server.countRequests(watch) >= 2)
  t.ok(server.countRequests(watch) >= 2)
  t.strictSame(restarts, [])
  t.equal(cluster.problem(), null)
})

void t.test('a connection that held for a while makes the next delay short again', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  for (let round = 1; round <= 5; round += 1) {
    await until('a watch', () => server.watches === 1)
    await sleep(timing.maxDelayMs + 5)
    server.cutConnections()
    await until('another watch', () => cluster.restarts() === round)
  }
  await until('a watch', () => server.watches === 1)
  t.equal(cluster.restarts(), 5)
  // Never three failures in a row, so the version was never given up.
  t.equal(server.countRequests(list), 1)
})

type Missing = [name: string, problem: string, fault: Fault]

const missing: readonly Missing[] = [
  [
    'no CRD',
    'the AtlasMigration CRD is not installed (atlasmigrations.db.atlasgo.io, version v1alpha1)',
    404,
  ],
  [
    'no right',
    'no right to list atlasmigrations.db.atlasgo.io in all namespaces (RBAC: list atlasmigrations.db.atlasgo.io)',
    403,
  ],
  ['no credentials', 'the API server does not accept the credentials (401)', 401],
  ['no capacity', 'the API server is overloaded (429)', 429],
  ['no API server', 'the API server answered 500', 500],
  ['no connection', 'the API server cannot be asked (UND_ERR_SOCKET)', 'reset'],
  ['no JSON', 'the API server did not answer with JSON', { body: '<html>' }],
  ['no list', 'the API server did not answer with JSON', { body: '{"items":{}}' }],
  ['no version', 'the API server did not answer with JSON', { body: '{"items":[]}' }],
  [
    'no token to go on',
    'the API server did not answer with JSON',
    { body: '{"items":[],"metadata":{"resourceVersion":"1","continue":1}}' },
  ],
]

for (const [name, problem, fault] of missing)
  void t.test(
    `with ${name} the cluster is not ready, says why, and is when that changes`,
    async t => {
      const server = await startServer(t)
      server.put(migration('a'))
      server.fail('list', ...Array<Fault>(200).fill(fault))
      const { cluster } = await open(t, server)
      t.match(cluster.problem(), /^the AtlasMigrations have not been read yet$/)
      await until('another watch', () => cluster.restarts() >= 2)
      t.equal(cluster.synced(), false)
      t.equal(cluster.problem(), problem)
      t.notMatch(cluster.problem(), /jane|10\.0\.0\.7|sesame/)
      await t.rejects(cluster.whenSynced(AbortSignal.timeout(5)), unread(problem))
      await t.rejects(cluster.whenSynced(AbortSignal.abort()), unread(problem))
      server.heal()
      await cluster.whenSynced(AbortSignal.timeout(5000))
      t.equal(cluster.problem(), null)
      t.strictSame(namesOf(cluster.migrations()), ['shop/a'])
    },
  )

void t.test('a server that never answers is given up after a time', async t => {
  const server = await startServer(t)
  server.fail('list', 'hang')
  const { cluster, restarts } = await open(t, server, { timing: { ...timing, pageTimeoutMs: 30 } })
  await cluster.whenSynced(AbortSignal.timeout(5000))
  // On a busy machine more than one answer may be late.
  t.equal(restarts[0], 'the API server did not answer in time')
})

void t.test('one namespace that may not be read keeps all from being ready', async t => {
  const server = await startServer(t)
  server.fail('list', 403)
  const timing = { baseDelayMs: 60_000, maxDelayMs: 60_000 }
  const { cluster } = await open(t, server, { namespaces: ['shop', 'billing'], timing })
  await until('a watch', () => server.watches === 1 && cluster.restarts() === 1)
  t.equal(cluster.synced(), false)
  t.match(
    cluster.problem(),
    /^no right to list \S+ in namespace (shop|billing) \(RBAC: list \S+\)$/,
  )
})

void t.test(
  'a watch that stays broken is a problem after a while, and its objects still count',
  async t => {
    const server = await startServer(t)
    server.put(migration('a'))
    const { cluster } = await openSynced(t, server)
    server.fail('watch', ...Array<Fault>(1000).fill(500))
    server.fail('list', ...Array<Fault>(1000).fill(500))
    server.cutConnections()
    await until('another watch', () => cluster.restarts() > 0)
    t.equal(cluster.problem(), null)
    // At first the reason may be the connection that was cut.
    await until('the problem', () => cluster.problem()?.endsWith('answered 500'))
    t.match(
      cluster.problem(),
      /^the AtlasMigrations have not been followed for \d+ s: the API server answered 500$/,
    )
    t.equal(cluster.synced(), true)
    t.strictSame(namesOf(cluster.migrations()), ['shop/a'])
    server.heal()
    await until('the end of the problem', () => cluster.problem() === null)
    t.equal(cluster.problem(), null)
  },
)

void t.test('the age of the last event is told in seconds', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  await sleep(60)
  const age = cluster.lastEventAge()
  t.ok(age > 0.05 && age < 5)
  server.bookmark()
  await until('an event', () => cluster.lastEventAge() < age)
  t.ok(cluster.lastEventAge() < age)
})

void t.test(
  'listeners hear of changes that come together once, and one that throws harms nobody',
  async t => {
    const server = await startServer(t)
    for (let index = 0; index < 50; index += 1) server.put(migration(`m${index}`))
    const errors: unknown[] = []
    const { cluster } = await open(t, server, { onListenerError: error => errors.push(error) })
    let heard = 0
    cluster.onChange(() => {
      throw new Error('a fault of the listener')
    })
    const stop = cluster.onChange(() => (heard += 1))
    await cluster.whenSynced(AbortSignal.timeout(5000))
    await until('a call of the listener', () => heard > 0)
    t.equal(heard, 1)
    t.equal(errors.length, 1)
    stop()
    server.put(migration('later'))
    await until('two faults', () => errors.length === 2)
    t.equal(errors.length, 2)
    t.equal(heard, 1)
  },
)

void t.test(
  'without anyone to tell, faults of listeners pass in silence, and the watch goes on',
  async t => {
    const server = await startServer(t)
    server.fail('list', 500)
    const file = temporaryFile(t, server.kubeconfig())
    const cluster = await openKubernetes({
      access: { kind: 'kubeconfig', file },
      timing,
      onRestart() {
        throw new Error('a fault of the listener')
      },
    })
    t.teardown(() => cluster.close())
    cluster.onChange(() => {
      throw new Error('a fault of the listener')
    })
    await cluster.whenSynced(AbortSignal.timeout(5000))
    server.put(migration('a'))
    await until('the AtlasMigrations', () => cluster.migrations().length === 1)
    t.equal(cluster.migrations().length, 1)
  },
)

void t.test('after close nothing is asked any more, whatever was under way', async t => {
  const closings: readonly [
    string,
    (server: FakeApiServer, cluster: KubernetesCluster) => unknown,
  ][] = [
    ['at once', () => {}],
    ['while a list hangs', server => server.fail('list', 'hang')],
    [
      'while it watches',
      (server, cluster) => until('a watch', () => cluster.synced() && server.watches === 1),
    ],
    [
      'while it waits for its next attempt',
      async (server, cluster) => {
        await until('a watch', () => server.watches === 1)
        server.fail('watch', ...Array<Fault>(10).fill(500))
        server.cutConnections()
        await until('another watch', () => cluster.restarts() > 0)
      },
    ],
    [
      'while it waits after an orderly end',
      async server => {
        await until('a watch', () => server.watches === 1)
        server.endWatches()
        await until('the next request', () => server.countRequests(watch) === 2)
        server.endWatches()
        await until('no watch', () => server.watches === 0)
      },
    ],
  ]
  for (const [when, prepare] of closings) {
    const server = await startServer(t)
    const { cluster } = await open(t, server, { timing: { ...timing, baseDelayMs: 20 } })
    await prepare(server, cluster)
    cluster.close()
    await sleep(10)
    const asked = server.requests.length
    await sleep(60)
    t.equal(server.requests.length, asked, when)
    t.equal(server.watches, 0, when)
    await t.rejects(
      cluster.whenSynced(AbortSignal.abort()).then(() => Promise.reject(new Error('synced'))),
    )
  }
})

const object = (name: string, data: object, namespace = 'shop') => ({
  metadata: { namespace, name },
  data,
})

void t.test('ConfigMaps and Secrets are read by name, when asked', async t => {
  const server = await startServer(t)
  server.putCore('configmaps', object('files', { '1.sql': 'select 1;' }))
  server.putCore('secrets', object('db', { url: 'cG9zdGdyZXM6Ly8=' }))
  const { cluster } = await openSynced(t, server)
  const before = server.requests.length
  t.strictSame(
    await cluster.readConfigMap('shop', 'files', unhurried),
    object('files', { '1.sql': 'select 1;' }),
  )
  t.strictSame(
    await cluster.readSecret('shop', 'db', unhurried),
    object('db', { url: 'cG9zdGdyZXM6Ly8=' }),
  )
  t.equal(await cluster.readConfigMap('shop', 'other', unhurried), null)
  t.equal(await cluster.readSecret('shop', 'other', unhurried), null)
  t.strictSame(server.requests.slice(before), [
    'GET /api/v1/namespaces/shop/configmaps/files',
    'GET /api/v1/namespaces/shop/secrets/db',
    'GET /api/v1/namespaces/shop/configmaps/other',
    'GET /api/v1/namespaces/shop/secrets/other',
  ])
})

void t.test('a name that no object can have is not asked for', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  const before = server.requests.length
  for (const name of ['', '.', '..', 'a/b', 'a%2Fb', 'A', 'a?b', '-a', 'a.', 'a'.repeat(254)]) {
    t.equal(await cluster.readSecret('shop', name, unhurried), null)
    t.equal(await cluster.readConfigMap(name, 'files', unhurried), null)
    t.strictSame(await cluster.configMapNames(name, 'files', unhurried), [])
  }
  t.equal(server.requests.length, before)
})

type Failure = [name: string, reason: string, faults: readonly Fault[]]

const failures: readonly Failure[] = [
  ['no right', 'no right to get secrets in namespace shop (RBAC: get secrets)', [403]],
  ['no credentials', 'the API server does not accept the credentials (401)', [401]],
  ['too many requests', 'the API server is overloaded (429)', [429]],
  ['a fault of the server', 'the API server answered 500', [500]],
  ['two broken connections', 'the API server cannot be asked (UND_ERR_SOCKET)', ['reset', 'reset']],
  ['no JSON', 'the API server did not answer with JSON', [{ body: '' }]],
  [
    'another object',
    "the API server's answer is no Secret (data: expected object, found integer)",
    [{ body: '{"data":1}' }],
  ],
]

for (const [name, reason, faults] of failures)
  void t.test(`reading a Secret fails with a reason that tells nothing: ${name}`, async t => {
    const server = await startServer(t)
    server.putCore('secrets', object('db', {}))
    const { cluster } = await openSynced(t, server)
    server.fail('get', ...faults)
    await t.rejects(cluster.readSecret('shop', 'db', unhurried), unread(reason))
    t.strictSame(await cluster.readSecret('shop', 'db', unhurried), object('db', {}))
  })

void t.test('credentials that are no longer accepted are said to be', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  server.token = 'another'
  await t.rejects(
    cluster.readSecret('shop', 'db', unhurried),
    unread('the API server does not accept the credentials (401)'),
  )
})

void t.test('a ConfigMap that is none is not taken for one', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  server.fail('get', { body: '{"metadata":[]}' })
  await t.rejects(
    cluster.readConfigMap('shop', 'files', unhurried),
    unread("the API server's answer is no ConfigMap (metadata: expected object, found array)"),
  )
})

void t.test('a connection that was closed meanwhile is opened again', async t => {
  const server = await startServer(t)
  server.putCore('configmaps', object('files', {}))
  const { cluster } = await openSynced(t, server)
  server.fail('get', 'reset')
  t.strictSame(await cluster.readConfigMap('shop', 'files', unhurried), object('files', {}))
})

void t.test('a read ends with its deadline', async t => {
  const server = await startServer(t)
  const { cluster } = await openSynced(t, server)
  server.fail('get', 'hang', 'hang')
  const started = performance.now()
  const deadline = { at: Date.now() + 30, signal: AbortSignal.timeout(30) }
  await t.rejects(
    cluster.readConfigMap('shop', 'files', deadline),
    unread('the API server did not answer within the time limit of the request'),
  )
  t.ok(performance.now() - started < 1000)
  await t.rejects(
    cluster.readSecret('shop', 'db', { at: 0, signal: AbortSignal.abort('over') }),
    unread('the API server did not answer within the time limit of the request'),
  )
})

void t.test('of very many reads at once only some run, and all end', async t => {
  const server = await startServer(t)
  server.putCore('secrets', object('db', {}))
  const { cluster } = await openSynced(t, server)
  const reads = Array.from({ length: 300 }, () => cluster.readSecret('shop', 'db', unhurried))
  const found = await Promise.all(reads)
  t.ok(found.every(secret => secret !== null))
  // At most 50 at a time, and a connection is not free at once.
  t.ok(server.connections < 150, String(server.connections))

  server.fail('get', ...Array<Fault>(100).fill('hang'))
  const signal = AbortSignal.timeout(50)
  const late = Array.from({ length: 120 }, () =>
    cluster.readSecret('shop', 'db', { at: 0, signal }),
  )
  const outcomes = await Promise.allSettled(late)
  t.ok(outcomes.every(({ status }) => status === 'rejected'))
  server.heal()
  t.ok(await cluster.readSecret('shop', 'db', unhurried))
})

void t.test('names of similar ConfigMaps are a hint, from one page of a table', async t => {
  const server = await startServer(t)
  for (const name of ['files-abc', 'files-def', 'other'])
    server.putCore('configmaps', object(name, {}))
  server.putCore('configmaps', object('files-ghi', {}, 'elsewhere'))
  const { cluster } = await openSynced(t, server)
  t.strictSame(await cluster.configMapNames('shop', 'files-', unhurried), [
    'files-abc',
    'files-def',
  ])
  t.match(server.requests.at(-1), /configmaps\?limit=500&includeObject=None$/)
  for (const fault of [403, 500, { body: '{}' }, { body: '{"rows":[{"cells":[1]},{},null]}' }]) {
    server.fail('table', fault)
    t.strictSame(await cluster.configMapNames('shop', 'files-', unhurried), [])
  }
})

void t.test(
  'of consolidated ConfigMaps only the metadata is asked for, by their label',
  async t => {
    const server = await startServer(t)
    const labelled = (name: string, value: string, namespace = 'shop') => ({
      ...object(name, { '1.sql': 'SELECT 1;' }, namespace),
      metadata: { name, namespace, labels: { 'atlas-admission.io/consolidated': value } },
    })
    const merged = labelled('merged', 'true')
    for (const object of [merged, labelled('no', 'false'), labelled('far', 'true', 'elsewhere')])
      server.putCore('configmaps', object)
    server.putCore('configmaps', object('files', {}))
    const { cluster } = await openSynced(t, server)
    const read = (namespace = 'shop') => cluster.consolidatedConfigMaps(namespace, unhurried)
    t.strictSame(await read(), [merged.metadata])
    t.match(server.requests.at(-1), /labelSelector=atlas-admission\.io%2Fconsolidated%3Dtrue$/)
    t.strictSame(await read('no/name'), [], 'no such namespace')
    for (const body of ['{}', '{"items":[{"metadata":{"name":1}}]}']) {
      server.fail('selection', { body })
      t.strictSame(await read(), [])
    }
    server.fail('selection', 403)
    await t.rejects(read(), {
      name: 'ClusterError',
      message: 'no right to list configmaps in namespace shop (RBAC: list configmaps)',
    })
  },
)

void t.test('requests share their connections, over TLS too', async t => {
  const issued = await issueSelfSigned({ dnsNames: [], ipAddresses: ['127.0.0.1'], days: 1 })
  const server = new FakeApiServer({ key: issued.key, cert: issued.cert })
  await server.listen()
  t.teardown(() => server.close())
  server.putCore('secrets', object('db', {}))
  const file = temporaryFile(t, server.kubeconfig(issued.ca))
  const { cluster } = await openSynced(t, server, { access: { kind: 'kubeconfig', file } })
  for (let round = 0; round < 10; round += 1)
    t.strictSame(await cluster.readSecret('shop', 'db', unhurried), object('db', {}))
  // Twelve requests: one connection for the watch, and those that were not free yet at the next request.
  t.ok(server.connections <= 3, String(server.connections))
})

/** A folder with the files of a pod's service account. */
function serviceAccountRoot(t: Test, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'kubernetes-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const folder = path.join(root, serviceAccount)
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return root
}

const serviceAccount = 'var/run/secrets/kubernetes.io/serviceaccount'

function setEnvironment(t: Test, values: Readonly<Record<string, string>>): void {
  const names = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']
  const before = names.map(name => [name, process.env[name]] as const)
  for (const name of names) delete process.env[name]
  Object.assign(process.env, values)
  t.teardown(() => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  })
}

void t.test(
  'in a pod the service account is used, and a file of it may be away for a while',
  async t => {
    const issued = await issueSelfSigned({ dnsNames: [], ipAddresses: ['127.0.0.1'], days: 1 })
    const server = new FakeApiServer({ key: issued.key, cert: issued.cert })
    await server.listen()
    t.teardown(() => server.close())
    server.put(migration('a'))
    setEnvironment(t, {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(server.port),
    })
    const root = serviceAccountRoot(t, { token: 'sesame', 'ca.crt': issued.ca, namespace: 'own' })
    const { cluster, restarts } = await openSynced(t, server, {
      access: { kind: 'in-cluster', root },
    })
    t.strictSame(namesOf(cluster.migrations()), ['shop/a'])

    const authority = path.join(root, serviceAccount, 'ca.crt')
    rmSync(authority)
    server.endWatches()
    await until('another watch', () => restarts.length > 0)
    t.equal(restarts[0], 'the API server cannot be asked (ENOENT)')
    await t.rejects(
      cluster.readSecret('shop', 'db', unhurried),
      unread('the API server cannot be asked (ENOENT)'),
    )
    writeFileSync(authority, issued.ca)
    await until('a watch', () => server.watches === 1)
    server.put(migration('b'))
    await until('the AtlasMigrations', () => cluster.migrations().length === 2)
    t.equal(cluster.migrations().length, 2)
  },
)

type Unusable = [name: string, message: RegExp, access: (t: Test) => KubernetesOptions['access']]

const file = (text: string, context?: string) => (t: Test) => ({
  kind: 'kubeconfig' as const,
  file: temporaryFile(t, text),
  ...(context === undefined ? {} : { context }),
})

const unusable: readonly Unusable[] = [
  [
    'no pod',
    /^this is no pod of a cluster: .*; run inside a cluster, or name a kubeconfig with --kubeconfig FILE$/,
    t => {
      setEnvironment(t, {})
      return { kind: 'in-cluster' }
    },
  ],
  [
    'a pod without a token',
    /^the token of the service account cannot be read \(ENOENT\): .*; set automountServiceAccountToken: true in the pod/,
    t => {
      setEnvironment(t, { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' })
      return { kind: 'in-cluster', root: serviceAccountRoot(t, {}) }
    },
  ],
  [
    'no file',
    /^the kubeconfig \/nowhere\/config cannot be read \(ENOENT\); check --kubeconfig$/,
    () => ({ kind: 'kubeconfig', file: '/nowhere/config' }),
  ],
  [
    'a file that is no YAML',
    /^the kubeconfig \S+ cannot be read \(it is no kubeconfig\); check --kubeconfig$/,
    file('token: "s3cret'),
  ],
  ['an empty file', /^the kubeconfig \S+ cannot be read \(it is no kubeconfig\)/, file('')],
  [
    'no current context',
    /^the kubeconfig \S+ has no current context; choose one with --context: it has none$/,
    file('apiVersion: v1'),
  ],
  [
    'a context that is not there',
    /^the kubeconfig \S+ has no context "production" with a cluster; choose one with --context: staging$/,
    file('contexts: [{name: staging, context: {cluster: c, user: u}}]', 'production'),
  ],
]

for (const [name, message, access] of unusable)
  void t.test(`a configuration that leads to no API server is said at once: ${name}`, async t => {
    await t.rejects(openKubernetes({ access: access(t) }), {
      code: 'ATLAS_ADMISSION_KUBECONFIG',
      message,
    })
    await t.rejects(openKubernetes({ access: access(t) }), { message: /^(?!.*s3cret)/ })
  })

void t.test('connections are renewed after a time, and not made where the defaults do', async t => {
  const context = () => new RequestContext('https://127.0.0.1:1', HttpMethod.GET)
  const config = new PooledKubeConfig(0)
  const cluster = { name: 'c', server: 'https://127.0.0.1:1' }
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify: true }, { name: 'u' })
  const [first, second] = [context(), context()]
  await config.applySecurityAuthentication(first)
  await config.applySecurityAuthentication(second)
  t.ok(first.getDispatcher())
  t.not(first.getDispatcher(), second.getDispatcher())
  config.close()
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify: false }, { name: 'u' })
  const third = context()
  await config.applySecurityAuthentication(third)
  t.equal(third.getDispatcher(), undefined)
  config.close()
})

void t.test('a failure is named by the code it has, or by its name', async t => {
  const right = { verb: 'get', resource: 'secrets', namespace: 'shop' } as const
  const failures = [
    [Object.assign(new Error('a secret'), { code: 'ENOENT' }), 'ENOENT'],
    [new TypeError('a secret', { cause: { code: 'ECONNREFUSED' } }), 'ECONNREFUSED'],
    [new RangeError('a secret'), 'RangeError'],
    [new Error('a secret', { cause: { code: 12 } }), 'Error'],
  ] as const
  for (const [error, name] of failures)
    t.equal(failureReason(error, right), `the API server cannot be asked (${name})`)
})
