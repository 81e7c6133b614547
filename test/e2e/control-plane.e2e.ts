import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { buildControlPlane } from './control-plane/build-control-plane.js'
import { startControlPlane } from './control-plane/control-plane.js'
import { eventually } from './control-plane/eventually.js'
import { useExistingCluster } from './control-plane/existing-cluster.js'
import { readKubernetesVersion } from './control-plane/go-program.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { runProgram } from './programs/run-program.js'
import { serviceAccountKubeconfig } from './control-plane/service-account.js'
import { readControlPlaneSettings } from './control-plane/settings.js'

const settings = readControlPlaneSettings()
const plane = await obtainControlPlane({ users: [{ name: 'jane', groups: ['dba', 'oncall'] }] })
t.teardown(() => plane.stop())
const { kubectl, own } = plane
const output = (...args: readonly string[]) => kubectlOutput(kubectl, args)

const namespace = `atlas-admission-e2e-${process.pid}`
await output('create', 'namespace', namespace)
t.teardown(() => kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']))

void t.test('a service account may do what a role lets it', async t => {
  await output('create', 'serviceaccount', 'reader', `--namespace=${namespace}`)
  const kubeconfig = await serviceAccountKubeconfig(plane, { namespace, name: 'reader' })
  const get = ['get', 'configmaps', `--namespace=${namespace}`]
  const refused = await kubectl(get, { kubeconfig })
  t.equal(refused.code, 1)
  t.match(
    refused.stderr,
    `User "system:serviceaccount:${namespace}:reader" cannot list resource "configmaps"`,
  )
  // Not the built-in role `view`: it has no rules until a controller aggregates them.
  const role = ['role', 'reader', '--verb=list', '--resource=configmaps']
  await output('create', ...role, `--namespace=${namespace}`)
  const binding = ['rolebinding', 'reader', '--role=reader', `--namespace=${namespace}`]
  await output('create', ...binding, `--serviceaccount=${namespace}:reader`)
  const allowed = async () => (await kubectl(get, { kubeconfig })).code === 0
  t.ok(await eventually(allowed, 10_000), 'the binding counts')
})

void t.test('a cluster that runs already is taken as it is', async t => {
  const existing = await useExistingCluster(plane.kubeconfig, (await programs()).kubectl)
  t.match(await kubectlOutput(existing.kubectl, ['get', 'namespaces']), namespace)
  await existing.stop()
  t.notOk(existsSync(existing.folder))
  t.ok(existsSync(plane.kubeconfig))
  await t.rejects(useExistingCluster('/nowhere', 'kubectl'), {
    message: 'ATLAS_ADMISSION_E2E_KUBECONFIG: /nowhere cannot be read',
  })
})

void t.test('what is missing is said, and skipped only when asked', async t => {
  const cache = await mkdtemp(join(tmpdir(), 'atlas-admission-cache-'))
  t.teardown(() => rm(cache, { recursive: true }))
  const environment = { PATH: cache, ATLAS_ADMISSION_E2E_CACHE: cache }
  const run = (...args: readonly string[]) =>
    runProgram(process.execPath, ['dist/test/e2e/run.js', ...args], { environment })
  const missing = await run()
  t.equal(missing.code, 1)
  t.match(missing.stderr, /need kube-apiserver, .*no Go to build it/)
  for (const way of ['Go 1.21', 'KUBEBUILDER_ASSETS', 'E2E_KUBECONFIG', '--if-available']) {
    t.match(missing.stderr, way)
  }
  const skipped = await run('--if-available')
  t.equal(skipped.code, 0)
  t.match(skipped.stdout, /^end-to-end tests skipped: .*kube-apiserver/)
})

const ownOnly = { skip: own ? false : 'the cluster is not ours' }

const builtOnly = { skip: own && !settings.assetsFolder ? false : 'it was not built here' }

void t.test('it is the version that go.mod names', builtOnly, async t => {
  const version = JSON.parse(await output('get', '--raw', '/version')) as { gitVersion: string }
  t.equal(version.gitVersion, await readKubernetesVersion())
})

void t.test('a user has name and groups', ownOnly, async t => {
  const kubeconfig = await own!.userKubeconfig('jane')
  const who = await kubectl(['auth', 'whoami', '--output=json'], { kubeconfig })
  const { status } = JSON.parse(who.stdout) as { status: { userInfo: unknown } }
  t.match(status.userInfo, { username: 'jane', groups: ['dba', 'oncall', 'system:authenticated'] })
  await t.rejects(own!.userKubeconfig('joe'), { message: /none of the users/ })
})

void t.test('the API server comes back with its data, at its address', ownOnly, async t => {
  await output('create', 'configmap', 'kept', `--namespace=${namespace}`)
  await own!.stopApiServer()
  const down = await kubectl(['get', 'namespaces'])
  t.match(down.stderr, 'connection to the server')
  await own!.startApiServer()
  t.match(await output('get', 'configmap', 'kept', `--namespace=${namespace}`), 'kept')
})

void t.test('an API server that does not start says why, and leaves nothing', ownOnly, async t => {
  const before = await ourFolders()
  const start = startControlPlane({
    programs: await programs(),
    apiServerArguments: ['--no-such-option'],
  })
  await t.rejects(start, { message: /kube-apiserver ended at its start.*\n.*no-such-option/s })
  t.strictSame(await ourFolders(), before)
})

void t.test('a process that is killed leaves nothing behind', ownOnly, async t => {
  const module = new URL('control-plane/obtain-control-plane.js', import.meta.url)
  const script =
    `import { obtainControlPlane } from ${JSON.stringify(module.href)}\n` +
    'const { folder } = await obtainControlPlane()\nconsole.log(folder)'
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const folder = line.trim()
  t.ok(existsSync(folder))
  t.ok((await processesWith(folder)) >= 2, 'etcd and the API server run')
  child.kill('SIGKILL')
  t.ok(
    await eventually(async () => (await processesWith(folder)) === 0, 15_000),
    'no process is left',
  )
  t.notOk(existsSync(folder))
})

const withControllers = {
  skip: plane.hasControllers ? false : 'there is no kube-controller-manager',
}

void t.test('a namespace goes with all that is in it', withControllers, async t => {
  const deletion = await kubectl(['delete', 'namespace', namespace, '--timeout=50s'])
  t.equal(deletion.code, 0, deletion.stderr)
})

function programs() {
  return buildControlPlane(settings, () => undefined)
}

async function ourFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter(name => name.startsWith('atlas-admission-control-plane-'))
}

/** Processes with the text in their command lines, as Linux tells; elsewhere it is not known. */
async function processesWith(text: string): Promise<number> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(
    ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  )
  return lines.filter(line => line.includes(text)).length
}
