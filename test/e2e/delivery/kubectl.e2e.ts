import t from 'tap'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { migrate } from '../../engine/live/live-gate.js'
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
import { installGate } from '../gate/installed-gate.js'

/* Every way in which kubectl writes, what it prints then, and which of those writes the API server brings to the gate. */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
await installAtlasCrd(plane.kubectl)
const [namespace, elsewhere] = ['shop', 'store'].map(
  name => `atlas-admission-e2e-${process.pid}-${name}`,
) as [string, string]
for (const name of [namespace, elsewhere]) {
  await plane.kubectl(['create', 'namespace', name])
  t.teardown(() => plane.kubectl(['delete', 'namespace', name, '--wait=false']))
}
const postgres = await startTestPostgres(t)
const gate = await installGate(t, plane)

const kubectl = (...args: readonly string[]) => plane.kubectl([`--namespace=${namespace}`, ...args])

/** kubectl with objects on its standard input. What begins with a brace it takes for JSON, which knows no `---`. */
const send = (args: readonly string[], ...objects: readonly unknown[]) =>
  plane.kubectl([...args, '--filename=-'], {
    input: objects.map(object => `---\n${JSON.stringify(object)}\n`).join(''),
  })

/** For what a test stands on; then the gate knows it. */
async function prepare(...objects: readonly KubernetesObject[]): Promise<void> {
  const { code, stderr } = await send(['apply', '--server-side'], ...objects)
  if (code !== 0) throw new Error(stderr)
  await gate.catchUp()
}

const users = { '20250101000000_users.sql': 'CREATE TABLE users (id bigint);\n' }
const orders = { '20250201000000_orders.sql': 'CREATE TABLE orders (id bigint);\n' }
const one = hashed(users)
const two = hashed({ ...users, ...orders })
/** Somebody forgot `atlas migrate hash`. */
const forgotten: Texts = { ...two, 'atlas.sum': one['atlas.sum']! }
const other = hashed({ '20240101000000_seed.sql': 'SELECT 1;\n' })

const files = (name: string, data: Texts) => configMap(namespace, name, data)
const using = (name: string) => ({ dir: { configMapRef: { name } } })

/** A database on which the files have run. */
async function createApplied(data: Texts): Promise<string> {
  const url = await createDatabase(postgres)
  await migrate(url, data)
  return url
}

const url = await createDatabase(postgres)
const local = (name: string, data: Texts, target = url) =>
  migration(namespace, name, { url: target, dir: { local: data } })

const webhooks = {
  AtlasMigration: 'validate.atlas-admission.io',
  ConfigMap: 'configmaps.validate.atlas-admission.io',
  Secret: 'secrets.validate.atlas-admission.io',
}

/** How a denial by a webhook begins, with the rule and the AtlasMigration that it is about. */
const denial = (kind: keyof typeof webhooks, rule: string, name: string) =>
  `admission webhook "${webhooks[kind]}" denied the request: ` +
  `[${rule}] AtlasMigration ${namespace}/${name}: `
const mismatch = (name: string) => denial('AtlasMigration', 'checksum-mismatch', name)

await prepare(local('fine', one))
const stored = (name: string) =>
  kubectl('get', `atlasmigration/${name}`, '--output=json', '--show-managed-fields')

