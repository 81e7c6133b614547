import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type Test } from 'tap'
import { makeFolder, runProgram } from '../cli/program.js'
import { withSum } from '../review/fakes.js'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'

/** What every object of JavaScript answers to without having it. */
const names = ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'] as const

/** A record with this key of its own: an object literal would take `__proto__` for its prototype. */
function record<T>(key: string, value: T): Readonly<Record<string, T>> {
  return Object.fromEntries([[key, value]])
}

function migration(name: string, spec: object, namespace: string) {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace, uid: `${namespace}/${name}` },
    spec: { dir: { local: { '1.sql': 'select 1;' } }, ...spec },
  }
}

/** Every place of an AtlasMigration in which a name of somebody's choice is looked up. */
function hostileSpecs(name: string): readonly object[] {
  const secretKeyRef = { name: 'credentials', key: name }
  const configMapKeyRef = { name: 'settings', key: name }
  const credentials = {
    scheme: 'postgres',
    user: 'app',
    host: '127.0.0.1',
    port: 1,
    database: 'app',
  }
  return [
    { urlFrom: { secretKeyRef } },
    { url: 'postgres://app@127.0.0.1:1/app', devURLFrom: { secretKeyRef } },
    { configFrom: { secretKeyRef }, envName: name },
    { credentials: { ...credentials, userFrom: { secretKeyRef } } },
    { credentials: { ...credentials, passwordFrom: { secretKeyRef } } },
    { credentials: { ...credentials, hostFrom: { secretKeyRef } } },
    { credentials: { ...credentials, scheme: name } },
    { credentials: { ...credentials, parameters: record(name, name) } },
    { url: `${name}://u:p@h/db` },
    { url: `sqlite://${name}?${name}=${name}`, vars: [{ key: name, valueFrom: { secretKeyRef } }] },
    { url: `mysql://h/${name}`, vars: [{ key: name, valueFrom: { configMapKeyRef } }] },
    { dir: { local: { [`1_${name}.sql`]: 'select 1;', ...record(name, 'x') } } },
    { config: `env "${name}" { ${name} = "\\${name}" }\n${name} {}`, envName: name },
    { dir: { configMapRef: { name: 'settings' } }, revisionsSchema: name, baseline: name },
  ]
}

interface Stored {
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
}

/** What those refer to, as hostile itself. */
function surroundings(name: string, namespace: string): readonly Stored[] {
  const metadata = { namespace, annotations: record(name, name), labels: record(name, name) }
  const files = { ...record(name, 'select 1;'), [`1_${name}.sql`]: 'select 1;' }
  const object = (kind: string, own: string, more: object) => ({
    apiVersion: 'v1',
    kind,
    metadata: { ...metadata, name: own },
    ...more,
  })
  return [
    object('Secret', 'credentials', { data: { url: 'eA==' } }),
    object('Secret', 'full', { stringData: files }),
    object('ConfigMap', 'settings', { data: { '1.sql': 'select 1;' } }),
    object('ConfigMap', 'full', { data: files }),
    object(name, 'x', {}),
    { ...object(name, 'x', {}), apiVersion: name },
  ]
}

const stored = names.flatMap((name, index): readonly Stored[] => {
  const namespace = `mallory-${index}`
  const migrations = hostileSpecs(name).map((spec, at) => migration(`m-${at}`, spec, namespace))
  return [...migrations, ...surroundings(name, namespace)]
})

const good = migration(
  'good',
  { url: 'sqlite://good.db', dir: { local: withSum({ '1.sql': 'select 1;' }) } },
  'shop',
)
const bad = migration(
  'bad',
  { url: 'sqlite://bad.db', dir: { local: { '1.sql': 'x' }, configMapRef: { name: 'x' } } },
  'shop',
)

function creation(object: ReturnType<typeof migration>) {
  const { name, namespace } = object.metadata
  return reviewOf({ name, namespace, object })
}

/** Lines of the log that say a fault of our own (pino's level 50). */
function faults(gate: AttackedGate): readonly string[] {
  return gate.run
    .stdout()
    .split('\n')
    .filter(line => line.includes('"level":50'))
}

