import { test, type Test } from 'tap'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'
import { configMap, filesOf, migration, namespace, secret } from '../review/fakes.js'

/** Nobody listens there, so what is denied here is denied without a database. */
const url = 'postgres://app@127.0.0.1:1/app'
const policy = 'database: { allowedHosts: [127.0.0.1] }'

const files = configMap('files', filesOf('1', '2'))
/** Files without atlas.sum: the operator refuses them. */
const broken = { ...files, data: { '1_x.sql': 'SELECT 1;' } }
const database = secret('db', { url })
const config = secret('config', { hcl: 'env "e" {}' })
const app = migration('app', {
  urlFrom: { secretKeyRef: { name: 'db', key: 'url' } },
  configFrom: { secretKeyRef: { name: 'config', key: 'hcl' } },
  envName: 'e',
  dir: { configMapRef: { name: 'files' } },
})

const asStored = (kind: string, object: object) => ({ apiVersion: 'v1', kind, ...object })
const stored = [
  app,
  asStored('ConfigMap', files),
  asStored('Secret', database),
  asStored('Secret', config),
]

const dying = <T extends { readonly metadata: object }>(object: T): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    deletionTimestamp: '2026-01-01T00:00:00Z',
    finalizers: ['example.com/hold'],
  },
})

const released = <T extends { readonly metadata: object }>(object: T): T => ({
  ...object,
  metadata: { ...dying(object).metadata, finalizers: [] },
})

function write(
  gate: AttackedGate,
  kind: 'AtlasMigration' | 'ConfigMap' | 'Secret',
  parts: Record<string, unknown>,
) {
  const group =
    kind === 'AtlasMigration'
      ? { group: 'db.atlasgo.io', version: 'v1alpha1' }
      : { group: '', version: 'v1' }
  const operation = 'oldObject' in parts ? 'UPDATE' : 'CREATE'
  return gate
    .post(reviewOf({ kind: { ...group, kind }, name: undefined, operation, ...parts }), 10)
    .then(({ response }) => response)
}

const start = (t: Test) => startAttackedGate(t, { objects: stored, policy })

void test('a ConfigMap that is being deleted is not emptied while an AtlasMigration uses it', async t => {
  const gate = await start(t)
  const oldObject = dying(files)
  const emptied = await write(gate, 'ConfigMap', { oldObject, object: { ...oldObject, data: {} } })
  t.match(emptied, { allowed: false, status: { code: 403 } })
  const changed = { ...oldObject, data: broken.data }
  t.equal((await write(gate, 'ConfigMap', { oldObject, object: changed })).allowed, false)
  const freed = await write(gate, 'ConfigMap', { oldObject, object: released(files) })
  t.match(freed, { allowed: true, warnings: undefined }, 'its finalizer can go')
  const unused = { ...dying(files), metadata: { ...dying(files).metadata, name: 'unused' } }
  const free = await write(gate, 'ConfigMap', {
    oldObject: unused,
    object: { ...unused, data: {} },
  })
  t.equal(free.allowed, true, 'nobody uses it')
})

void test('a Secret that is being deleted does not move a database unseen', async t => {
  const gate = await start(t)
  const oldObject = dying(database)
  const moved = { ...oldObject, data: secret('db', { url: 'nonsense://x' }).data }
  const answer = await write(gate, 'Secret', { oldObject, object: moved })
  // What a Secret says is a warning, without a database to prove it.
  t.match(answer.warnings?.join('\n'), 'url-invalid')
  t.equal((await write(gate, 'Secret', { oldObject, object: released(database) })).allowed, true)
})

