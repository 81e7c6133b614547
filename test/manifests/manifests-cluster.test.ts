import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t, { type Test } from 'tap'
import { buildDeliveryCluster } from '../../src/manifests/delivery-cluster.js'
import { formatManifestProblem } from '../../src/manifests/text/manifest-problem.js'
import {
  openManifests,
  type ManifestsCluster,
  type ManifestsOptions,
} from '../../src/manifests/manifests-cluster.js'
import { ManifestsFolderError } from '../../src/manifests/read/manifests-folder-error.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { until } from '../until.js'

const deadline: Deadline = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }

function makeFolder(t: Test, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'manifests-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) write(folder, name, text)
  return folder
}

function write(folder: string, name: string, text: string): void {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const configMap = (name: string, text = 'x', namespace = 'app'): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { '1.sql': text },
  })

const migration = (name: string, spec: object, namespace = 'app'): string =>
  JSON.stringify({
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace },
    spec,
  })

const secret = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'app' },
    stringData: { url: 'postgres://u:s3cret@h/d' },
  })

async function open(
  t: Test,
  folder: string,
  options: ManifestsOptions = {},
): Promise<ManifestsCluster> {
  const cluster = await openManifests(folder, { pollMs: 60_000, settleMs: 20, ...options })
  t.teardown(() => cluster.close())
  return cluster
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function text(cluster: ManifestsCluster, name: string): Promise<string | undefined> {
  return (await cluster.readConfigMap('app', name, deadline))?.data?.['1.sql']
}

void t.test('a folder answers like a cluster', async t => {
  const cluster = await open(
    t,
    makeFolder(t, {
      'a.yaml': [configMap('one'), configMap('one-b2c3'), configMap('one', 'other', 'other')].join(
        '\n---\n',
      ),
      'deep/er/b.yml': migration('m', {
        dir: { configMapRef: { name: 'one' } },
        urlFrom: { secretKeyRef: { name: 's', key: 'url' } },
        devURLFrom: { secretKeyRef: { name: 's', key: 'dev' } },
      }),
      'deep/c.json': migration('n', { dir: { configMapRef: { name: 'one' } } }),
      'd.JSON': secret('s'),
      'e.yaml':
        'apiVersion: apps/v1\nkind: Deployment\n---\napiVersion: apps/v1\nkind: Deployment\n',
      'notes.txt': ': not read :',
      '.git/x.yaml': configMap('hidden'),
    }),
  )
  const names = (found: readonly { metadata: { name?: string } }[]): string[] =>
    found.map(({ metadata }) => String(metadata.name))
  t.strictSame(cluster.problems(), [])
  t.strictSame(cluster.skippedKinds(), ['apps/v1 Deployment'])
  t.equal(await text(cluster, 'one'), 'x')
  t.equal(await text(cluster, 'hidden'), undefined)
  t.equal(await cluster.readConfigMap('app', 'none', deadline), null)
  t.match(await cluster.readSecret('app', 's', deadline), {
    data: { url: Buffer.from('postgres://u:s3cret@h/d').toString('base64') },
  })
  t.equal(await cluster.readSecret('other', 's', deadline), null)
  t.strictSame(await cluster.configMapNames('app', 'one-', deadline), ['one-b2c3'])
  t.strictSame(names(cluster.migrations()), ['n', 'm'], 'in the order of the paths')
  t.strictSame(names(cluster.migrationsOfConfigMap('app', 'one')), ['n', 'm'])
  t.strictSame(names(cluster.migrationsOfConfigMap('other', 'one')), [])
  t.strictSame(names(cluster.migrationsOfSecret('app', 's')), ['m'])
  t.strictSame(names(cluster.migrationsOfSecret('app', 'none')), [])
})

void t.test('ConfigMaps that consolidate others are known by their annotation', async t => {
  const annotations = { 'atlas-admission.io/consolidates': 'one,two' }
  const merged = (namespace: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'merged', namespace, annotations },
    })
  const files = { 'a.yaml': `${merged('app')}\n---\n${merged('other')}\n---\n${configMap('one')}` }
  const cluster = await open(t, makeFolder(t, files))
  const expected = [{ name: 'merged', namespace: 'app', annotations }]
  t.strictSame(await cluster.consolidatedConfigMaps('app', deadline), expected)
  const delivery = buildDeliveryCluster()
  for (const metadata of [...expected, { name: 'one', namespace: 'app' }])
    delivery.put({ kind: 'ConfigMap', object: { metadata } })
  t.strictSame(await delivery.consolidatedConfigMaps('app', deadline), expected)
})

