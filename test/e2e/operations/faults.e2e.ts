import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { parseAuthorities } from '../../../src/certificates/stored-certificates.js'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { runProgram } from '../programs/run-program.js'
import { type ManifestObject, readManifest } from '../gate/installed-manifest.js'
import { breakFiles, readFineFiles } from './directories.js'
import { only, operate, sendCallsTo } from './installation.js'
import type { Replica } from './replica.js'

/* What is wrong with a cluster is named, waited for and got over, without a restart. */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
if (!plane.own) {
  t.plan(0, 'the cluster is not ours')
  process.exit()
}
const postgres = await startTestPostgres(t)
const files = await readFineFiles()
const brokenFiles = breakFiles(files)
const namespace = 'shop'

const output = (...args: readonly string[]) => kubectlOutput(kubectl, args)
const send = (args: readonly string[], ...items: readonly object[]) =>
  kubectl([...args, '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  })
const migration = (name: string, spec: object) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace },
  spec,
})
const broken = async (name: string) =>
  migration(name, { url: await createDatabase(postgres), dir: { local: brokenFiles } })

await output('create', 'namespace', namespace)
const manifest = join(process.cwd(), 'deploy', 'install.yaml')
await output('apply', `--filename=${manifest}`)
const objects = await readManifest()
const installation = await operate(t, { plane, objects })
const { balancer } = installation
const ofKinds = (...kinds: readonly string[]) => objects.filter(({ kind }) => kinds.includes(kind))

/** Waits for a text in what a pod that is not ready says of itself; resolves to that. */
async function readinessWith(replica: Replica, text: string): Promise<string> {
  let answer = ''
  await eventually(async () => {
    answer = (await replica.probe('/readyz')).text
    return answer.includes(text)
  }, 30_000)
  return answer
}

const logOf = async (replica: Replica) => JSON.stringify(await replica.log())

/** The only pod of the first installation, from here to the end. */
let first: Replica

void t.test('rights that are missing are named, one by one, and then the CRD', async t => {
  await send(['delete'], ...ofKinds('ClusterRoleBinding', 'RoleBinding'))
  first = await installation.start()
  const right = 'no right to list atlasmigrations.db.atlasgo.io in all namespaces (RBAC: list '
  await readinessWith(first, right)
  // The certificate is asked for beside the watch, and may be told later.
  const answer = await readinessWith(first, 'certificate: the Secret atlas-admission/')
  t.match(answer, `cluster: ${right}`)
  t.match(answer, 'certificate: the Secret atlas-admission/atlas-admission-certificate: ')
  t.match(answer, 'no right to get secrets in namespace atlas-admission (RBAC: get secrets)')
  t.equal((await first.probe('/readyz')).status, 503)
  t.equal((await first.probe('/startupz')).status, 503)
  t.equal((await first.probe('/livez')).status, 200, 'a restart would not help')
  const lease = 'no right to get leases.coordination.k8s.io in namespace atlas-admission'
  t.ok(await eventually(async () => (await logOf(first)).includes(lease), 10_000))
  t.match(await logOf(first), right)
  t.match(await logOf(first), 'no right to get secrets in namespace atlas-admission')

  await send(['apply'], ...ofKinds('ClusterRoleBinding', 'RoleBinding'))
  const missing = 'cluster: the AtlasMigration CRD is not installed'
  t.match(await readinessWith(first, missing), missing)
  t.match(await logOf(first), 'the AtlasMigration CRD is not installed')
  t.equal((await first.probe('/livez')).status, 200)

  await installAtlasCrd(kubectl)
  t.ok(await eventually(() => balancer.ready().includes(first), 60_000), 'then it is ready')
  t.equal((await first.probe('/startupz')).status, 200)
  const judged = async () =>
    (await send(['create'], await broken('refused'))).stderr.includes('[checksum-mismatch]')
  t.ok(await eventually(judged, 20_000))
})

void t.test('without the right to read Secrets, what needs none is judged', async t => {
  const role = only(objects, 'ClusterRole')
  const rules = role['rules'] as readonly { readonly resources: readonly string[] }[]
  const less = rules.filter(({ resources }) => !resources.includes('secrets'))
  await output('create', 'secret', 'generic', 'database', '--from-literal=url=x', `-n${namespace}`)
  const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
  await send(['apply'], { ...role, rules: less })
  const undecided = `cannot decide on AtlasMigration ${namespace}/unread: Secret database`
  let warned = ''
  const isUndecided = async () => {
    const spec = { urlFrom, dir: { local: files } }
    warned = (await send(['create', '--dry-run=server'], migration('unread', spec))).stderr
    return warned.includes(undecided)
  }
  t.ok(await eventually(isUndecided, 20_000), warned)
  const made = await send(['create'], migration('unread', { urlFrom, dir: { local: files } }))
  t.equal(made.code, 0)
  t.match(made.stderr, `Warning: ${undecided}`)
  t.match(made.stderr, 'no right to get secrets in namespace shop (RBAC: get secrets)')
  const refused = await send(['create'], migration('bad', { urlFrom, dir: { local: brokenFiles } }))
  t.equal(refused.code, 1)
  t.match(refused.stderr, '[checksum-mismatch]')
  t.equal(balancer.ready().length, 1, 'the pod stays ready')
  await send(['apply'], role)
})

