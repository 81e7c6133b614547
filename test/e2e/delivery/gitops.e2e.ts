import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { migrate } from '../../engine/live/live-gate.js'
import { buildApiClient } from '../objects/api-calls.js'
import { buildArgoCd } from './argo-cd.js'
import {
  configMap,
  databaseSecret,
  hashed,
  type KubernetesObject,
  migration,
  type Texts,
} from '../objects/cluster-objects.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import type { Delivery } from './delivery.js'
import { buildFlux } from './flux.js'
import { buildHelm } from './helm.js'
import { installGate } from '../gate/installed-gate.js'
import { readVersions, reconcile } from '../objects/stand-in-operator.js'

/* Whole commits through the calls of Flux, Argo CD and Helm, with the gate as it is installed, and an operator that does its work after each. */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
await installAtlasCrd(kubectl)
const postgres = await startTestPostgres(t)

const api = await buildApiClient(plane.kubeconfig)
const { hasControllers } = plane
interface Tool {
  readonly title: string
  readonly build: () => Delivery
  /** What a changed ConfigMap that is denied looks like, before and after the words of the API server. */
  readonly text: (namespace: string, denial: string) => string
}

const applied = (_: string, denial: string) =>
  `one or more objects failed to apply, reason: error when patching "STDIN": ${denial} (retried 1 times).`

const tools: readonly Tool[] = [
  {
    title: 'Flux',
    build: () => buildFlux(api),
    text: (namespace, denial) => `ConfigMap/${namespace}/files apply failed, error: ${denial}`,
  },
  { title: 'Argo CD', build: () => buildArgoCd(api, kubectl, { hasControllers }), text: applied },
  {
    title: 'Argo CD with PruneLast',
    build: () => buildArgoCd(api, kubectl, { hasControllers, pruneLast: true }),
    text: applied,
  },
  {
    title: 'Helm',
    build: () => buildHelm(api),
    text: (_, denial) =>
      `Error: UPGRADE FAILED: cannot patch "files" with kind ConfigMap: ${denial}`,
  },
  {
    title: 'Helm --atomic',
    build: () => buildHelm(api, { atomic: true }),
    text: (_, denial) =>
      'Error: UPGRADE FAILED: release shop failed, and has been rolled back due to atomic being set: ' +
      `cannot patch "files" with kind ConfigMap: ${denial}`,
  },
]

/** A namespace and a database for one test. */
interface Place {
  readonly namespace: string
  readonly url: string
  readonly delivery: Delivery
  readonly operate: (name: string) => Promise<void>
}

let places = 0

async function settle(build: () => Delivery): Promise<Place> {
  const namespace = `atlas-admission-e2e-${process.pid}-${++places}`
  await kubectlOutput(kubectl, ['create', 'namespace', namespace])
  t.teardown(() => kubectl(['delete', 'namespace', namespace, '--wait=false']))
  const url = await createDatabase(postgres)
  const operate = (name: string) => reconcile(api, { namespace, name, url })
  return { namespace, url, delivery: build(), operate }
}

const users: Texts = { '20250101000000_users.sql': 'CREATE TABLE users (id bigint);\n' }
const orders: Texts = { '20250201000000_orders.sql': 'CREATE TABLE orders (id bigint);\n' }
const carts: Texts = { '20250301000000_carts.sql': 'CREATE TABLE carts (id bigint);\n' }

const one = hashed(users)
const two = hashed({ ...users, ...orders })
const three = hashed({ ...users, ...orders, ...carts })

const secret = ({ namespace, url }: Place) => databaseSecret(namespace, 'database', { url })
const files = ({ namespace }: Place, data: Texts, name = 'files') =>
  configMap(namespace, name, data)
const shop = ({ namespace }: Place, spec: object = {}, name = 'shop') =>
  migration(namespace, name, {
    urlFrom: { secretKeyRef: { name: 'database', key: 'url' } },
    dir: { configMapRef: { name: 'files' } },
    ...spec,
  })
const commit = (place: Place, data: Texts, spec: object = {}): readonly KubernetesObject[] => [
  shop(place, spec),
  files(place, data),
  secret(place),
]
const using = (name: string) => ({ dir: { configMapRef: { name } } })

