import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { issueAuthority } from '../../src/certificates/issue.js'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { eventually } from './control-plane/eventually.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { makeTemporaryFolder } from './control-plane/temporary-folder.js'
import { issueClient } from './client-certificates.js'
import { type ManifestObject, readManifest } from './gate/installed-manifest.js'
import { operate } from './operations/installation.js'

/*
 * --client-ca and --client-names, with an API server that is told to show a certificate as docs/client-certificate.md
 * says. Nobody else gets an answer.
 */

const folder = await makeTemporaryFolder('atlas-admission-clients-')
t.teardown(() => folder.remove())
const file = (name: string) => join(folder.path, name)
const hour = 3_600_000
const validity = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
const [authority, stranger] = [await issueAuthority(validity), await issueAuthority(validity)]
const apiServer = await issueClient(authority, 'kube-apiserver')
const strangers = {
  'without a certificate': {},
  'with a certificate of another authority': await issueClient(stranger, 'kube-apiserver'),
  'with a certificate of the authority for somebody else': await issueClient(authority, 'shop'),
}
await writeFile(file('client-ca.crt'), authority.cert)
await writeFile(file('client.crt'), apiServer.cert)
await writeFile(file('client.key'), apiServer.key, { mode: 0o600 })

const writeJson = (name: string, value: unknown) => writeFile(file(name), JSON.stringify(value))
const showCertificateTo = (users: readonly string[]) =>
  writeJson('webhooks.kubeconfig', {
    apiVersion: 'v1',
    kind: 'Config',
    users: users.map(name => ({
      name,
      user: { 'client-certificate': file('client.crt'), 'client-key': file('client.key') },
    })),
  })
await showCertificateTo([])
await writeJson('admission.yaml', {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map(name => ({
    name,
    configuration: {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'WebhookAdmissionConfiguration',
      kubeConfigFile: file('webhooks.kubeconfig'),
    },
  })),
})

const plane = await obtainControlPlane({
  apiServerArguments: [`--admission-control-config-file=${file('admission.yaml')}`],
})
t.teardown(() => plane.stop())
if (!plane.own) {
  t.plan(0, 'the cluster is not ours')
  process.exit()
}
const { kubectl, own } = plane
await installAtlasCrd(kubectl)
await kubectlOutput(kubectl, ['create', 'namespace', 'shop'])
const manifest = join(process.cwd(), 'deploy', 'install.yaml')
await kubectlOutput(kubectl, ['apply', `--filename=${manifest}`])

/** The Deployment as the chart's value clientCertificate has it, with the file where it is on this machine. */
function askingForCertificates(object: ManifestObject): ManifestObject {
  if (object.kind !== 'Deployment') return object
  const { template } = object['spec'] as {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] }
    }
  }
  const options = [`--client-ca=${file('client-ca.crt')}`, '--client-names=kube-apiserver']
  const containers = template.spec.containers.map(container => ({
    ...container,
    args: [...container.args, ...options],
  }))
  return { ...object, spec: { template: { spec: { ...template.spec, containers } } } }
}

const objects = (await readManifest()).map(askingForCertificates)
const installation = await operate(t, { plane, objects })
const replica = await installation.startReady()

/** Something to be warned of that the rules in the API server know nothing about. */
const beforeItsConfigMap = {
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name: 'probe', namespace: 'shop' },
  spec: { url: 'postgres://127.0.0.1:1/none', dir: { configMapRef: { name: 'later' } } },
}

/** What a write of an AtlasMigration is answered with. */
async function write(): Promise<string> {
  const create = ['create', '--dry-run=server', '--filename=-']
  return (await kubectl(create, { input: JSON.stringify(beforeItsConfigMap) })).stderr
}

const review = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'asked-by-a-pod',
    kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
    resource: { group: 'db.atlasgo.io', version: 'v1alpha1', resource: 'atlasmigrations' },
    operation: 'CREATE',
    namespace: 'shop',
    name: 'probe',
    userInfo: { username: 'system:serviceaccount:shop:default' },
    object: beforeItsConfigMap,
    oldObject: null,
    dryRun: true,
  },
})

/** Asks as a pod would: there is a way to the port, and the path is known. */
function post(client: { readonly cert?: string; readonly key?: string }, path = '/validate') {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const { port } = replica
    const method = path === '/livez' ? 'GET' : 'POST'
    const headers = { 'content-type': 'application/json' }
    const call = { host: '127.0.0.1', port, path, method, headers, agent: false, ...client }
    // Whose certificate the gate has is of no interest to who attacks it.
    request({ ...call, rejectUnauthorized: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
      .on('error', reject)
      .end(method === 'POST' ? review : undefined)
  })
}

for (const [title, client] of Object.entries(strangers)) {
  for (const path of ['/validate', '/mutate']) {
    void t.test(`a pod ${title} gets no answer from ${path}`, async t => {
      const { status, text } = await post(client, path)
      t.ok(status >= 400 && status < 500, `${status}`)
      t.notMatch(text, 'configmap-not-found')
      t.notMatch(text, '"allowed"')
    })
  }
}

void t.test('the kubelet, which has none, still learns that it lives', async t => {
  t.equal((await post({}, '/livez')).status, 200)
})

void t.test('who shows the certificate is answered', async t => {
  const { status, text } = await post(apiServer)
  t.equal(status, 200)
  t.match(text, 'configmap-not-found')
})

void t.test('an API server that shows none gets no answer, and the write fails', async t => {
  const answer = await write()
  t.match(answer, 'failed calling webhook')
  t.notMatch(answer, 'configmap-not-found')
})

void t.test('an API server that is told to show it is answered', async t => {
  const { port } = installation.balancer
  // With port 443 the name is that of the Service alone, as docs/client-certificate.md has it.
  await showCertificateTo([`atlas-admission.atlas-admission.svc:${port}`])
  await own.restartApiServer()
  const isAnswered = async () => (await write()).startsWith('Warning: [configmap-not-found]')
  t.ok(await eventually(isAnswered, 30_000), await write())
  const { text } = await post({})
  t.notMatch(text, 'configmap-not-found', 'a pod still is not')
})
