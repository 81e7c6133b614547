import { X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CertificateTiming } from '../../../src/certificates/lifetimes.js'
import { parseAuthorities } from '../../../src/certificates/stored-certificates.js'
import { serviceDnsNames } from '../../../src/certificates/subject-names.js'
import { type GateSources, startReviewing } from '../../../src/gate/running-gate.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { openCertificateStore } from '../../../src/kubernetes/certificates/kubernetes-certificate-store.js'
import { openKubernetes } from '../../../src/kubernetes/kubernetes-cluster.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import { issueSelfSigned, type SelfSigned } from '../../../src/webhook/tls/self-signed.js'
import type { CertificateFiles } from '../../../src/webhook/tls/tls.js'
import { createDatabase, startTestPostgres } from '../../database/test-postgres.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from '../control-plane/service-account.js'
import { readManifest } from '../gate/installed-manifest.js'
import { openApiCaller } from './api-caller.js'
import { breakFiles, readFineFiles } from './directories.js'
import { watchHandshakes } from './handshakes.js'
import { only, sendCallsTo } from './installation.js'
import { type LoadBalancer, startLoadBalancer } from './load-balancer.js'
import { startWriteLoad } from './write-load.js'

/*
 * Certificates end while AtlasMigrations are written: a write fails when the API server does not trust what it meets.
 * The gates are in this process, since no option makes certificates short-lived.
 */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
if (!plane.own) {
  t.plan(0, 'the cluster is not ours')
  process.exit()
}
const postgres = await startTestPostgres(t)
const files = await readFineFiles()
const namespace = 'shop'
const service = { namespace: 'atlas-admission', name: 'atlas-admission' }
const serverName = `${service.name}.${service.namespace}.svc`
const configurations = 'validatingwebhookconfigurations'

const output = (...args: readonly string[]) => kubectlOutput(kubectl, args)
await installAtlasCrd(kubectl)
await output('create', 'namespace', namespace)
await output('apply', `--filename=${join(process.cwd(), 'deploy', 'install.yaml')}`)
const objects = await readManifest()
const access = {
  kind: 'kubeconfig',
  file: await serviceAccountKubeconfig(plane, service),
} as const

async function startGate(
  t: Test,
  balancer: LoadBalancer,
  certificate: Pick<GateSources, 'certificate'> & { readonly files?: CertificateFiles },
): Promise<void> {
  const cluster = await openKubernetes({ access })
  t.teardown(() => cluster.close())
  const reader = buildPostgresReader({ limits: defaultSettings.database, onFailure: () => {} })
  t.teardown(() => reader.close())
  const gate = await startReviewing(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: null,
      certificateFiles: certificate.files ?? null,
      drainDelayMs: 0,
    },
    {
      cluster,
      watch: cluster,
      reader,
      settings: defaultSettings,
      log: buildLogger({ level: 'silent' }),
      ...(certificate.certificate && { certificate: certificate.certificate }),
    },
  )
  t.teardown(() => gate.stop())
  balancer.add({ port: Number(new URL(gate.url).port) })
}

async function balance(t: Test): Promise<LoadBalancer> {
  const balancer = await startLoadBalancer()
  t.teardown(() => balancer.close())
  await sendCallsTo(balancer, { plane, objects })
  return balancer
}

async function startLoad() {
  const databaseUrls = [await createDatabase(postgres), await createDatabase(postgres)]
  const { kubeconfig } = plane
  const brokenFiles = breakFiles(files)
  return startWriteLoad({ kubeconfig, namespace, databaseUrls, files, brokenFiles })
}

const caller = await openApiCaller(plane.kubeconfig)
t.teardown(() => caller.close())

/** What the API server trusts (PEM). */
async function readBundle(): Promise<string> {
  const path = `/apis/admissionregistration.k8s.io/v1/${configurations}/atlas-admission`
  const { body } = await caller.call({ method: 'GET', path })
  const [first] = (body as { webhooks: { clientConfig: { caBundle?: string } }[] }).webhooks
  return Buffer.from(first?.clientConfig.caBundle ?? '', 'base64').toString('utf8')
}