/** What is there before the gate is: two directories on one table, as the gate would not let them in. */
const [schemaFiles, seedFiles, mergedFiles] = parseAllDocuments(
  await readFile('deploy/examples/directories.yaml', 'utf8'),
).map(document => (document.toJS() as { readonly data: Texts }).data) as [Texts, Texts, Texts]

async function settleLegacy(build: () => Delivery) {
  const place = await settle(build)
  const objects = [
    shop(place, using('schema'), 'schema'),
    shop(place, using('seed'), 'seed'),
    files(place, schemaFiles, 'schema'),
    files(place, seedFiles, 'seed'),
    secret(place),
  ]
  const { error } = await place.delivery.deliver(objects)
  if (error !== null) throw new Error(error)
  await migrate(place.url, schemaFiles)
  await migrate(place.url, seedFiles)
  return place
}

const ways = ['in one commit', 'in three commits', 'in the ConfigMap of the first'] as const

const legacy = await Promise.all(
  tools.flatMap(({ title, build }) =>
    ways.map(async way => ({ title, way, place: await settleLegacy(build) })),
  ),
)

const gate = await installGate(t, plane)

/** Delivers without an error, and lets the operator work. */
async function arrive(t: Test, place: Place, objects: readonly KubernetesObject[]) {
  const { error, warnings } = await place.delivery.deliver(objects)
  t.equal(error, null)
  await gate.catchUp()
  for (const { kind, metadata } of objects)
    if (kind === 'AtlasMigration') await place.operate(metadata.name)
  return warnings
}

const versions = (data: Texts) => buildDirectory(data).files.map(({ version }) => version)

for (const { title, build } of tools) {
  void t.test(`${title}: an AtlasMigration gets another name`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, two))
    const [, ...rest] = commit(place, two)
    await arrive(t, place, [shop(place, {}, 'store'), ...rest])
    // A deletion in the foreground ends when the garbage collector has looked.
    const isGone = async () => (await api.read(shop(place))) === null
    t.ok(await eventually(isGone, 30_000))
    await arrive(t, place, [shop(place, {}, 'store'), files(place, three), secret(place)])
    t.strictSame(await readVersions(place.url), versions(three))
  })

  void t.test(`${title}: a ConfigMap gets another name with each content (kustomize)`, async t => {
    const place = await settle(build)
    const named = (name: string, data: Texts) => [
      shop(place, using(name)),
      files(place, data, name),
      secret(place),
    ]
    await arrive(t, place, named('files-2k4bb8fbt7', one))
    const warnings = await arrive(t, place, named('files-9hd5c7m4ft', two))
    // Flux tries the reference before the ConfigMap is there, Argo CD deletes the old one while it is still in use.
    const isEarly = title === 'Flux' || title === 'Argo CD'
    t.equal(warnings.length, isEarly ? 1 : 0)
    for (const warning of warnings) t.match(warning, /^\[configmap-not-found\] /)
    t.strictSame(await readVersions(place.url), versions(two))
  })
}

