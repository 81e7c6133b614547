import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { readManifest } from '../gate/installed-manifest.js'
import { breakFiles, readFineFiles } from './directories.js'
import { only, operate, sendCallsTo } from './installation.js'
import type { LogLine, Replica } from './replica.js'
import { startWriteLoad } from './write-load.js'

/*
 * One installation, from its first command to its last: deploy/install.yaml with processes for its pods, under the
 * rights it grants. The tests build on each other.
 */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl, own } = plane
// It stops the API server and lets writes fail: not in a cluster that others use.
if (!own) {
  t.plan(0, 'the cluster is not ours')
  process.exit()
}
const manifest = join(process.cwd(), 'deploy', 'install.yaml')
const postgres = await startTestPostgres(t)
const files = await readFineFiles()
const brokenFiles = breakFiles(files)

const output = (...args: readonly string[]) => kubectlOutput(kubectl, args)
const send = (args: readonly string[], ...items: readonly object[]) =>
  kubectl([...args, '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  })

const namespace = 'shop'
const migration = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace, ...metadata },
  spec,
})
const fine = async (name: string) =>
  migration(name, { url: await createDatabase(postgres), dir: { local: files } })
const broken = async (name: string) =>
  migration(name, { url: await createDatabase(postgres), dir: { local: brokenFiles } })
/** What the policy inside the API server refuses as well. */
const withoutDirectory = (name: string, metadata: object = {}) =>
  migration(name, { url: 'postgres://db/app', dir: {} }, metadata)
const directory = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

await installAtlasCrd(kubectl)

/** Namespaces that will go while they hold what would be refused today, and cannot go before somebody agrees. */
const doomed = ['doomed-while-up', 'doomed-while-down']
for (const name of [namespace, ...doomed]) await output('create', 'namespace', name)
for (const name of doomed) {
  const metadata = { namespace: name, finalizers: ['example.com/hold'] }
  const held = {
    ...directory('files', { '1.sql': 'x' }),
    metadata: { name: 'files', namespace: name },
  }
  const made = await send(['create'], withoutDirectory('old', metadata), held)
  if (made.code !== 0) throw new Error(made.stderr)
}

const installed = await kubectl(['apply', `--filename=${manifest}`])
const objects = await readManifest()
const installation = await operate(t, { plane, objects })
const { balancer } = installation
const replicas: Replica[] = []

void t.test('one command installs it, and until a pod is ready it fails closed', async t => {
  t.equal(installed.code, 0, installed.stderr)
  t.equal(installed.stderr, '')
  const refusedByApiServer = async () => {
    const { stderr } = await send(['create'], withoutDirectory('spec-only'))
    return stderr.includes('[directory-missing]')
  }
  t.ok(await eventually(refusedByApiServer, 30_000), 'the policy inside the API server is in force')
  const { code, stderr } = await send(['create'], await fine('early'))
  t.equal(code, 1)
  t.match(stderr, 'failed calling webhook "validate.atlas-admission.io"')
})

void t.test('two pods become ready with the rights of the manifest, and no more', async t => {
  replicas.push(...(await Promise.all([installation.startReady(), installation.startReady()])))
  for (const replica of replicas) {
    t.equal((await replica.probe('/startupz')).status, 200)
    t.match(await replica.metrics(), 'atlas_admission_atlasmigrations 2\n')
  }
  const made = await send(['create'], await fine('first'))
  t.equal(made.stderr, '')
  t.equal(made.code, 0)
  const refused = await send(['create'], await broken('refused'))
  t.equal(refused.code, 1)
  t.match(refused.stderr, 'admission webhook "validate.atlas-admission.io" denied the request: [')
  const leads = async () =>
    (await kubectl(['get', 'lease/atlas-admission-audit', '--namespace=atlas-admission'])).code ===
    0
  t.ok(await eventually(leads, 10_000), 'one of them audits')
  const audited = async () => {
    const events = await output('get', 'events.events.k8s.io', '--namespace=doomed-while-up')
    return events.includes('atlasmigration/old')
  }
  t.ok(await eventually(audited, 20_000), 'what was there before is told in an Event')
  t.strictSame(await complaints(), [])
})

