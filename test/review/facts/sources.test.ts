import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import t from 'tap'
import type { AtlasMigration, Secret } from '../../../src/policy/facts/atlas-migration.js'
import type { DirectoryFacts, TargetFacts } from '../../../src/policy/facts/facts.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { buildClusterView, withWrite } from '../../../src/review/facts/cluster-view.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import { findMissingVariables, readConfig } from '../../../src/review/facts/config-source.js'
import { readDirState } from '../../../src/review/facts/dir-state.js'
import { readDirectorySource } from '../../../src/review/facts/read-directory.js'
import { resolveDevTarget, resolveTarget } from '../../../src/review/facts/target-resolution.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  filesOf,
  migration,
  namespace,
  secret,
  unhurriedDeadline,
} from '../fakes.js'

const viewOf = (objects: ClusterObjects) =>
  buildClusterView(fakeCluster(objects), unhurriedDeadline())
const forbidden = new ClusterError('no right to get it')

void t.test('a URL does not show itself', async t => {
  const url = new ConcealedUrl('postgres://u:hunter2@h/d')
  t.equal(url.reveal(), 'postgres://u:hunter2@h/d')
  t.notMatch(`${String(url)} ${JSON.stringify({ url })}`, 'hunter2')
  t.equal(url.fingerprint(), new ConcealedUrl(url.reveal()).fingerprint())
  t.not(url.fingerprint(), new ConcealedUrl('postgres://u:hunter3@h/d').fingerprint())
})

void t.test('an object is read once, and as the write leaves it', async t => {
  const cluster = fakeCluster({
    configMaps: { one: configMap('one', { a: 'old' }) },
    secrets: { one: secret('one', { a: 'old' }) },
  })
  const view = buildClusterView(cluster, unhurriedDeadline())
  await Promise.all([view.readConfigMap(namespace, 'one'), view.readConfigMap(namespace, 'one')])
  t.same(cluster.reads, ['ConfigMap one'])
  const written = withWrite(view, { kind: 'ConfigMap', namespace, name: 'one', object: null })
  t.same(await written.readConfigMap(namespace, 'one'), { value: null })
  t.match(await written.readSecret(namespace, 'one'), { value: { metadata: { name: 'one' } } })
  const object = secret('one', { a: 'new' })
  const rotated = withWrite(view, { kind: 'Secret', namespace, name: 'one', object })
  t.same(await rotated.readSecret(namespace, 'one'), { value: object })
  t.match(await rotated.readConfigMap(namespace, 'one'), { value: { data: { a: 'old' } } })
  t.equal(withWrite(view, null), view)
})

void t.test('a failure of the cluster is a reading, a fault of ours is not', async t => {
  const view = viewOf({ configMaps: { denied: forbidden, broken: new TypeError('bug') } })
  t.same(await view.readConfigMap(namespace, 'denied'), { unreadable: 'no right to get it' })
  await t.rejects(view.readConfigMap(namespace, 'broken'), TypeError)
  const cluster = { ...fakeCluster(), configMapNames: async () => Promise.reject(forbidden) }
  t.same(await buildClusterView(cluster, unhurriedDeadline()).configMapNames(namespace, 'x'), [])
})

type DirectoryCase = [
  name: string,
  dir: AtlasMigration['spec']['dir'],
  expected: DirectoryFacts['kind'],
]

const directoryCases: DirectoryCase[] = [
  ['none when spec.dir is empty', {}, 'none'],
  ['none when remote has no name', { remote: { tag: 'v1' } }, 'none'],
  [
    'remote before anything else',
    { remote: { name: 'r' }, local: {}, configMapRef: { name: 'd' } },
    'remote',
  ],
  [
    'conflicting with local and configMapRef',
    { local: {}, configMapRef: { name: 'd' } },
    'conflicting',
  ],
  ['read from local, even an empty one', { local: {} }, 'read'],
  ['read from the ConfigMap', { configMapRef: { name: 'd' } }, 'read'],
  ['missing', { configMapRef: { name: 'gone' } }, 'configmap-missing'],
  ['missing without a name', { configMapRef: {} }, 'configmap-missing'],
  ['unreadable', { configMapRef: { name: 'denied' } }, 'unreadable'],
]

