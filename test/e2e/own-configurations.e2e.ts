import { join } from 'node:path'
import t from 'tap'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { eventually } from './control-plane/eventually.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from './control-plane/service-account.js'
import { readManifestObject } from './gate/installed-manifest.js'

/*
 * What a thief of the service account's token can do to webhook configurations: give them another caBundle, and nothing
 * else, even with more rights than the chart grants.
 */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
await installAtlasCrd(kubectl)
const manifest = join(process.cwd(), 'deploy', 'install.yaml')
t.teardown(() => kubectl(['delete', '--wait=false', `--filename=${manifest}`]))
await kubectlOutput(kubectl, ['apply', '--validate=strict', `--filename=${manifest}`])
const account = { namespace: 'atlas-admission', name: 'atlas-admission' }
const kubeconfig = await serviceAccountKubeconfig(plane, account)

const validating = 'validatingwebhookconfiguration/atlas-admission'
const mutating = 'mutatingwebhookconfiguration/atlas-admission'

/** What the API server says to the thief; empty: the write went through. */
async function patch(configuration: string, ...operations: readonly object[]): Promise<string> {
  const args = ['patch', configuration, '--type=json', `--patch=${JSON.stringify(operations)}`]
  const { code, stderr } = await kubectl(args, { kubeconfig })
  return code === 0 ? '' : stderr
}

/** The same without a change: admission is asked, and nothing is stored. */
async function tryPatch(...operations: readonly object[]): Promise<string> {
  const args = ['patch', validating, '--type=json', '--dry-run=server']
  const theft = [...args, `--patch=${JSON.stringify(operations)}`]
  const { code, stderr } = await kubectl(theft, { kubeconfig })
  return code === 0 ? '' : stderr
}

const first = '/webhooks/0'
const add = (path: string, value: unknown) => ({ op: 'add', path, value })
const bundle = (index: number, text: string) =>
  add(`/webhooks/${index}/clientConfig/caBundle`, Buffer.from(text).toString('base64'))
const refusal =
  'system:serviceaccount:atlas-admission:atlas-admission may change clientConfig.caBundle of a webhook configuration, ' +
  'and nothing else'

const everything = {
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: ['*'],
  operations: ['*'],
  scope: '*',
}
const everywhere = { matchExpressions: [] }
const webhooks = (await readManifestObject('ValidatingWebhookConfiguration'))['webhooks'] as [
  Readonly<Record<string, unknown>>,
]
const another = { ...webhooks[0], name: 'another.atlas-admission.io' }

const thefts: readonly [title: string, ...operations: readonly object[]][] = [
  ['send it everything', add(`${first}/rules/1`, everything)],
  ['send it other operations', add(`${first}/rules/0/operations/0`, 'DELETE')],
  ['watch more namespaces', add(`${first}/namespaceSelector`, everywhere)],
  ['watch fewer objects', add(`${first}/objectSelector`, { matchLabels: { a: 'b' } })],
  ['ask about every write', { op: 'remove', path: `${first}/matchConditions` }],
  ['ask about no write', add(`${first}/matchConditions/0/expression`, 'false')],
  ['add a condition', add(`${first}/matchConditions/2`, { name: 'never', expression: 'false' })],
  ['fail open', add(`${first}/failurePolicy`, 'Ignore')],
  ['hold every write up', add(`${first}/timeoutSeconds`, 30)],
  ['match literally', add(`${first}/matchPolicy`, 'Exact')],
  ['claim side effects', add(`${first}/sideEffects`, 'None')],
  ['call another Service', add(`${first}/clientConfig/service/namespace`, 'shop')],
  ['call another path', add(`${first}/clientConfig/service/path`, '/other')],
  ['call another port', add(`${first}/clientConfig/service/port`, 8443)],
  ['call elsewhere', add(`${first}/clientConfig`, { url: 'https://192.0.2.1/validate' })],
  ['rename a webhook', add(`${first}/name`, 'renamed.atlas-admission.io')],
  ['add a webhook', add('/webhooks/-', another)],
  ['take one away', { op: 'remove', path: first }],
  ['take all away', { op: 'remove', path: '/webhooks' }],
  ['change their order', { op: 'move', from: first, path: '/webhooks/1' }],
  ['label it', add('/metadata/labels/a', 'b')],
  ['annotate it', add('/metadata/annotations', { 'cert-manager.io/inject-ca-from': 'shop/a' })],
  ['keep it from being deleted', add('/metadata/finalizers', ['example.com/hold'])],
  [
    'hide it behind a caBundle',
    bundle(0, 'hidden'),
    add(`${first}/timeoutSeconds`, 30),
    bundle(1, 'hidden'),
  ],
]

