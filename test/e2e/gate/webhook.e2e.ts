import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import type { KubectlOptions } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { putGateInFront, webhookName } from './gate-in-front.js'

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const namespace = `atlas-admission-e2e-${process.pid}`
await installAtlasCrd(plane.kubectl)
await plane.kubectl(['create', 'namespace', namespace])
t.teardown(() => plane.kubectl(['delete', 'namespace', namespace, '--wait=false']))
const gate = await putGateInFront(t, plane)
const databaseUrl = await createDatabase(await startTestPostgres(t))

/** Files of which the engine itself wrote the sum. */
const [schema] = parseAllDocuments(await readFile('deploy/examples/directories.yaml', 'utf8')).map(
  document => document.toJS() as { readonly data: Readonly<Record<string, string>> },
)
const files = schema?.data

const kubectl = (args: readonly string[], options?: KubectlOptions) =>
  plane.kubectl([`--namespace=${namespace}`, ...args], options)

/** kubectl with the object on its standard input. */
const send = (args: readonly string[], object: unknown) =>
  kubectl([...args, '--filename=-'], { input: JSON.stringify(object) })

const migration = (name: string, spec: object, labels = {}) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace, labels },
  spec: { url: databaseUrl, ...spec },
})
const fine = (name: string, labels = {}) => migration(name, { dir: { local: files } }, labels)
const withoutDirectory = (name: string) => migration(name, { dir: {} })
const beforeItsConfigMap = (name: string) =>
  migration(name, { dir: { configMapRef: { name: 'later' } } })

const withTwoDirectories = (name: string) =>
  migration(name, { dir: { local: files, configMapRef: { name: 'later' } } })

/** What kubectl says of an answer of ours, up to the words of the rule. */
const denial = (name: string, rule = 'directory-missing') =>
  `admission webhook "${webhookName}" denied the request: ` +
  `[${rule}] AtlasMigration ${namespace}/${name}: `

const exists = async (name: string) => (await kubectl(['get', `atlasmigration/${name}`])).code === 0

void t.test('a fine AtlasMigration is created without a word', async t => {
  const run = await send(['create'], fine('fine'))
  t.strictSame(run, { code: 0, stdout: 'atlasmigration.db.atlasgo.io/fine created\n', stderr: '' })
})

void t.test('what would go wrong is refused in the words of kubectl, and is not there', async t => {
  const { code, stdout, stderr } = await send(['create'], withoutDirectory('refused'))
  t.equal(code, 1)
  t.equal(stdout, '')
  const prefix = 'Error from server (Forbidden): error when creating "STDIN": '
  t.ok(stderr.startsWith(prefix + denial('refused')), stderr)
  t.match(stderr.split('\n')[0], /; fix: /)
  t.notOk(await exists('refused'))
})

void t.test('a warning arrives on standard error, beside the object', async t => {
  const { code, stdout, stderr } = await send(['create'], beforeItsConfigMap('early'))
  t.equal(code, 0)
  t.equal(stdout, 'atlasmigration.db.atlasgo.io/early created\n')
  t.match(stderr, /^Warning: \[configmap-not-found\] .*later.*\n$/)
})

const dryRuns: readonly [title: string, args: readonly string[]][] = [
  ['create', ['create', '--dry-run=server']],
  ['apply', ['apply', '--dry-run=server']],
  ['server-side apply', ['apply', '--server-side', '--dry-run=server']],
]
for (const [title, args] of dryRuns) {
  void t.test(`a dry run of ${title} asks the gate, and stores nothing`, async t => {
    const refused = await send(args, withoutDirectory('tried'))
    t.equal(refused.code, 1)
    t.match(refused.stderr, denial('tried'))
    const passed = await send(args, fine('tried'))
    t.equal(passed.code, 0)
    t.match(passed.stdout, /\(server dry run\)\n$/)
    t.equal(passed.stderr, '')
    t.notOk(await exists('tried'))
  })
}

void t.test('kubectl diff shows a difference, or why it would be refused', async t => {
  const [same, other, refused] = [
    await send(['diff'], fine('fine')),
    await send(['diff'], fine('fine', { tier: 'gold' })),
    await send(['diff'], withoutDirectory('unknown')),
  ]
  t.equal(same.code, 0)
  t.equal(other.code, 1)
  t.match(other.stdout, /^\+.*tier: gold$/m)
  t.ok((refused.code ?? 0) > 0)
  t.match(refused.stderr, `Error from server (Forbidden): ${denial('unknown')}`)
})

const updates: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['apply', ['apply']],
  ['server-side apply', ['apply', '--server-side', '--force-conflicts']],
  ['replace', ['replace']],
]
for (const [title, args] of updates) {
  void t.test(`a second directory is refused to ${title}`, async t => {
    const { code, stdout, stderr } = await send(args, withTwoDirectories('fine'))
    t.equal(code, 1)
    t.equal(stdout, '')
    t.match(stderr, 'Error from server (Forbidden): ')
    t.match(stderr, denial('fine', 'multiple-directories'))
  })
}

void t.test('a patch that takes the directory away is refused', async t => {
  const patch = ['patch', 'atlasmigration/fine', '--type=merge']
  const { code, stderr } = await kubectl([...patch, '--patch={"spec":{"dir":{"local":null}}}'])
  t.equal(code, 1)
  t.ok(stderr.startsWith(`Error from server (Forbidden): ${denial('fine')}`), stderr)
})

void t.test('the status is none of our business', async t => {
  const patch = ['patch', 'atlasmigration/fine', '--subresource=status', '--type=merge']
  const run = await kubectl([...patch, '--patch={"status":{"observed_hash":"1"}}'])
  t.equal(run.code, 0, run.stderr)
})

void t.test('without the gate a write fails, and a deletion does not', async t => {
  await gate.stop()
  const { code, stderr } = await send(['create'], fine('unseen'))
  t.equal(code, 1)
  t.match(stderr, 'Error from server (InternalError): ')
  t.match(stderr, `failed calling webhook "${webhookName}": failed to call webhook: Post "https://`)
  const deletion = await kubectl(['delete', 'atlasmigration/fine'])
  t.equal(deletion.code, 0, deletion.stderr)
})