void t.test('the directory is', async t => {
  const configMaps = {
    d: { ...configMap('d', filesOf('1')), binaryData: { 'x.sql': '' } },
    bare: { metadata: {} },
    denied: forbidden,
    'gone-0123456789': configMap('gone-0123456789', {}),
    'gone-else': configMap('gone-else', {}),
  }
  for (const [name, dir, expected] of directoryCases) {
    const facts = await readDirectorySource(
      viewOf({ configMaps }),
      migration('m', { dir: dir ?? {} }),
    )
    t.equal(facts.kind, expected, name)
  }
  const read = await readDirectorySource(
    viewOf({ configMaps }),
    migration('m', { dir: { configMapRef: { name: 'd' } } }),
  )
  t.match(read, { source: 'configmap', name: 'd', binaryKeys: ['x.sql'] })
  const bare = await readDirectorySource(
    viewOf({ configMaps }),
    migration('m', { dir: { configMapRef: { name: 'bare' } } }),
  )
  t.match(bare, { kind: 'read', data: {}, binaryKeys: [] })
  const gone = await readDirectorySource(
    viewOf({ configMaps }),
    migration('m', { dir: { configMapRef: { name: 'gone' } } }),
  )
  t.match(gone, { similar: ['gone-0123456789'] })
  t.equal(
    (await readDirectorySource(viewOf({}), { metadata: {}, spec: { dir: { local: {} } } })).kind,
    'read',
  )
  const nameless = { metadata: {}, spec: { dir: { configMapRef: { name: 'd' } } } }
  t.equal((await readDirectorySource(viewOf({ configMaps }), nameless)).kind, 'read')
})

const key = (name: string, at = 'url') => ({ secretKeyRef: { name, key: at } })

type TargetCase = [
  name: string,
  spec: AtlasMigration['spec'],
  expected: Partial<Extract<TargetFacts, { kind: 'resolved' }>['target']> | TargetFacts['kind'],
]

const targetCases: TargetCase[] = [
  ['none without any source', {}, 'none'],
  ['none with credentials that have no host', { credentials: { user: 'u' } }, 'none'],
  [
    'url',
    { url: 'postgres://u:p@a:1/d' },
    { host: 'a', port: 1, database: 'd', fromSecret: false },
  ],
  [
    'urlFrom before url',
    { url: 'postgres://a/d', urlFrom: key('db') },
    { host: 'from-secret', fromSecret: true },
  ],
  ['a urlFrom without a reference is none', { url: 'postgres://a/d', urlFrom: {} }, { host: 'a' }],
  [
    'url before credentials',
    { url: 'postgres://a/d', credentials: { scheme: 'postgres', host: 'b' } },
    { host: 'a' },
  ],
  [
    'credentials with everything inline',
    {
      credentials: {
        scheme: 'postgres',
        user: 'u@x',
        password: 'p/w?d',
        host: 'b',
        port: 5,
        database: 'd e',
        parameters: { search_path: 'app', sslmode: 'disable' },
      },
    },
    {
      host: 'b',
      port: 5,
      database: 'd e',
      boundSchema: 'app',
      revisionsSchema: 'app',
      fromSecret: false,
    },
  ],
  [
    'credentials from Secrets before inline ones',
    {
      credentials: {
        scheme: 'postgres',
        user: 'x',
        userFrom: key('db', 'user'),
        passwordFrom: key('db', 'password'),
        host: 'x',
        hostFrom: key('db', 'host'),
        database: '/d',
      },
    },
    { host: 'secret-host', database: 'd', fromSecret: true },
  ],
  ['unknown scheme of credentials', { credentials: { host: 'b' } }, 'invalid'],
  ['a URL that is none', { url: 'not a url' }, 'invalid'],
  ['unresolved without the Secret', { urlFrom: key('gone') }, 'unresolved'],
  ['unresolved without the key', { urlFrom: key('db', 'gone') }, 'unresolved'],
  ['unresolved without a name', { urlFrom: { secretKeyRef: { key: 'url' } } }, 'unresolved'],
  ['unresolved without rights', { urlFrom: key('denied') }, 'unresolved'],
  [
    'unresolved credentials',
    { credentials: { host: 'b', passwordFrom: key('gone') } },
    'unresolved',
  ],
  [
    'revisionsSchema before the bound schema',
    { url: 'postgres://a/d?search_path=app', revisionsSchema: 'r' },
    { boundSchema: 'app', revisionsSchema: 'r' },
  ],
  [
    'the default schema',
    { url: 'postgres://a/d' },
    { boundSchema: null, revisionsSchema: 'atlas_schema_revisions' },
  ],
]