void t.test('a rolling restart under load fails no write', async t => {
  const urls = await Promise.all(Array.from({ length: 3 }, () => createDatabase(postgres)))
  const { kubeconfig } = plane
  const options = { kubeconfig, namespace, databaseUrls: urls, files, brokenFiles }
  const load = await startWriteLoad(options)
  await sleep(2000)
  for (const old of replicas.splice(0)) {
    const next = await installation.startReady()
    replicas.push(next)
    t.equal(await old.stop(), 0, 'it ends by itself, within its grace')
    const said = (await old.log()).map(({ msg }) => msg)
    t.ok(said.includes('stop signal: draining'))
    t.notOk(said.includes('connections were cut after the longest drain'))
  }
  await sleep(2000)
  const { done, failures, slowestMs } = await load.stop()
  t.strictSame(failures, [])
  t.ok(done > 150, `${done} writes`)
  t.comment(`${done} writes, the slowest took ${slowestMs} ms`)
  // Perhaps one of them alone: the API server keeps its connections, and needs few.
  const taken = replicas.map(replica => balancer.connections(replica))
  t.ok(Math.max(...taken) > 0, `the new ones took over: ${taken.join(' and ')} connections`)
  t.strictSame(await complaints(), [])
})

void t.test('a lost certificate is named, and replaced without a failed write', async t => {
  const secret = only(objects, 'Secret')
  const secretName = ['secret/atlas-admission-certificate', '--namespace=atlas-admission']
  const urls = [await createDatabase(postgres), await createDatabase(postgres)]
  const { kubeconfig } = plane
  const options = { kubeconfig, namespace, databaseUrls: urls, files, brokenFiles }
  const load = await startWriteLoad(options)
  await output('delete', ...secretName)
  const said = async () => (await complaints()).some(line => line.includes('RBAC: create secrets'))
  t.ok(await eventually(said, 20_000), 'the right to make another is not there, and named')
  t.equal((await send(['apply'], secret)).code, 0)
  const filled = async () =>
    (await output('get', ...secretName, '--output=yaml')).includes('tls.key')
  t.ok(await eventually(filled, 20_000))
  const [old] = replicas.splice(0, 1)
  replicas.push(await installation.startReady())
  t.equal(await old?.stop(), 0)
  await sleep(1000)
  const { done, failures } = await load.stop()
  t.strictSame(failures, [])
  t.ok(done > 50, `${done} writes`)
})

void t.test('after a restart of the API server the watch goes on', async t => {
  await own.restartApiServer()
  await output('delete', 'atlasmigrations', '--all', `--namespace=${namespace}`)
  const user = { dir: { configMapRef: { name: 'late' } }, url: await createDatabase(postgres) }
  const create = async () => (await send(['create'], migration('late', user))).code === 0
  t.ok(await eventually(create, 30_000), 'it is judged')
  const known = async () => {
    const texts = await Promise.all(replicas.map(replica => replica.metrics()))
    return texts.every(text => text.includes('atlas_admission_atlasmigrations 3\n'))
  }
  t.ok(await eventually(known, 60_000), 'what was written meanwhile is known')
  const { stderr } = await send(['create'], directory('late', brokenFiles))
  t.match(
    stderr,
    'admission webhook "configmaps.validate.atlas-admission.io" denied the request: [',
  )
  t.match(stderr, `AtlasMigration ${namespace}/late`)
  for (const replica of replicas) t.equal((await replica.probe('/readyz')).status, 200)
})

const needsControllers = {
  skip: plane.hasControllers ? false : 'there is no kube-controller-manager',
}

async function deleteNamespace(name: string): Promise<boolean> {
  await output('delete', 'namespace', name, '--wait=false')
  const isTerminating = async () =>
    (await output('get', 'atlasmigration/old', `--namespace=${name}`, '--output=yaml')).includes(
      'deletionTimestamp',
    )
  if (!(await eventually(isTerminating, 20_000))) return false
  const patch = '--patch={"metadata":{"finalizers":null}}'
  await output('patch', 'atlasmigration/old', `--namespace=${name}`, '--type=merge', patch)
  return eventually(async () => (await kubectl(['get', 'namespace', name])).code === 1, 30_000)
}

