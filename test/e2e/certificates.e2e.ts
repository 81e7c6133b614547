import t, { type Test } from 'tap'
import type { FoundConfiguration } from '../../src/certificates/certificate-store.js'
import type { CertificateTiming } from '../../src/certificates/lifetimes.js'
import { parseAuthorities } from '../../src/certificates/stored-certificates.js'
import { serviceDnsNames } from '../../src/certificates/subject-names.js'
import { startReviewing } from '../../src/gate/running-gate.js'
import { buildPostgresReader } from '../../src/database/postgres-reader.js'
import {
  type KubernetesCertificateStore,
  openCertificateStore,
} from '../../src/kubernetes/certificates/kubernetes-certificate-store.js'
import { openManifests } from '../../src/manifests/manifests-cluster.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { Gate } from '../../src/webhook/gate.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { eventually } from './control-plane/eventually.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from './control-plane/service-account.js'
import { readControlPlaneSettings } from './control-plane/settings.js'

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const output = (args: readonly string[], object?: unknown) =>
  kubectlOutput(plane.kubectl, args, object ? { input: JSON.stringify(object) } : {})

const namespace = `atlas-admission-certificates-${process.pid}`
const name = namespace
await installAtlasCrd(plane.kubectl)
await output(['create', 'namespace', namespace])
t.teardown(() => plane.kubectl(['delete', 'namespace', namespace, '--wait=false']))
t.teardown(() =>
  plane.kubectl([
    'delete',
    `validatingwebhookconfiguration/${name}`,
    `clusterrole/${name}`,
    `clusterrolebinding/${name}`,
    '--ignore-not-found',
  ]),
)

/** The rights that certs/README.md names, and no others. */
const rbac = 'rbac.authorization.k8s.io'
const rights = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name, namespace },
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: [name],
          verbs: ['get', 'update'],
        },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['validatingwebhookconfigurations'],
          resourceNames: [name],
          verbs: ['get', 'patch'],
        },
      ],
    },
    ...['Role', 'ClusterRole'].map(kind => ({
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata: kind === 'Role' ? { name, namespace } : { name },
      roleRef: { apiGroup: rbac, kind, name },
      subjects: [{ kind: 'ServiceAccount', name: 'gate', namespace }],
    })),
  ],
}

await output(['create', 'serviceaccount', 'gate', `--namespace=${namespace}`])
await output(['create', '--filename=-'], rights)
const kubeconfig = await serviceAccountKubeconfig(plane, { namespace, name: 'gate' })

/** A whole rotation of authority and certificates takes some ten seconds. */
const timing: Partial<CertificateTiming> = {
  authorityMs: 24_000,
  leafMs: 7000,
  overlapMs: 1000,
  intervalMs: 200,
}

function openStore(t: Test): KubernetesCertificateStore {
  const store = openCertificateStore({
    access: { kind: 'kubeconfig', file: kubeconfig },
    secret: { namespace, name, installation: `${namespace}/gate` },
    configurations: [{ kind: 'validating', name }],
  })
  t.teardown(() => store.close())
  return store
}

const { webhookHost } = readControlPlaneSettings()

async function startReplica(t: Test): Promise<Gate> {
  const manifests = await openManifests(t.testdir({ cluster: {} }))
  t.teardown(() => manifests.close())
  const reader = buildPostgresReader({ limits: defaultSettings.database, onFailure: () => {} })
  t.teardown(() => reader.close())
  const gate = await startReviewing(
    {
      listen: { host: webhookHost, port: 0 },
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      cluster: manifests,
      certificate: {
        store: openStore(t),
        dnsNames: [...serviceDnsNames({ namespace, name: 'gate' }), webhookHost],
        timing,
      },
      reader,
      settings: defaultSettings,
      log: buildLogger({ level: 'silent' }),
    },
  )
  t.teardown(() => gate.stop())
  return gate
}

/** As a chart installs it: without caBundle. */
const configuration = (port: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'validate.atlas-admission.io',
      clientConfig: { url: `https://localhost:${port}/validate` },
      rules: [
        {
          apiGroups: ['db.atlasgo.io'],
          apiVersions: ['v1alpha1'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['atlasmigrations'],
        },
      ],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 10,
    },
  ],
})

interface Stored {
  readonly metadata: { readonly managedFields: readonly Record<string, unknown>[] }
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
}