const updates: readonly (readonly [title: string, args: readonly string[], prefix: RegExp])[] = [
  [
    'apply',
    ['apply'],
    /error when applying patch:\n[^]*\nfor: "STDIN": error when patching "STDIN": $/,
  ],
  ['apply, dry run', ['apply', '--dry-run=server'], /: error when patching "STDIN": $/],
  ['server-side apply', ['apply', '--server-side', '--force-conflicts'], /^$/],
  [
    'server-side apply, dry run',
    ['apply', '--server-side', '--force-conflicts', '--dry-run=server'],
    /^$/,
  ],
  ['replace', ['replace'], /^error when replacing "STDIN": $/],
  ['diff', ['diff'], /^error when patching "STDIN": $/],
  ['server-side diff', ['diff', '--server-side', '--force-conflicts'], /^$/],
]
for (const [title, args, prefix] of updates) {
  void t.test(`what ${title} would change for the worse is denied`, async t => {
    const before = await stored('fine')
    const { code, stdout, stderr } = await send(args, local('fine', forgotten))
    t.ok((code ?? 0) > 0)
    t.equal(stdout, '')
    const [server = '', rest = ''] = stderr.split(
      /(?<=^(?:Warning: [^]*\n)?Error from server \(Forbidden\): )/m,
    )
    t.match(server, /Error from server \(Forbidden\): $/)
    const at = rest.indexOf(mismatch('fine'))
    t.ok(at >= 0, stderr)
    t.match(rest.slice(0, at), prefix)
    t.strictSame(await stored('fine'), before)
  })
}

const patches: readonly (readonly [type: string, patch: unknown])[] = [
  ['merge', { spec: { dir: { local: forgotten } } }],
  ['json', [{ op: 'add', path: '/spec/dir/local/20250201000000_orders.sql', value: 'SELECT 1;' }]],
]
for (const [type, patch] of patches) {
  void t.test(`a ${type} patch for the worse is denied`, async t => {
    const change = [`--type=${type}`, `--patch=${JSON.stringify(patch)}`]
    const { code, stdout, stderr } = await kubectl('patch', 'atlasmigration/fine', ...change)
    t.equal(code, 1)
    t.equal(stdout, '')
    t.ok(stderr.startsWith(`Error from server (Forbidden): ${mismatch('fine')}`), stderr)
  })
}

void t.test('a name that the API server makes is in the denial, and in the answer', async t => {
  const metadata = { generateName: 'made-', namespace }
  const unused = await createDatabase(postgres)
  const denied = await send(['create'], { ...local('', forgotten, unused), metadata })
  t.equal(denied.code, 1)
  const name = /AtlasMigration \S+\/(made-[a-z0-9]{5}): /.exec(denied.stderr)?.[1]
  const prefix = 'Error from server (Forbidden): error when creating "STDIN": '
  t.ok(denied.stderr.startsWith(prefix + mismatch(name ?? 'none')), denied.stderr)
  const created = await send(['create'], { ...local('', one, unused), metadata })
  t.equal(created.stderr, '')
  t.match(created.stdout, /^atlasmigration\.db\.atlasgo\.io\/made-[a-z0-9]{5} created\n$/)
})

void t.test('the policy in the API server denies in the same words', async t => {
  const policy = { policy: 'atlas-admission', binding: 'atlas-admission' }
  const both = migration(namespace, 'both', { url, dir: { local: one, ...using('x').dir } })
  const run = () => send(['create'], both)
  // It is compiled a moment after it was installed.
  await eventually(async () => /ValidatingAdmissionPolicy/.test((await run()).stderr), 30_000)
  const { code, stderr } = await run()
  t.equal(code, 1)
  t.ok(
    stderr.startsWith(
      'Error from server (Forbidden): error when creating "STDIN": atlasmigrations.db.atlasgo.io "both" is ' +
        `forbidden: ValidatingAdmissionPolicy '${policy.policy}' with binding '${policy.binding}' denied ` +
        `request: [multiple-directories] AtlasMigration ${namespace}/both: `,
    ),
    stderr,
  )
})

/** Right when it was created; since then somebody has restored another database under its URL. */
const spoiled = await createApplied(one)
await prepare(local('spoiled', one, spoiled))
// The first write after a creation stores the defaults of the status, which is a change that nobody asked for.
await prepare(local('spoiled', one, spoiled))
await migrate(spoiled, other)

void t.test('the same server-side apply three times changes nothing and asks nobody', async t => {
  const apply = ['apply', '--server-side', '--field-manager=kubectl']
  const object = local('spoiled', one, spoiled)
  const before = await stored('spoiled')
  const requests = await gate.requestsDuring(async () => {
    for (const _ of [1, 2, 3]) {
      const { code, stderr } = await send(apply, object)
      t.equal(stderr, '')
      t.equal(code, 0)
      t.strictSame(await stored('spoiled'), before)
    }
  })
  t.strictSame(requests, [])
})

