import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from '../control-plane/service-account.js'
import { type ManifestObject, readManifestObject, renderManifest } from './installed-manifest.js'
import { existing, migration, migrations, writes } from './manifest-writes.js'

/* What deploy/ installs, as a real API server takes it: every field is known, every expression compiles and does what it says. */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
await installAtlasCrd(kubectl)
const manifest = join(process.cwd(), 'deploy', 'install.yaml')
const namespaces = ['shop', 'billing']
for (const name of namespaces) await kubectl(['create', 'namespace', name])
t.teardown(() => kubectl(['delete', 'namespace', ...namespaces, '--wait=false']))
t.teardown(() => kubectl(['delete', '--wait=false', `--filename=${manifest}`]))
const install = await kubectl(['apply', '--validate=strict', `--filename=${manifest}`])

const send = (args: readonly string[], ...items: readonly object[]) =>
  kubectl([...args, '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  })

void t.test('install.yaml is installed by one command, and again without a change', async t => {
  t.equal(install.stderr, '')
  t.equal(install.code, 0)
  const difference = await kubectl(['diff', `--filename=${manifest}`])
  t.equal(difference.code, 0, difference.stdout)
})

void t.test('its pods are taken where only restricted pods are', async t => {
  const deployment = await readManifestObject('Deployment')
  const { template } = deployment['spec'] as { readonly template: object }
  const metadata = { name: 'tried', namespace: 'atlas-admission' }
  const pod = { ...template, apiVersion: 'v1', kind: 'Pod', metadata }
  const created = await send(['create', '--dry-run=server', '--validate=strict'], pod)
  t.equal(created.code, 0, created.stderr)
})

/** Those of other projects' CRDs are not known here. */
const isBuiltIn = ({ apiVersion }: ManifestObject) =>
  !/^(cert-manager\.io|monitoring\.coreos\.com)\//.test(apiVersion)

for (const file of (await readdir('deploy/chart/ci')).toSorted()) {
  void t.test(`the API server takes the chart with ${file}`, async t => {
    const values = join('deploy', 'chart', 'ci', file)
    const objects = await renderManifest(values)
    if (objects === null) {
      t.pass('there is no Helm')
      return
    }
    t.ok(objects.length > 10)
    const dryRun = ['apply', '--dry-run=server', '--validate=strict']
    const taken = await send(dryRun, ...objects.filter(isBuiltIn))
    t.equal(taken.stderr, '')
    t.equal(taken.code, 0)
  })
}

/** What the service account may do, and what it may not. */
const rights: readonly [verb: string, resource: string, namespace: string, allowed: boolean][] = [
  ['list', 'atlasmigrations.db.atlasgo.io', 'shop', true],
  ['watch', 'atlasmigrations.db.atlasgo.io', 'shop', true],
  ['update', 'atlasmigrations.db.atlasgo.io', 'shop', false],
  ['patch', 'atlasmigrations.db.atlasgo.io/status', 'shop', false],
  ['get', 'configmaps', 'shop', true],
  ['list', 'configmaps', 'shop', false],
  ['update', 'configmaps', 'shop', false],
  ['get', 'secrets', 'shop', true],
  ['list', 'secrets', 'shop', false],
  ['watch', 'secrets', 'atlas-admission', false],
  ['update', 'secrets', 'shop', false],
  ['create', 'secrets', 'atlas-admission', false],
  ['update', 'secrets/atlas-admission-certificate', 'atlas-admission', true],
  ['update', 'secrets/another', 'atlas-admission', false],
  ['create', 'events.events.k8s.io', 'shop', true],
  ['create', 'leases.coordination.k8s.io', 'atlas-admission', true],
  ['update', 'leases.coordination.k8s.io/atlas-admission-audit', 'atlas-admission', true],
  ['update', 'leases.coordination.k8s.io/another', 'atlas-admission', false],
  ['create', 'leases.coordination.k8s.io', 'shop', false],
  ['patch', 'validatingwebhookconfigurations/atlas-admission', '', true],
  ['patch', 'validatingwebhookconfigurations/another', '', false],
  ['get', 'mutatingwebhookconfigurations/atlas-admission', '', false],
  ['patch', 'mutatingwebhookconfigurations/atlas-admission', '', false],
  ['delete', 'validatingwebhookconfigurations/atlas-admission', '', false],
  ['create', 'pods', 'atlas-admission', false],
]
for (const [verb, resource, namespace, allowed] of rights) {
  void t.test(
    `${allowed ? 'may' : 'may not'} ${verb} ${resource} in ${namespace || 'the cluster'}`,
    async t => {
      const account = 'system:serviceaccount:atlas-admission:atlas-admission'
      const where = namespace ? [`--namespace=${namespace}`] : []
      const answer = await kubectl(['auth', 'can-i', verb, resource, ...where, `--as=${account}`])
      t.equal(answer.stdout.trim(), allowed ? 'yes' : 'no')
    },
  )
}

void t.test(
  'with secrets.access granted it reads the Secrets of namespaces that grant it',
  async t => {
    const objects = await renderManifest(join('deploy', 'chart', 'ci', 'closed.yaml'))
    if (objects === null) {
      t.pass('there is no Helm')
      return
    }
    t.teardown(() => kubectl(['apply', `--filename=${manifest}`]))
    const roles = objects.filter(({ kind }) => kind === 'ClusterRole')
    t.equal((await send(['apply'], ...roles)).code, 0)
    const account = 'system:serviceaccount:atlas-admission:atlas-admission'
    const mayRead = async (namespace: string) => {
      const question = ['auth', 'can-i', 'get', 'secrets', `--namespace=${namespace}`]
      return (await kubectl([...question, `--as=${account}`])).stdout.trim()
    }
    t.ok(await eventually(async () => (await mayRead('shop')) === 'no', 30_000), 'at first none')
    // As the chart prints it after the install.
    const grant = ['create', 'rolebinding', 'atlas-admission-secrets', '--namespace=shop']
    const what = [
      '--clusterrole=atlas-admission-secrets',
      '--serviceaccount=atlas-admission:atlas-admission',
    ]
    t.equal((await kubectl([...grant, ...what])).code, 0)
    t.ok(await eventually(async () => (await mayRead('shop')) === 'yes', 30_000))
    for (const namespace of ['billing', 'kube-system', 'atlas-admission'])
      t.equal(await mayRead(namespace), 'no', namespace)
  },
)

void t.test('with these rights it serves, keeps its certificate and audits', async t => {
  const [namespace, name] = ['atlas-admission', 'atlas-admission']
  const kubeconfig = await serviceAccountKubeconfig(plane, { namespace, name })
  const inNamespace = `--namespace=${namespace}`
  await kubectlOutput(kubectl, ['config', 'set-context', '--current', inNamespace], { kubeconfig })
  const args = ['serve', '--kubernetes', `--kubeconfig=${kubeconfig}`, '--log-level=warn']
  const gate = spawn(process.execPath, ['dist/src/main.js', ...args, '--listen=127.0.0.1:0'], {
    env: {
      ...process.env,
      ...(await containerEnvironment()),
      ATLAS_ADMISSION_METRICS_LISTEN: 'off',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => gate.kill())
  let complaints = ''
  gate.stdout.on('data', (text: Buffer) => (complaints += text.toString()))
  const get = (...what: readonly string[]) => kubectlOutput(kubectl, ['get', ...what])
  const bundles = '--output=jsonpath={.webhooks[*].clientConfig.caBundle}'
  const trusted = async () =>
    (await get('validatingwebhookconfiguration/atlas-admission', bundles)).split(' ').length === 3
  t.ok(await eventually(trusted, 30_000), 'the API server is told whom to trust')
  t.match(await get('secret/atlas-admission-certificate', inNamespace, '--output=json'), 'tls.key')
  const holder = '--output=jsonpath={.spec.holderIdentity}'
  const lease = () => kubectl(['get', 'lease/atlas-admission-audit', inNamespace, holder])
  t.ok(await eventually(async () => (await lease()).stdout !== '', 30_000), 'it leads the audit')
  t.equal(complaints, '')
  const difference = await kubectl(['diff', `--filename=${manifest}`])
  t.equal(difference.code, 0, 'what it has written is no difference to the manifest')
})

/** The variables of the container in the Deployment, but for those of Node. */
async function containerEnvironment(): Promise<Readonly<Record<string, string>>> {
  const { spec } = (await readManifestObject('Deployment')) as unknown as {
    readonly spec: { readonly template: { readonly spec: PodSpec } }
  }
  const { env } = spec.template.spec.containers[0]
  const ours = env.filter(({ name }) => name !== 'NODE_OPTIONS')
  return Object.fromEntries(ours.map(({ name, value }) => [name, value]))
}

interface PodSpec {
  readonly containers: readonly [
    { readonly env: readonly { readonly name: string; readonly value: string }[] },
  ]
}

/*
 * Which writes are sent to which webhook: with webhooks that nobody answers and that fail closed, those are refused with the
 * webhook's name.
 */
const configuration = 'atlas-admission-e2e'

async function callNobody(): Promise<void> {
  const installed = await readManifestObject('ValidatingWebhookConfiguration')
  const webhooks = (installed['webhooks'] as readonly object[]).map(webhook => ({
    ...webhook,
    clientConfig: { url: 'https://127.0.0.1:1/validate' },
    failurePolicy: 'Fail',
  }))
  const items = [{ ...installed, metadata: { name: configuration }, webhooks }]
  await send(['apply'], ...items)
}

void t.test('which writes wait for which webhook', async t => {
  await kubectlOutput(kubectl, ['delete', 'validatingwebhookconfiguration/atlas-admission'])
  const nobody = async () => (await ask('create', migration('probe'))) === null
  t.ok(await eventually(nobody, 30_000), 'nobody is asked at first')
  const made = await send(['create'], ...existing)
  t.equal(made.code, 0, made.stderr)
  const held = ['patch', 'atlasmigration/large', '--namespace=shop', '--type=merge']
  await kubectlOutput(kubectl, ['delete', 'configmap/held', '--namespace=shop', '--wait=false'])
  await callNobody()
  const probe = async () => (await ask('create', migration('probe'))) === migrations
  t.ok(await eventually(probe, 30_000), 'they come into force')
  for (const [title, webhook, verb, object] of writes)
    t.equal(await ask(verb, object), webhook, title)
  await t.test('an AtlasMigration that is being deleted is let go', async t => {
    const finalizers = (list: string) => [...held, `--patch={"metadata":{"finalizers":${list}}}`]
    t.equal((await kubectl(finalizers('["example.com/hold"]'))).code, 0)
    await kubectl(['delete', 'atlasmigration/large', '--namespace=shop', '--wait=false'])
    t.equal((await kubectl(finalizers('null'))).code, 0)
  })
  await t.test('so is a ConfigMap that keeps its content', async t => {
    const free = ['patch', 'configmap/held', '--namespace=shop', '--type=merge']
    const { code, stderr } = await kubectl([...free, '--patch={"metadata":{"finalizers":null}}'])
    t.equal(code, 0, stderr)
  })
})

/** The webhook that is asked about a dry run, or null for none. */
async function ask(verb: string, object: object): Promise<string | null> {
  const { code, stderr } = await send([verb, '--dry-run=server'], object)
  if (code === 0) return null
  return /failed calling webhook "([^"]+)"/.exec(stderr)?.[1] ?? stderr
}

void t.test('in an emergency one command takes every check away', async t => {
  t.equal((await kubectl(['apply', `--filename=${manifest}`])).code, 0)
  await kubectl(['delete', `validatingwebhookconfiguration/${configuration}`])
  const kinds =
    'validatingwebhookconfiguration,mutatingwebhookconfiguration,validatingadmissionpolicybinding'
  const label = '--selector=app.kubernetes.io/name=atlas-admission'
  await kubectlOutput(kubectl, ['delete', kinds, label])
  const free = async () => (await ask('create', migration('free', { dir: {} }))) === null
  t.ok(await eventually(free, 30_000))
})