for (const onError of ['allow', 'deny'])
  void test(`no name in a stored object decides over another namespace (onError ${onError})`, async t => {
    const gate = await startAttackedGate(t, { objects: stored, policy: `onError: ${onError}\n` })
    const denied = await gate.post(creation(bad))
    t.equal(denied.response.allowed, false, 'a bad write of a neighbour is denied')
    t.match(denied.response.status?.message, 'multiple-directories')
    const admitted = await gate.post(creation(good))
    t.equal(admitted.response.allowed, true, 'a good write of a neighbour is admitted')
    // Each of them written itself, too; one that is only allowed for a fault is told by the log.
    if (onError === 'deny') await Promise.all(stored.map(object => postStored(t, gate, object)))
    t.strictSame(faults(gate), [])
    t.ok(gate.isAlive())
  })

async function postStored(t: Test, gate: AttackedGate, object: Stored): Promise<void> {
  const { kind, metadata } = object
  const group = kind === 'AtlasMigration' ? 'db.atlasgo.io' : ''
  const review = reviewOf({ ...metadata, kind: { group, version: 'v1', kind }, object })
  const { response } = await gate.post(review, 30)
  t.type(response?.allowed, 'boolean', `${kind} ${metadata.namespace}/${metadata.name}`)
}

/** A server that answers every login with an error of this SQLSTATE, without TLS. */
async function startRefusing(t: Test, sqlstate: string): Promise<number> {
  const fields = ['SERROR', 'VERROR', `C${sqlstate}`, 'Mno', ''].map(field => `${field}\0`).join('')
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  const refusal = Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])
  const server = createServer(socket => {
    socket.on('error', () => {})
    // An SSLRequest is the only message of eight bytes.
    socket.on('data', bytes => void (bytes.length === 8 ? socket.write('N') : socket.end(refusal)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return (server.address() as AddressInfo).port
}

void test('no SQLSTATE that a database makes up keeps others of its name from being judged', async t => {
  const ports = await Promise.all(names.map(name => startRefusing(t, name)))
  const onFake = (port: number, at: number) =>
    migration(`m-${at}`, { url: `postgres://u@127.0.0.1:${port}/app?sslmode=disable` }, 'mallory')
  const gate = await startAttackedGate(t, {
    objects: ports.map(onFake),
    policy: 'onError: deny\ndatabase: {allowedHosts: [127.0.0.1]}\n',
  })
  for (const [at, port] of ports.entries()) {
    const { response } = await gate.post(creation(onFake(port, at)))
    t.match(JSON.stringify(response), 'database-error', names[at]!)
  }
  const url = `postgres://u@127.0.0.1:${ports[0]}/app?sslmode=disable`
  const { spec } = bad
  const denied = await gate.post(creation(migration('bad', { ...spec, url }, 'shop')))
  t.match(denied.response.status?.message, 'multiple-directories')
  t.strictSame(faults(gate), [])
})

void test('no name in the environment or on the command line is taken for another', async t => {
  const folder = makeFolder(t, { 'rows.json': '[]' })
  for (const name of names) {
    const usage = {
      folder,
      environment: { ATLAS_ADMISSION_KUBERNETES: name, NO_SUCH: '' },
      isCounted: false,
    }
    const runs = [['serve'], ['check', '.', '--url', `a=env:${name}`]]
    if (name === 'constructor')
      runs.push([name], ['help', name], ['rules', name], ['completion', name])
    const ended = await Promise.all(runs.map(args => runProgram(t, args, usage)))
    for (const [at, { code, stderr }] of ended.entries())
      t.equal(code, 2, `${name}: ${runs[at]!.join(' ')}: ${stderr}`)
  }
})

void test('no name of a file, a key or a field is a fault of check', async t => {
  for (const name of names) {
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        ...hostileSpecs(name).map((spec, at) => migration(`m-${at}`, spec, name)),
        ...surroundings(name, name),
      ],
    })
    const folder = makeFolder(t, { [name]: text })
    const formats = ['text', 'json', 'github', 'sarif', 'junit'].flatMap(format => [
      '--format',
      `${format}=${name}.${format}`,
    ])
    const { code, stderr } = await runProgram(t, ['check', name, '--offline', ...formats], {
      folder,
      isCounted: false,
    })
    t.equal(code, 1, stderr)
  }
})