const label = add('/metadata/labels/a', 'b')
const binding = 'validatingadmissionpolicybinding/atlas-admission-own-configurations'

void t.test('without the policy the rights of the account allow all of it', async t => {
  await kubectlOutput(kubectl, ['delete', binding])
  t.ok(await eventually(async () => (await tryPatch(label)) === '', 30_000))
  for (const [title, ...operations] of thefts) t.equal(await tryPatch(...operations), '', title)
  await kubectlOutput(kubectl, ['apply', `--filename=${manifest}`])
  t.ok(await eventually(async () => (await tryPatch(label)) !== '', 30_000), 'until it is in force')
})

const canPatch: readonly [title: string, operations: readonly object[]][] = [
  ['a caBundle is set', [bundle(0, 'one')]],
  ['all are', [bundle(0, 'two'), bundle(1, 'two'), bundle(2, 'two')]],
  ['one is taken away', [{ op: 'remove', path: `${first}/clientConfig/caBundle` }]],
]
for (const [title, operations] of canPatch) {
  void t.test(title, async t => {
    t.equal(await patch(validating, ...operations), '')
  })
}

for (const [title, ...operations] of thefts) {
  void t.test(`cannot ${title}`, async t => {
    t.match(await tryPatch(...operations), refusal)
    t.match(await patch(validating, ...operations), refusal)
  })
}

void t.test('nothing was changed by what was refused', async t => {
  const get = ['get', validating, '--output=json']
  const stored = JSON.parse(await kubectlOutput(kubectl, get)) as {
    readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
  }
  t.strictSame(
    stored.webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? ''),
    ['', 'two', 'two'].map(text => Buffer.from(text).toString('base64')),
  )
  t.equal((await kubectl(['diff', `--filename=${manifest}`])).code, 0)
})

void t.test('with every right of the cluster it is held to the same', async t => {
  const granted = ['clusterrolebinding', 'atlas-admission-e2e-thief']
  const admin = ['--clusterrole=cluster-admin', '--serviceaccount=atlas-admission:atlas-admission']
  await kubectlOutput(kubectl, ['create', ...granted, ...admin])
  t.teardown(() => kubectl(['delete', ...granted]))
  const installed = await readManifestObject('ValidatingWebhookConfiguration')
  const rewriting = {
    ...installed,
    kind: 'MutatingWebhookConfiguration',
    webhooks: [{ ...webhooks[0], sideEffects: 'None' }],
  }
  const rewritingText = JSON.stringify(rewriting)
  const create = ['create', '--filename=-']
  const mayAll = async () =>
    (await kubectl(['auth', 'can-i', 'delete', validating], { kubeconfig })).code === 0
  t.ok(await eventually(mayAll, 30_000))
  t.match((await kubectl(create, { input: rewritingText, kubeconfig })).stderr, refusal)
  t.match((await kubectl(['delete', validating], { kubeconfig })).stderr, refusal)
  await kubectlOutput(kubectl, create, { input: rewritingText })
  t.teardown(() => kubectl(['delete', mutating]))
  t.equal(await patch(mutating, bundle(0, 'one')), '')
  t.match(await patch(mutating, add(`${first}/reinvocationPolicy`, 'IfNeeded')), refusal)
  t.match(await patch(mutating, add(`${first}/rules/1`, everything)), refusal)
})

void t.test('everybody else changes it as before', async t => {
  t.equal((await kubectl(['label', validating, 'a=b'])).code, 0)
  t.equal((await kubectl(['label', validating, 'a-'])).code, 0)
})

void t.test(
  'its expressions have no fault that a type check finds',
  { skip: !plane.hasControllers },
  async t => {
    const get = [
      'get',
      'validatingadmissionpolicy/atlas-admission-own-configurations',
      '--output=json',
    ]
    const checked = async () => {
      const { status } = JSON.parse(await kubectlOutput(kubectl, get)) as {
        readonly status?: {
          readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] }
        }
      }
      return status?.typeChecking
    }
    t.ok(await eventually(async () => (await checked()) !== undefined, 30_000))
    t.strictSame((await checked())?.expressionWarnings ?? [], [])
  },
)