/** The chart's objects, as `helm install` would make them; null where there is no Helm. */
async function renderRelease(
  name: string,
  values: object,
): Promise<readonly ManifestObject[] | null> {
  const file = join(plane.folder, `${name}-values.json`)
  await writeFile(file, JSON.stringify(values))
  const run = await runProgram(process.execPath, ['deploy/chart/chart.mjs', 'render', file, name])
  if (run.stderr.startsWith('there is no Helm')) return null
  if (run.code !== 0) throw new Error(run.stderr)
  const documents = parseAllDocuments(run.stdout).map(document => document.toJS() as unknown)
  return documents.filter(Boolean) as readonly ManifestObject[]
}

async function readBundle(name: string): Promise<string> {
  const path = '--output=jsonpath={.webhooks[0].clientConfig.caBundle}'
  const bundle = await output('get', `validatingwebhookconfiguration/${name}`, path)
  return Buffer.from(bundle, 'base64').toString('utf8')
}

void t.test(
  'two installations with two policies both answer, each with its certificate',
  async t => {
    const second = await renderRelease('second', { policy: { mode: 'warn' } })
    if (second === null) {
      t.pass('there is no Helm')
      return
    }
    await output('create', 'namespace', 'second')
    t.equal((await send(['apply'], ...second)).code, 0)
    const other = await operate(t, { plane, objects: second })
    await other.startReady()
    const refused = await send(['create'], await broken('judged-twice'))
    t.equal(refused.code, 1)
    t.match(refused.stderr, 'Warning: [checksum-mismatch]', 'the second only warns')
    t.match(refused.stderr, 'denied the request: [checksum-mismatch]', 'the first denies')

    const names = ['atlas-admission', 'second-atlas-admission']
    const read = () => Promise.all(names.map(readBundle))
    const bundles = await read()
    t.strictSame(
      bundles.map(bundle => parseAuthorities(bundle).length),
      [1, 1],
    )
    t.not(bundles[0], bundles[1])
    // Longer than the time between two looks at them.
    await sleep(11_000)
    t.strictSame(await read(), bundles, 'neither touches what is not its own')

    const label = '--selector=app.kubernetes.io/instance=atlas-admission'
    await output('delete', 'validatingwebhookconfiguration', label)
    let alone = ''
    const passes = async () => {
      const { code, stderr } = await send(['create'], await broken('judged-once'))
      alone = stderr
      return code === 0
    }
    t.ok(await eventually(passes, 20_000), alone)
    t.match(alone, 'Warning: [checksum-mismatch]', 'without the first, the second goes on')
  },
)

void t.test('a policy that turns invalid leaves the last good one in force', async t => {
  t.equal((await kubectl(['apply', `--filename=${manifest}`])).code, 0)
  await sendCallsTo(balancer, { plane, objects })
  await output(
    'delete',
    'validatingwebhookconfiguration',
    '--selector=app.kubernetes.io/instance=second',
  )
  const denies = async () =>
    (await send(['create'], await broken('policed'))).stderr.includes('denied the request')
  t.ok(await eventually(denies, 20_000))
  const counts = async (outcome: string, count: number) =>
    (await first.metrics()).includes(
      `atlas_admission_policy_reloads_total{outcome="${outcome}"} ${count}\n`,
    )

  await writeFile(installation.policyFile, 'mode: shout\n')
  t.ok(await eventually(() => counts('failed', 1), 40_000))
  t.match(await logOf(first), 'policy not replaced, the last good one stays in force')
  t.match(await logOf(first), 'mode')
  t.equal((await first.probe('/readyz')).status, 200)
  t.ok(await denies())

  await writeFile(installation.policyFile, 'rules: { checksum-mismatch: warn }\n')
  t.ok(await eventually(() => counts('loaded', 1), 40_000))
  const warned = await send(['create'], await broken('policed'))
  t.equal(warned.code, 0, warned.stderr)
  t.match(warned.stderr, 'Warning: [checksum-mismatch]')
})