void test('what a custom atlas.hcl decides is said to be unchecked, once, wherever it comes from', async t => {
  const gate = await start(t)
  const unchecked = /sets url, and atlas.hcl is not evaluated here/
  const inline = migration('new', {
    url,
    envName: 'e',
    config: 'env "e" { url = getenv("DATABASE_URL") }',
    dir: { local: filesOf('1') },
  })
  const created = await write(gate, 'AtlasMigration', { object: inline })
  t.match(created, { allowed: true, warnings: [unchecked] })
  const edited = { ...inline, spec: { ...inline.spec, backoffLimit: 3 } }
  const again = await write(gate, 'AtlasMigration', { object: edited, oldObject: inline })
  t.match(again, { allowed: true, warnings: undefined })
  const broad = { ...inline, spec: { ...inline.spec, config: 'env "e" { url = ' } }
  const cut = await write(gate, 'AtlasMigration', { object: broad, oldObject: app })
  t.match(cut.warnings, [/has parts that cannot be followed, and may name another database/])
  const hcl = secret('config', { hcl: 'env "e" { url = var.url }' })
  const bySecret = await write(gate, 'Secret', { object: hcl, oldObject: config })
  t.match(bySecret, { allowed: true })
  t.match(bySecret.warnings?.join('\n'), unchecked)
})

void test('a directory is judged however it comes to be the one that is used', async t => {
  const gate = await start(t)
  const bad = migration('app', { url, dir: { local: broken.data } })
  const other = asStored('ConfigMap', { ...broken, metadata: { name: 'other', namespace } })
  gate.store([...stored, other])
  const pointed = { ...app, spec: { ...app.spec, dir: { configMapRef: { name: 'other' } } } }
  const named = (object: object) => ({ ...object, apiVersion: 'v1', kind: 'Pod' })
  const nothing = { metadata: files.metadata }
  const ways: readonly [string, Promise<{ readonly allowed: boolean }>][] = [
    ['deleted and made again', write(gate, 'AtlasMigration', { object: bad })],
    ['its ConfigMap deleted and made again', write(gate, 'ConfigMap', { object: broken })],
    [
      'an immutable ConfigMap',
      write(gate, 'ConfigMap', { object: { ...broken, immutable: true }, oldObject: files }),
    ],
    [
      'files moved to binaryData',
      write(gate, 'ConfigMap', {
        object: { ...nothing, binaryData: { '1_x.sql': 'AA==' } },
        oldObject: files,
      }),
    ],
    [
      'an old object that cannot be read',
      write(gate, 'ConfigMap', { object: broken, oldObject: { data: 5 } }),
    ],
    [
      'an old AtlasMigration that cannot be read',
      write(gate, 'AtlasMigration', { object: bad, oldObject: { spec: 5 } }),
    ],
    ['another kind in the object', write(gate, 'AtlasMigration', { object: named(bad) })],
    [
      'another version in the request',
      write(gate, 'AtlasMigration', {
        object: bad,
        kind: { group: 'db.atlasgo.io', version: 'v2', kind: 'AtlasMigration' },
      }),
    ],
    [
      'another namespace in the object',
      write(gate, 'ConfigMap', {
        object: { ...broken, metadata: { name: 'files', namespace: 'elsewhere' } },
        oldObject: files,
      }),
    ],
    [
      'no name yet',
      write(gate, 'AtlasMigration', {
        object: { ...bad, metadata: { generateName: 'app-', namespace } },
      }),
    ],
    [
      'an override that the policy does not allow',
      write(gate, 'AtlasMigration', {
        object: {
          ...bad,
          metadata: {
            ...bad.metadata,
            annotations: { 'atlas-admission.io/allow': 'checksum-missing: trust me; *: all' },
          },
        },
      }),
    ],
    ['a dry run', write(gate, 'ConfigMap', { object: broken, oldObject: files, dryRun: true })],
  ]
  for (const [way, answer] of ways) t.equal((await answer).allowed, false, way)
  for (let tries = 0; tries < 100; tries++) {
    const { allowed } = await write(gate, 'AtlasMigration', { object: pointed, oldObject: app })
    if (!allowed) return t.pass('pointed to another ConfigMap')
  }
  return t.fail('the folder was not followed, or the other ConfigMap not judged')
})