void t.test('problems name file, line and column, and never a value', async t => {
  const folder = makeFolder(t, {
    'a.yaml': `${configMap('same', 'first')}\n---\n${migration('m', {})}`,
    'b.yaml': configMap('same', 'second'),
    'broken.yaml': 'a: s3cret\na: s3cret\n',
    'wrong.yaml': migration('w', { url: 1 }),
    'z/m.yaml': migration('m', {}),
  })
  const column = migration('w', { url: 1 }).indexOf('"url"') + 1
  symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'link.yaml'))
  symlinkSync(folder, path.join(folder, 'z', 'circle'))
  const cluster = await open(t, folder)
  t.strictSame(
    cluster.problems().map(problem => formatManifestProblem(problem).replaceAll(`${folder}/`, '')),
    [
      'broken.yaml:2:1: the same key twice in one map; remove one of them',
      'link.yaml:1:1: cannot be read (ENOENT)',
      `wrong.yaml:1:${column}: spec.url: expected string, found integer (put it in quotes)`,
      'b.yaml:1:1: ConfigMap app/same is also in a.yaml:1:1; that one counts, this one is ignored: rename or remove one of them',
      'z/m.yaml:1:1: AtlasMigration app/m is also in a.yaml:3:1; that one counts, this one is ignored: rename or remove one of them',
    ],
  )
  t.equal(await text(cluster, 'same'), 'first')
  t.equal(cluster.migrations().length, 1)
})

void t.test('a folder that cannot be read', async t => {
  const folder = makeFolder(t, { 'file.yaml': '' })
  type Case = [path: string, found: RegExp]
  const cases: Case[] = [
    [path.join(folder, 'none'), /found nothing there/],
    [path.join(folder, 'file.yaml'), /found a file/],
    [`${folder}/${'x'.repeat(300)}`, /found ENAMETOOLONG/],
  ]
  for (const [name, message] of cases) {
    const error = await openManifests(name).catch((error: unknown) => error)
    t.ok(error instanceof ManifestsFolderError)
    t.match(error, { code: 'ATLAS_ADMISSION_MANIFESTS_FOLDER', message })
  }
})

void t.test('changes of the files are followed', async t => {
  const folder = makeFolder(t, { 'a.yaml': configMap('one', '1') })
  const cluster = await open(t, folder)
  const changed = async (name: string, value: string | undefined): Promise<void> =>
    until('the new text', async () => (await text(cluster, name)) === value)

  write(folder, 'a.yaml', configMap('one', '2'))
  await changed('one', '2')
  write(folder, 'new/folder/b.yaml', configMap('two', '1'))
  await changed('two', '1')
  write(folder, 'new/folder/b.yaml', configMap('two', '2'))
  await changed('two', '2')
  renameSync(path.join(folder, 'new'), path.join(folder, 'moved'))
  write(folder, 'moved/folder/m.yaml', migration('m', { dir: { configMapRef: { name: 'two' } } }))
  await until('the AtlasMigration', () => cluster.migrationsOfConfigMap('app', 'two').length === 1)
  t.equal(await text(cluster, 'two'), '2')
  rmSync(path.join(folder, 'moved'), { recursive: true })
  await changed('two', undefined)
  t.strictSame(cluster.migrations(), [])

  cluster.close()
  write(folder, 'a.yaml', configMap('one', '3'))
  await pause(150)
  t.equal(await text(cluster, 'one'), '2', 'no longer after close')
})

void t.test('a broken file keeps its last good objects until it is repaired', async t => {
  const folder = makeFolder(t, { 'a.yaml': configMap('one', '1') })
  const cluster = await open(t, folder)
  write(folder, 'a.yaml', '{"apiVersion": "v1", "kind": "Conf')
  await until('a problem', () => cluster.problems().length > 0)
  t.match(cluster.problems()[0], { file: path.join(folder, 'a.yaml'), line: 1 })
  t.equal(await text(cluster, 'one'), '1')
  write(folder, 'a.yaml', configMap('one', '2'))
  await until('no problem', () => cluster.problems().length === 0)
  t.equal(await text(cluster, 'one'), '2')
})