const secrets = {
  db: secret('db', {
    url: 'postgres://u:p@from-secret/d',
    user: 'u',
    password: 'p',
    host: 'secret-host',
  }),
  denied: forbidden,
}

void t.test('the target is', async t => {
  for (const [name, spec, expected] of targetCases) {
    const { facts, url } = await resolveTarget(viewOf({ secrets }), migration('m', spec))
    if (typeof expected === 'string') t.equal(facts.kind, expected, name)
    else t.match(facts, { kind: 'resolved', target: expected }, name)
    t.equal(url !== null, facts.kind === 'resolved', name)
    t.notMatch(JSON.stringify(facts), 'p/w?d')
  }
  const elsewhere = { metadata: {}, spec: { urlFrom: key('db'), credentials: {} } }
  t.equal((await resolveTarget(viewOf({ secrets }), elsewhere)).facts.kind, 'resolved')
  const inNoNamespace = { metadata: {}, spec: { credentials: { host: 'h', scheme: 'postgres' } } }
  t.equal((await resolveTarget(viewOf({}), inNoNamespace)).facts.kind, 'resolved')
  const credentials = { host: 'h', scheme: 'postgres', passwordFrom: key('db', 'password') }
  t.equal(
    (await resolveTarget(viewOf({ secrets }), { metadata: {}, spec: { credentials } })).facts.kind,
    'resolved',
  )
})

void t.test('a missing reference says which, why, and whether its coming is noticed', async t => {
  const view = viewOf({ secrets })
  const url = await resolveTarget(view, migration('m', { urlFrom: key('gone') }))
  t.same(url.missing, [
    {
      path: 'spec.urlFrom.secretKeyRef',
      secret: 'gone',
      key: 'url',
      reason: 'secret-not-found',
      unwatched: false,
    },
  ])
  const credentials = {
    hostFrom: key('db', 'x'),
    userFrom: key('denied'),
    passwordFrom: key('gone'),
  }
  const parts = await resolveTarget(view, migration('m', { credentials }))
  t.same(
    parts.missing.map(({ path, reason, unwatched }) => [path, reason, unwatched]),
    [
      ['spec.credentials.userFrom.secretKeyRef', 'unreadable', true],
      ['spec.credentials.passwordFrom.secretKeyRef', 'secret-not-found', false],
      ['spec.credentials.hostFrom.secretKeyRef', 'key-not-found', true],
    ],
  )
})

void t.test('the dev database: devURLFrom before devURL', async t => {
  const view = viewOf({ secrets })
  const inline = await resolveDevTarget(view, migration('m', { devURL: 'postgres://dev/d' }))
  t.match(inline.facts, { target: { host: 'dev' } })
  const from = await resolveDevTarget(
    view,
    migration('m', { devURL: 'postgres://dev/d', devURLFrom: key('db') }),
  )
  t.match(from.facts, { target: { host: 'from-secret' } })
  t.equal((await resolveDevTarget(view, migration('m', {}))).facts.kind, 'none')
})

void t.test('a custom config: configFrom before config', async t => {
  const view = viewOf({ secrets: { config: secret('config', { hcl: 'env "x" {}' }) } })
  const read = async (spec: AtlasMigration['spec']) => readConfig(view, migration('m', spec))
  t.same((await read({})).facts, { kind: 'none' })
  t.match((await read({ config: 'a' })).facts, { document: { complete: false } })
  t.match((await read({ config: 'a', configFrom: key('config', 'hcl') })).facts, {
    document: { complete: true, body: { blocks: [{ type: 'env', labels: ['x'] }] } },
  })
  const gone = await read({ configFrom: key('gone') })
  t.match(gone, {
    facts: { kind: 'unreadable' },
    missing: [{ path: 'spec.configFrom.secretKeyRef' }],
  })
  const nowhere = { metadata: {}, spec: { configFrom: key('config', 'hcl') } }
  t.equal((await readConfig(view, nowhere)).facts.kind, 'read')
  const shared = { configFrom: key('config', 'hcl') }
  const [one, other] = await Promise.all([read(shared), read(shared)])
  t.equal(
    one.facts.kind === 'read' && one.facts.document,
    other.facts.kind === 'read' && other.facts.document,
    'one text is parsed once in a review',
  )
})