const harmless: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['an annotation', ['annotate', 'atlasmigration/spoiled', 'note=read']],
  ['a label', ['label', 'atlasmigration/spoiled', 'tier=gold']],
  [
    'a finalizer',
    [
      'patch',
      'atlasmigration/spoiled',
      '--type=merge',
      '--patch={"metadata":{"finalizers":["example.com/wait"]}}',
    ],
  ],
  [
    'the status',
    [
      'patch',
      'atlasmigration/spoiled',
      '--subresource=status',
      '--type=merge',
      '--patch={"status":{"observed_hash":"1"}}',
    ],
  ],
]
for (const [title, args] of harmless) {
  void t.test(`${title} of an object with an old problem is none of our business`, async t => {
    const requests = await gate.requestsDuring(async () => {
      const { code, stderr } = await kubectl(...args)
      t.equal(stderr, '')
      t.equal(code, 0)
    })
    t.strictSame(requests, [])
  })
}

void t.test('another change of an object with an old problem passes, with a warning', async t => {
  const patch = ['--type=merge', '--patch={"spec":{"backoffLimit":3}}']
  const { code, stdout, stderr } = await kubectl('patch', 'atlasmigration/spoiled', ...patch)
  t.equal(code, 0)
  t.equal(stdout, 'atlasmigration.db.atlasgo.io/spoiled patched\n')
  t.match(stderr, /^(?:Warning: \[[a-z-]+\] AtlasMigration [ -~]{1,256}\n)+$/)
})

void t.test('an object that is going can be changed, and goes', async t => {
  const requests = await gate.requestsDuring(async () => {
    t.equal((await kubectl('delete', 'atlasmigration/spoiled', '--wait=false')).code, 0)
    const change = { spec: { dir: { local: forgotten } } }
    const patch = ['patch', 'atlasmigration/spoiled', '--type=merge']
    const changed = await kubectl(...patch, `--patch=${JSON.stringify(change)}`)
    t.equal(changed.stderr, '')
    const last = await kubectl(...patch, '--patch={"metadata":{"finalizers":null}}')
    t.equal(last.stderr, '')
  })
  t.strictSame(requests, [])
  t.equal((await stored('spoiled')).code, 1)
})

const [first, second, third] = [
  await createApplied(two),
  await createApplied(two),
  await createApplied(two),
]
await prepare(
  files('shared', two),
  migration(namespace, 'first', { url: first, ...using('shared') }),
  migration(namespace, 'second', { url: second, ...using('shared') }),
)

void t.test('a ConfigMap is judged for every AtlasMigration that refers to it', async t => {
  const requests = await gate.requestsDuring(async () => {
    const replaced = await send(['replace'], files('shared', one))
    t.equal(replaced.code, 1)
    const start = 'Error from server (Forbidden): error when replacing "STDIN": '
    const rule = 'migrate-down-predicted'
    t.ok(replaced.stderr.startsWith(start + denial('ConfigMap', rule, 'first')), replaced.stderr)
    t.match(replaced.stderr, `- [${rule}] AtlasMigration ${namespace}/second: `)
    const said = replaced.stderr.match(/The operator would say: /g)
    t.equal(said?.length, 1, 'what is the same for both is said once')
  })
  t.strictSame(
    requests.map(({ operation, kind, name, allowed }) => [operation, kind, name, allowed]),
    [['UPDATE', 'ConfigMap', 'shared', false]],
  )
})

void t.test('a ConfigMap that an AtlasMigration waits for is judged when it comes', async t => {
  const early = migration(namespace, 'early', { url: third, ...using('late') })
  const created = await send(['create'], early)
  t.equal(created.code, 0)
  t.match(created.stderr, /^Warning: \[configmap-not-found\] [ -~]+\n$/)
  await gate.catchUp()
  const denied = await send(['create'], files('late', one))
  t.ok(
    denied.stderr.startsWith(
      'Error from server (Forbidden): error when creating "STDIN": ' +
        denial('ConfigMap', 'migrate-down-predicted', 'early'),
    ),
    denied.stderr,
  )
  const right = await send(['create'], files('late', two))
  t.strictSame(right, { code: 0, stdout: 'configmap/late created\n', stderr: '' })
})