const readConfiguration = async () => {
  const get = ['get', `validatingwebhookconfiguration/${name}`, '--output=json']
  return JSON.parse(await output([...get, '--show-managed-fields'])) as Stored
}
const readBundle = async () => {
  const [webhook] = (await readConfiguration()).webhooks
  return parseAuthorities(Buffer.from(webhook?.clientConfig.caBundle ?? '', 'base64').toString())
}

const review = {
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name: 'refused', namespace },
  spec: { url: 'postgres://127.0.0.1:1/none', dir: {} },
}

/** What kubectl prints of a write that our rules deny: proof that the API server has called and trusted us. */
async function ask(): Promise<string> {
  const create = ['create', '--dry-run=server', '--filename=-']
  const { stderr } = await plane.kubectl(create, { input: JSON.stringify(review) })
  return stderr
}
const isAnswer = (text: string) => text.includes('denied the request: [directory-missing]')

const ownOnly = {
  skip:
    webhookHost === '127.0.0.1' ? false : 'the API server does not know this machine as localhost',
}

void t.test('a real API server trusts what is made and renewed here', ownOnly, async t => {
  const replicas = [await startReplica(t), await startReplica(t)]
  const [first] = replicas as [Gate]
  await output(['apply', '--server-side', '--filename=-'], configuration(new URL(first.url).port))
  t.ok(await eventually(async () => isAnswer(await ask()), 15_000), 'it is trusted')

  const { managedFields } = (await readConfiguration()).metadata
  const manager = managedFields.find(({ manager }) => manager === 'atlas-admission')
  t.strictSame(JSON.stringify(manager?.['fieldsV1']).match(/"f:[^"]+"/g), [
    '"f:webhooks"',
    '"f:clientConfig"',
    '"f:caBundle"',
  ])

  await t.test('a rotation under load fails no call', async t => {
    const before = await readBundle()
    const failures: string[] = []
    const seen = new Set(before.map(({ fingerprint }) => fingerprint))
    let calls = 0
    const isRotated = async () => {
      const bundle = await readBundle()
      for (const { fingerprint } of bundle) seen.add(fingerprint)
      return bundle.every(({ fingerprint }) => fingerprint !== before[0]?.fingerprint)
    }
    while (!(await isRotated()) && calls < 1000) {
      const line = await ask()
      calls += 1
      if (!isAnswer(line)) failures.push(line)
    }
    t.strictSame(failures, [])
    t.ok(seen.size >= 2)
    t.comment(`${calls} calls, ${seen.size} authorities`)
  })

  await t.test('a GitOps tool that applies again leaves the caBundle alone', async t => {
    const port = new URL(first.url).port
    await output(['apply', '--server-side', '--filename=-'], configuration(port))
    t.ok((await readBundle()).length > 0)
    t.ok(isAnswer(await ask()))
  })

  await t.test('a caBundle that was emptied is filled again', async t => {
    const path = '/webhooks/0/clientConfig/caBundle'
    const patch = ['patch', `validatingwebhookconfiguration/${name}`, '--type=json']
    await output([...patch, `--patch=${JSON.stringify([{ op: 'remove', path }])}`])
    t.ok(await eventually(async () => (await readBundle()).length > 0, 10_000))
    t.ok(await eventually(async () => isAnswer(await ask()), 10_000))
  })

  await t.test('a deleted Secret is made anew', async t => {
    await output(['delete', 'secret', name, `--namespace=${namespace}`])
    const get = ['get', 'secret', name, `--namespace=${namespace}`]
    t.ok(await eventually(async () => (await plane.kubectl(get)).code === 0, 10_000))
    t.ok(await eventually(async () => isAnswer(await ask()), 10_000))
  })
})

void t.test('a write on top of an old version does not count', async t => {
  const store = openStore(t)
  const signal = AbortSignal.timeout(10_000)
  const label = (value: string) =>
    output(['label', `validatingwebhookconfiguration/${name}`, `e2e=${value}`, '--overwrite'])
  await label('before')
  const { configurations, secret } = await store.read(signal)
  await label('after')
  await output(['label', 'secret', name, `--namespace=${namespace}`, 'e2e=after', '--overwrite'])
  const found = configurations[0] as FoundConfiguration
  t.equal(found.kind, 'found')
  t.equal(await store.writeBundle(found, '', signal), false)
  if (secret.kind !== 'ours') throw new Error('the Secret is not ours')
  t.equal(await store.writeSecret(secret, secret.texts, signal), false)
  t.equal(await store.writeSecret({ kind: 'missing' }, secret.texts, signal), false)
})