void t.test('variables whose Secret is missing', async t => {
  const vars = [
    { key: 'a', value: 'x' },
    { key: 'b', valueFrom: key('gone') },
    ...['there', 'gone', 'denied', 'keyless'].map(name => ({
      valueFrom: { configMapKeyRef: { name, key: 'k' } },
    })),
    { valueFrom: { configMapKeyRef: { key: 'k' } } },
  ]
  const configMaps = {
    there: configMap('there', { k: 'v' }),
    keyless: { metadata: {} },
    denied: forbidden,
  }
  const missing = await findMissingVariables(viewOf({ configMaps }), migration('m', { vars }))
  t.same(
    missing.map(({ path, reason }) => [path, reason]),
    [
      ['spec.vars[1].valueFrom.secretKeyRef', 'secret-not-found'],
      ['spec.vars[3].valueFrom.configMapKeyRef', 'secret-not-found'],
      ['spec.vars[4].valueFrom.configMapKeyRef', 'unreadable'],
      ['spec.vars[5].valueFrom.configMapKeyRef', 'key-not-found'],
      ['spec.vars[6].valueFrom.configMapKeyRef', 'secret-not-found'],
    ],
  )
  t.same(await findMissingVariables(viewOf({}), { metadata: {}, spec: {} }), [])
})

async function dirStateOf(value: Partial<Secret> | undefined) {
  const name = 'io.atlasgo.db.v1.m.latest'
  const secrets = value && { [name]: { metadata: {}, type: 'atlasgo.io/db.v1', ...value } }
  return readDirState(viewOf(secrets ? { secrets } : {}), namespace, 'm')
}

const archived = (content: Uint8Array | string) => ({
  data: { 'migrations.tar.gz': Buffer.from(content).toString('base64') },
})

void t.test('the dir-state', async t => {
  t.same(await dirStateOf(undefined), { kind: 'absent' })
  const tar = await packTar([
    { header: { name: 'folder', size: 0, type: 'directory' } },
    { header: { name: 'atlas.sum', size: 3 }, body: 'h1:' },
    { header: { name: '1_a.sql', size: 12 }, body: '\uFEFFSELECT 1;' },
  ])
  const read = await dirStateOf(archived(gzipSync(tar)))
  t.match(read, {
    kind: 'read',
    directory: { sumText: 'h1:', files: [{ content: '\uFEFFSELECT 1;' }] },
  })
  const unreadable: [name: string, secret: Partial<Secret>, reason: RegExp][] = [
    ['of another type', { type: 'Opaque' }, /type is not/],
    ['without data', {}, /no key/],
    ['not gzip', archived('plain'), /not gzip/],
    ['not tar', archived(gzipSync(Buffer.alloc(2048, 'x'))), /not a tar/],
    ['a bomb', archived(gzipSync(Buffer.alloc(9 * 1024 * 1024))), /more than 8 MiB/],
  ]
  for (const [name, value, reason] of unreadable) {
    t.match(await dirStateOf(value), { kind: 'unreadable', reason }, name)
  }
  const denied = viewOf({ secrets: { 'io.atlasgo.db.v1.m.latest': forbidden } })
  t.match(await readDirState(denied, namespace, 'm'), { kind: 'unreadable' })
})

void t.test('Helm is known by what it writes on an object', async t => {
  const signs = [
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    { labels: { 'helm.sh/chart': 'shop-1.0.0' } },
    { annotations: { 'meta.helm.sh/release-name': 'shop' } },
  ]
  const others = [{}, { labels: { 'app.kubernetes.io/managed-by': 'kustomize' } }]
  const read = (metadata: object) => {
    const inline = migration('shop', { dir: { local: { 'atlas.sum': '' } } })
    return readDirectorySource(viewOf({}), {
      ...inline,
      metadata: { ...inline.metadata, ...metadata },
    })
  }
  for (const sign of signs) t.match(await read(sign), { kind: 'read', isFromHelm: true })
  for (const other of others) t.notOk('isFromHelm' in (await read(other)))
})