void t.test('a ConfigMap in use is deleted, with a warning for each that uses it', async t => {
  const { code, stdout, stderr } = await kubectl('delete', 'configmap/shared')
  t.equal(code, 0)
  t.match(stdout, /^configmap "shared" deleted/)
  const lines = stderr.trimEnd().split('\n')
  t.equal(lines.length, 2)
  for (const name of ['first', 'second'])
    t.match(stderr, `Warning: [configmap-not-found] AtlasMigration ${namespace}/${name}: `)
  await prepare(files('shared', two))
})

void t.test('a ConfigMap without migrations is none of our business', async t => {
  const requests = await gate.requestsDuring(async () => {
    const settings = files('settings', { 'app.properties': 'a=1\n' })
    for (const args of [['create'], ['apply'], ['replace'], ['delete']])
      t.equal((await send(args, settings)).code, 0)
    const plain = {
      ...databaseSecret(namespace, 'plain', { url }),
      metadata: { namespace, name: 'plain' },
    }
    for (const args of [['create'], ['replace'], ['delete']])
      t.equal((await send(args, plain)).code, 0)
  })
  t.strictSame(requests, [])
})

void t.test('a ConfigMap that nobody refers to is seen, and passes whatever is in it', async t => {
  const requests = await gate.requestsDuring(async () => {
    const run = await send(['create'], files('unused', forgotten))
    t.equal(run.stderr, '')
  })
  t.strictSame(
    requests.map(({ kind, name, allowed }) => [kind, name, allowed]),
    [['ConfigMap', 'unused', true]],
  )
})

void t.test('a Secret whose URL leads to another database is denied', async t => {
  const [right, wrong] = [await createApplied(one), await createApplied(other)]
  await prepare(
    databaseSecret(namespace, 'moved', { url: right }),
    migration(namespace, 'moved', {
      urlFrom: { secretKeyRef: { name: 'moved', key: 'url' } },
      dir: { local: one },
    }),
  )
  const moved = (url: string) => databaseSecret(namespace, 'moved', { url })
  const { code, stderr } = await send(['replace'], moved(wrong))
  t.equal(code, 1)
  t.ok(
    stderr.startsWith(
      'Error from server (Forbidden): error when replacing "STDIN": ' +
        denial('Secret', 'revision-table-incomplete', 'moved'),
    ),
    stderr,
  )
  t.notMatch(stderr, new URL(wrong).pathname.slice(1), 'nothing of the URL')
  const same = right.replace('127.0.0.1', 'localhost')
  const spelled = await send(['replace'], moved(same))
  t.strictSame(spelled, { code: 0, stdout: 'secret/moved replaced\n', stderr: '' })
})

void t.test('a table is shared across namespaces, however its host is spelled', async t => {
  const shared = await createApplied(one)
  await prepare(migration(namespace, 'owner', { url: shared, dir: { local: one } }))
  const spelled = shared.replace('127.0.0.1', 'localhost').replace('postgres://', 'postgresql://')
  t.not(spelled, shared)
  const seed = migration(elsewhere, 'seed', { url: spelled, dir: { local: other } })
  const { code, stderr } = await send(['create'], seed)
  t.equal(code, 1)
  t.match(stderr, `denied the request: [revision-table-shared] AtlasMigration ${elsewhere}/seed: `)
  t.match(stderr, `this revisions table is also used by ${namespace}/owner, with other files; `)
})