/** A life of two days at this pace takes a minute: three certificates of the first authority, then those of the second. */
const timing: Partial<CertificateTiming> = {
  authorityMs: 57_000,
  leafMs: 18_000,
  overlapMs: 2000,
  intervalMs: 500,
}

void t.test('certificates and their authority are replaced without a failed write', async t => {
  const balancer = await balance(t)
  for (let replica = 0; replica < 2; replica += 1) {
    const store = openCertificateStore({
      access,
      secret: {
        namespace: service.namespace,
        name: only(objects, 'Secret').metadata.name,
        installation: `${service.namespace}/${service.name}`,
      },
      configurations: [{ kind: 'validating', name: 'atlas-admission' }],
    })
    t.teardown(() => store.close())
    const dnsNames = serviceDnsNames(service)
    await startGate(t, balancer, { certificate: { store, dnsNames, timing } })
  }
  t.ok(await eventually(() => balancer.ready().length === 2, 30_000), 'both are trusted')
  const [first] = parseAuthorities(await readBundle())
  const load = await startLoad()
  const handshakes = watchHandshakes({ port: balancer.port, serverName, readBundle })
  const firstIsGone = async () => {
    const authorities = parseAuthorities(await readBundle())
    return authorities.every(({ fingerprint }) => fingerprint !== first?.fingerprint)
  }
  t.ok(await eventually(firstIsGone, 90_000), 'the first authority has left the caBundle')
  await sleep(1000)
  const { done, failures } = await load.stop()
  const seen = await handshakes.stop()
  t.strictSame(failures, [])
  t.strictSame(seen.failures, [])
  t.ok(done > 100, `${done} writes`)
  t.ok(seen.done > 100, `${seen.done} connections`)
  t.ok(seen.certificates.size >= 4, `${seen.certificates.size} certificates`)
  t.equal(seen.issuers.size, 2, 'of two authorities')
})

void t.test('certificates in files are replaced without a failed write', async t => {
  const folder = join(plane.folder, 'certificates')
  await mkdir(folder)
  const pair = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
  const issue = () => issueSelfSigned({ dnsNames: [serverName], ipAddresses: [], days: 1 })
  const [old, next] = [await issue(), await issue()]
  const write = async ({ cert, key }: SelfSigned) => {
    await writeFile(pair.keyFile, key)
    await writeFile(pair.certFile, cert)
  }
  await write(old)
  await publish(old.ca)
  const balancer = await balance(t)
  for (let replica = 0; replica < 2; replica += 1) await startGate(t, balancer, { files: pair })
  t.ok(await eventually(() => balancer.ready().length === 2, 30_000))
  const load = await startLoad()
  const handshakes = watchHandshakes({ port: balancer.port, serverName, readBundle })
  await sleep(1000)
  await publish(old.ca + next.ca)
  await sleep(1000)
  await write(next)
  const { fingerprint256 } = new X509Certificate(next.cert)
  t.ok(await eventually(() => handshakes.last() === fingerprint256, 20_000), 'the new one is there')
  // Until the other gate has seen it, too.
  await sleep(1000)
  await publish(next.ca)
  await sleep(2000)
  const { done, failures } = await load.stop()
  const seen = await handshakes.stop()
  t.strictSame(failures, [])
  t.strictSame(seen.failures, [])
  t.ok(done > 20, `${done} writes`)
  t.equal(seen.certificates.size, 2)
})

async function publish(authorities: string): Promise<void> {
  const { webhooks } = only(objects, 'ValidatingWebhookConfiguration')
  const value = Buffer.from(authorities).toString('base64')
  const patch = (webhooks as readonly unknown[]).map((_, index) => ({
    op: 'add',
    path: `/webhooks/${index}/clientConfig/caBundle`,
    value,
  }))
  const name = `${configurations}/atlas-admission`
  await output('patch', name, '--type=json', `--patch=${JSON.stringify(patch)}`)
}