for (const { title, build, text } of tools.filter(({ title }) => !title.endsWith('PruneLast'))) {
  void t.test(`${title}: a new install in one commit`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, two))
    t.strictSame(await readVersions(place.url), versions(two))
    t.strictSame(await arrive(t, place, commit(place, two)), [])
  })

  void t.test(`${title}: a commit that changes both`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, one))
    const warnings = await arrive(t, place, commit(place, two, { execOrder: 'non-linear' }))
    t.strictSame(warnings, [])
    t.strictSame(await readVersions(place.url), versions(two))
  })

  void t.test(`${title}: a denial, and the commit that repairs it`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, one))
    const forgotten = { ...two, 'atlas.sum': one['atlas.sum']! }
    const { error } = await place.delivery.deliver(commit(place, forgotten))
    t.match(error, /\[checksum-mismatch\] AtlasMigration .*; fix: /)
    await arrive(t, place, commit(place, three))
    t.strictSame(await readVersions(place.url), versions(three))
  })

  void t.test(`${title}: an install that is denied, and the commit that repairs it`, async t => {
    const place = await settle(build)
    const forgotten = { ...two, 'atlas.sum': one['atlas.sum']! }
    const { error } = await place.delivery.deliver(commit(place, forgotten))
    await gate.catchUp()
    t.match(error, /\[checksum-mismatch\] AtlasMigration .*; fix: /)
    await arrive(t, place, commit(place, two))
    t.strictSame(await readVersions(place.url), versions(two))
  })

  void t.test(
    `${title}: of two directories for one table in one commit, one is denied`,
    async t => {
      const place = await settle(build)
      const both = [
        shop(place, using('schema'), 'schema'),
        shop(place, using('seed'), 'seed'),
        files(place, schemaFiles, 'schema'),
        files(place, seedFiles, 'seed'),
        secret(place),
      ]
      const { error } = await place.delivery.deliver(both)
      await gate.catchUp()
      const denials = error?.match(/denied the request: \[revision-table-shared\] [^\n]*; fix: /g)
      t.equal(denials?.length, 1, error ?? 'both were let in')
      await arrive(t, place, [
        shop(place, using('merged'), 'schema'),
        files(place, mergedFiles, 'merged'),
        secret(place),
      ])
      t.strictSame(await readVersions(place.url), versions(mergedFiles))
    },
  )

  void t.test(`${title}: a denial is shown in the words of the gate`, async t => {
    const place = await settle(build)
    const { namespace } = place
    await arrive(t, place, commit(place, three))
    const { error } = await place.delivery.deliver(commit(place, one))
    const denial = await denialOf(files(place, one))
    t.equal(error, text(namespace, denial))
    const [first = '', ...details] = denial.split('\n')
    const webhook =
      'admission webhook "configmaps.validate.atlas-admission.io" denied the request: '
    t.ok(first.startsWith(`${webhook}[migrate-down-predicted] AtlasMigration ${namespace}/shop: `))
    t.match(first, /; fix: \S/)
    t.ok(first.length <= webhook.length + 200, first)
    t.ok(details.length > 0)
    for (const line of details) t.match(line, /^- \[[a-z-]+\] [ -~]{1,400}$/)
    t.ok(Buffer.byteLength(denial) <= webhook.length + 2048)
  })

  void t.test(`${title}: what was wrong before holds nothing up`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, two))
    // Somebody else's row, by hand.
    await migrate(place.url, hashed({ '20250115000000_manual.sql': 'SELECT 1;\n' }))
    const deliver = async (objects: readonly KubernetesObject[]) => {
      const { error, warnings } = await place.delivery.deliver(objects)
      t.equal(error, null)
      return warnings
    }
    const requests = await gate.requestsDuring(async () => {
      t.strictSame(await deliver(commit(place, two)), [])
    })
    t.strictSame(requests, [], 'what does not change is not even asked about')
    const [warning] = await deliver(commit(place, two, { backoffLimit: 3 }))
    t.match(warning, /^\[migrate-down-predicted\] .*: rows without a file: 20250115000000/)
    const [more] = await deliver(commit(place, three, { backoffLimit: 3 }))
    t.match(more, /^\[applied-file-missing\] .*: rows without a file: 20250115000000/)
    const manual = { '20250115000000_manual.sql': 'SELECT 1;\n' }
    const repaired = hashed({ ...users, ...manual, ...orders, ...carts })
    t.strictSame(await deliver(commit(place, repaired, { backoffLimit: 3 })), [])
    await place.operate('shop')
  })

  void t.test(`${title}: what is right only together arrives in two commits at most`, async t => {
    const place = await settle(build)
    await arrive(t, place, commit(place, two))
    const late = hashed({ ...two, '20250115000000_late.sql': 'SELECT 1;\n', ...carts })
    const spec = { execOrder: 'non-linear' }
    const { error } = await place.delivery.deliver(commit(place, late, spec))
    await gate.catchUp()
    // Argo CD applies the AtlasMigration although the ConfigMap has failed, and then tries both again.
    if (title.startsWith('Argo CD')) t.equal(error, null)
    else t.match(error, /\[file-out-of-order\] AtlasMigration .*20250115000000_late\.sql.*; fix: /)
    const [first, second] = [commit(place, two, spec), commit(place, late, spec)]
    if (error !== null) t.equal((await place.delivery.deliver(first)).error, null)
    await gate.catchUp()
    t.equal((await place.delivery.deliver(second)).error, null)
  })
}

/** What the API server says to the write itself. */
async function denialOf(object: KubernetesObject): Promise<string> {
  const method = (await api.read(object)) === null ? 'POST' : 'PUT'
  const { error } = await api.call(object, { method, body: object })
  return error?.message ?? 'it was accepted'
}