void t.test('a file that is being written counts once it rests', async t => {
  const folder = makeFolder(t, { 'a.yaml': configMap('one', '1') })
  const cluster = await open(t, folder, { settleMs: 1000 })
  const seen = new Set<string | undefined>()
  cluster.onChange(() => void text(cluster, 'one').then(value => seen.add(value)))
  truncateSync(path.join(folder, 'a.yaml'))
  await pause(100)
  write(folder, 'a.yaml', configMap('one', '2'))
  await until('the new text', async () => (await text(cluster, 'one')) === '2')
  t.strictSame([...seen], ['2'], 'it never looked deleted')
})

void t.test('a mounted ConfigMap is swapped by a link', async t => {
  // As the kubelet lays out a volume: a.yaml -> ..data/a.yaml, ..data -> ..2026_1.
  const folder = makeFolder(t, {
    '..2026_1/a.yaml': configMap('one', '1'),
    '..2026_2/a.yaml': configMap('one', '2'),
  })
  symlinkSync('..2026_1', path.join(folder, '..data'))
  symlinkSync('..data/a.yaml', path.join(folder, 'a.yaml'))
  const cluster = await open(t, folder)
  t.equal(await text(cluster, 'one'), '1')
  symlinkSync('..2026_2', path.join(folder, '..tmp'))
  renameSync(path.join(folder, '..tmp'), path.join(folder, '..data'))
  await until('the new text', async () => (await text(cluster, 'one')) === '2')
  t.strictSame(cluster.problems(), [])
})

void t.test('what no watch tells is found by polling', async t => {
  const folder = makeFolder(t, { '.elsewhere/real.yaml': configMap('one', '1') })
  const elsewhere = path.join(folder, '.elsewhere')
  symlinkSync(path.join(elsewhere, 'real.yaml'), path.join(folder, 'a.yaml'))
  const cluster = await open(t, folder, { pollMs: 30 })
  write(elsewhere, 'real.yaml', configMap('one', '2'))
  // A clock that runs ahead must not make the file young for ever.
  utimesSync(path.join(elsewhere, 'real.yaml'), new Date(), new Date(Date.now() + 3_600_000))
  await until('the new text', async () => (await text(cluster, 'one')) === '2')
  rmSync(path.join(elsewhere, 'real.yaml'))
  await until('a problem', () => cluster.problems().length > 0)
  await until("the object's end", async () => (await text(cluster, 'one')) === undefined)
  t.match(cluster.problems(), [{ message: 'cannot be read (ENOENT)' }])
})

void t.test(
  'a folder that vanishes keeps its objects, and is followed again when it returns',
  async t => {
    const folder = makeFolder(t, { 'in/a.yaml': configMap('one', '1') })
    const inner = path.join(folder, 'in')
    const cluster = await open(t, inner, { pollMs: 30 })
    let changes = 0
    cluster.onChange(() => changes++)
    renameSync(inner, `${inner}-gone`)
    await until('a problem', () => cluster.problems().length > 0)
    await pause(100)
    t.equal(changes, 1, 'said once')
    t.match(cluster.problems(), [{ file: inner, message: /its last objects still count/ }])
    t.equal(await text(cluster, 'one'), '1')
    renameSync(`${inner}-gone`, inner)
    await until('no problem', () => cluster.problems().length === 0)
    t.equal(await text(cluster, 'one'), '1')
  },
)

void t.test('a file that is too large, and a link out of the folder', async t => {
  const folder = makeFolder(t, { 'large.yaml': '' })
  truncateSync(path.join(folder, 'large.yaml'), 16 * 1024 * 1024 + 1)
  symlinkSync('/dev/null', path.join(folder, 'outside.yaml'))
  const cluster = await open(t, folder)
  t.match(cluster.problems(), [
    { message: 'larger than 16 MiB' },
    { message: /^cannot be read \(a link that leads out of the folder; it is not followed\)$/ },
  ])
})