void t.test('a namespace with an old problem in it goes', needsControllers, async t => {
  t.ok(await deleteNamespace('doomed-while-up'))
})

void t.test('while no pod is there, AtlasMigrations wait and nothing else does', async t => {
  for (const made of [await fine('kept'), directory('kept', files)])
    t.equal((await send(['create'], made)).code, 0)
  await Promise.all(replicas.splice(0).map(replica => replica.stop()))
  await t.test('a write of an AtlasMigration fails', async t => {
    const { code, stderr } = await send(['create'], await fine('unseen'))
    t.equal(code, 1)
    t.match(stderr, 'Error from server (InternalError): ')
    t.match(
      stderr,
      'failed calling webhook "validate.atlas-admission.io": failed to call webhook: ',
    )
  })
  await t.test('metadata can be changed', async t => {
    const labelled = await kubectl([
      'label',
      'atlasmigration/kept',
      'a=b',
      `--namespace=${namespace}`,
    ])
    t.equal(labelled.code, 0, labelled.stderr)
  })
  await t.test('ConfigMaps are written and go, unjudged', async t => {
    const changed = await send(['replace'], directory('kept', brokenFiles))
    t.equal(changed.code, 0, changed.stderr)
    const gone = await kubectl(['delete', 'configmap/kept', `--namespace=${namespace}`])
    t.equal(gone.code, 0, gone.stderr)
  })
  await t.test('an AtlasMigration goes', async t => {
    const gone = await kubectl(['delete', 'atlasmigration/kept', `--namespace=${namespace}`])
    t.equal(gone.code, 0, gone.stderr)
  })
  await t.test('a namespace goes', needsControllers, async t => {
    t.ok(await deleteNamespace('doomed-while-down'))
  })
})

void t.test('in that emergency one command lets everything pass', async t => {
  const kinds =
    'validatingwebhookconfiguration,mutatingwebhookconfiguration,validatingadmissionpolicybinding'
  const label = 'app.kubernetes.io/instance=atlas-admission,app.kubernetes.io/name=atlas-admission'
  await output('delete', kinds, '-l', label)
  const passes = async () => (await send(['create'], withoutDirectory('passed'))).code === 0
  t.ok(await eventually(passes, 20_000))
})

void t.test('after that, installing it again brings every check back', async t => {
  t.equal((await kubectl(['apply', `--filename=${manifest}`])).code, 0)
  await sendCallsTo(balancer, { plane, objects })
  replicas.push(await installation.startReady())
  const judged = async () => {
    const { stderr } = await send(['create', '--dry-run=server'], await broken('judged'))
    return stderr.includes('[checksum-mismatch]')
  }
  t.ok(await eventually(judged, 20_000))
})

void t.test(
  'one command removes it, and nothing of it is left in the way',
  needsControllers,
  async t => {
    const deletion = await kubectl(['delete', `--filename=${manifest}`])
    t.equal(deletion.code, 0, deletion.stderr)
    const kinds =
      'validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies,' +
      'validatingadmissionpolicybindings,clusterroles,clusterrolebindings,namespaces'
    t.notMatch(await output('get', kinds, '--output=name'), /atlas-admission/)
    const passes = async () => (await send(['create'], withoutDirectory('after'))).code === 0
    t.ok(await eventually(passes, 20_000))
    t.equal((await send(['create'], await broken('after-too'))).code, 0)
  },
)

/** Errors in the logs. What an audit finds is a warning. */
async function complaints(): Promise<readonly string[]> {
  const logs = await Promise.all(replicas.map(replica => replica.log()))
  const isError = ({ level }: LogLine) => level === 'error' || level === 'fatal'
  return logs
    .flat()
    .filter(isError)
    .map(line => JSON.stringify(line))
}