void t.test('every warning arrives, each on a line of its own', async t => {
  const names = Array.from({ length: 7 }, (_, index) => `warned-${index}`)
  const migrations = names.map(name =>
    migration(namespace, name, { url: 'mysql://db/app', ...using('warned') }),
  )
  await prepare(files('warned', one), ...migrations)
  const { code, stderr } = await kubectl('delete', 'configmap/warned')
  t.equal(code, 0)
  const lines = stderr.trimEnd().split('\n')
  t.equal(lines.length, names.length)
  for (const name of names)
    t.ok(
      lines.some(line =>
        line.startsWith(`Warning: [configmap-not-found] AtlasMigration ${namespace}/${name}: `),
      ),
    )
})

void t.test('an object of another served version is judged as one of ours', async t => {
  if (!plane.own) {
    t.pass('changes the definition of the kind: only on a control plane of its own')
    return
  }
  const resource = 'customresourcedefinition/atlasmigrations.db.atlasgo.io'
  const definition = JSON.parse(
    await kubectlOutput(plane.kubectl, ['get', resource, '--output=json']),
  ) as { readonly spec: { readonly versions: readonly { readonly name: string }[] } }
  const served = { ...definition.spec.versions[0], name: 'v1beta1', storage: false }
  const both = {
    ...definition,
    spec: { ...definition.spec, versions: [definition.spec.versions[0], served] },
  }
  const patched = await send(['replace'], both)
  t.equal(patched.code, 0, patched.stderr)
  const isServed = async () =>
    (await plane.kubectl(['get', '--raw', '/apis/db.atlasgo.io/v1beta1'])).code === 0
  t.ok(await eventually(isServed, 30_000))
  const apiVersion = 'db.atlasgo.io/v1beta1'
  const unused = await createDatabase(postgres)
  const later = { ...local('later', forgotten, unused), apiVersion }
  const { code, stderr } = await send(['create'], later)
  t.equal(code, 1)
  const prefix = 'Error from server (Forbidden): error when creating "STDIN": '
  t.ok(stderr.startsWith(prefix + mismatch('later')), stderr)
  const fine = await send(['create'], { ...local('later', one, unused), apiVersion })
  t.equal(fine.stderr, '')
})

void t.test('the same client-side apply sends nothing', async t => {
  const requests = await gate.requestsDuring(async () => {
    t.equal((await send(['apply'], files('applied', one))).stderr, '')
    const again = await send(['apply'], files('applied', one))
    t.strictSame(again, { code: 0, stdout: 'configmap/applied unchanged\n', stderr: '' })
  })
  t.strictSame(
    requests.map(({ operation, name }) => [operation, name]),
    [['CREATE', 'applied']],
  )
})

void t.test('a namespace goes with all that is in it', async t => {
  if (!plane.hasControllers) {
    t.pass('nothing deletes namespaces here')
    return
  }
  const applied = await createApplied(one)
  await prepare(
    configMap(elsewhere, 'files', one),
    migration(elsewhere, 'shop', { url: applied, ...using('files') }),
  )
  const { code, stderr } = await plane.kubectl([
    'delete',
    `namespace/${elsewhere}`,
    '--timeout=50s',
  ])
  t.equal(code, 0, stderr)
})

void t.test('everything can be deleted, one by one and as a collection', async t => {
  const all = await kubectl('delete', 'configmap/late', 'atlasmigration/early', 'secret/moved')
  t.equal(all.code, 0, all.stderr)
  const collection = (kind: string) => `/apis/db.atlasgo.io/v1alpha1/namespaces/${kind}`
  const requests = await gate.requestsDuring(async () => {
    const raw = await kubectl('delete', `--raw=${collection(`${namespace}/atlasmigrations`)}`)
    t.equal(raw.code, 0, raw.stderr)
    const left = await kubectl('get', 'atlasmigrations', '--output=name')
    t.equal(left.stdout, '')
    const rest = await kubectl('delete', 'configmaps,secrets', '--all')
    t.equal(rest.code, 0, rest.stderr)
    t.equal(rest.stderr, '')
  })
  t.ok(
    requests.every(
      ({ operation, kind, allowed }) =>
        operation === 'DELETE' && kind !== 'AtlasMigration' && allowed,
    ),
  )
  t.ok(requests.some(({ kind }) => kind === 'ConfigMap'))
})