void t.test(
  'Flux: what an object alone proves is denied by the dry run, before anything is applied',
  async t => {
    const place = await settle(() => buildFlux(api))
    const { namespace, url } = place
    const objects = commit(place, hashed({ ...users, ...orders }), { devURL: url })
    const broken = { ...one, '20250101000000_users.sql': 'CREATE TABLE people (id bigint);\n' }
    const { error } = await place.delivery.deliver([files(place, broken), ...objects.slice(2)])
    t.equal(error, null, 'nobody uses it yet')
    const second = await place.delivery.deliver([
      shop(place, { dir: { local: broken } }),
      ...objects.slice(1),
    ])
    t.ok(
      second.error?.startsWith(
        `AtlasMigration/${namespace}/shop dry-run failed (Forbidden): admission webhook ` +
          `"validate.atlas-admission.io" denied the request: [checksum-mismatch] AtlasMigration ${namespace}/shop: `,
      ),
      second.error ?? '',
    )
    const stored = await api.read(files(place, {}))
    t.strictSame(stored?.['data'], broken, 'the ConfigMap, whose dry run was fine, is not applied')
  },
)

void t.test('Argo CD: nothing of a denial looks like a dump of an object', async t => {
  const place = await settle(() => buildArgoCd(api, kubectl, { hasControllers, retries: 0 }))
  const odd = { '20250101_map[x].sql': 'SELECT 1;\n', '20250102_is immutable].sql': 'SELECT 1;\n' }
  const broken = shop(place, { dir: { local: { ...odd, 'atlas.sum': one['atlas.sum'] } } })
  const { error } = await place.delivery.deliver([broken, secret(place)])
  const denial = await denialOf(broken)
  t.match(denial, /\[checksum-mismatch\]/)
  t.equal(error, `one or more objects failed to apply, reason: ${denial} (retried 0 times).`)
  t.notMatch(
    denial,
    /is immutable|immutable field/,
    'Flux would delete and create the object for that',
  )
})

const rollBacks: readonly (readonly [when: string, works: boolean])[] = [
  ['before the operator has run the new file, the old release is back', false],
  ['after the operator has run the new file, going back is denied, going on is not', true],
]
for (const [when, operatorIsFaster] of rollBacks) {
  void t.test(`Helm --atomic: ${when}`, async t => {
    let place: Place | null = null
    const beforeRollBack = async () => {
      if (operatorIsFaster) await place?.operate('shop')
    }
    place = await settle(() => buildHelm(api, { atomic: true, beforeRollBack }))
    await arrive(t, place, commit(place, two))
    const { error } = await place.delivery.deliver(commit(place, three, { devURL: place.url }))
    const [denied, ...more] = error?.match(/\[[a-z-]+\] AtlasMigration/g) ?? []
    t.equal(denied, '[dev-database-is-target] AtlasMigration')
    t.match(error, operatorIsFaster ? /while rolling back the release/ : /has been rolled back/)
    t.equal(more.includes('[migrate-down-predicted] AtlasMigration'), operatorIsFaster)
    const stored = await api.read(files(place, {}))
    t.strictSame(stored?.['data'], operatorIsFaster ? three : two)
    await arrive(t, place, commit(place, three))
    t.strictSame(await readVersions(place.url), versions(three))
  })
}

for (const { title, place, way } of legacy) {
  void t.test(`${title}: two directories are consolidated ${way}`, async t => {
    const target = way === 'in the ConfigMap of the first' ? 'schema' : 'merged'
    const schema = shop(place, using(target), 'schema')
    const rest = [files(place, mergedFiles, target), secret(place)]
    const old = [files(place, schemaFiles, 'schema'), files(place, seedFiles, 'seed')]
    if (way === 'in three commits') {
      const both = [schema, shop(place, using('seed'), 'seed'), ...rest, ...old]
      const { error } = await place.delivery.deliver(both)
      t.equal(error, null)
      await gate.catchUp()
      await arrive(t, place, [schema, ...rest, ...old])
    }
    await arrive(t, place, [schema, ...rest])
    const carts = { '20250601000000_carts.sql': 'CREATE TABLE carts (id bigint);\n' }
    const next = hashed({ ...mergedFiles, ...carts })
    await arrive(t, place, [schema, files(place, next, target), secret(place)])
    t.strictSame(await readVersions(place.url), versions(next))
  })
}
