import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { issueSelfSigned } from '../../../src/webhook/tls/self-signed.js'
import { buildApiClient } from '../objects/api-calls.js'
import { configMap, migration, type Texts } from '../objects/cluster-objects.js'
import { startChild } from '../programs/child-program.js'
import type { ControlPlane } from '../control-plane/control-plane.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { serviceAccountKubeconfig } from '../control-plane/service-account.js'
import { readControlPlaneSettings } from '../control-plane/settings.js'
import { type ManifestObject, readManifest } from './installed-manifest.js'

/** A line of the gate's log about one request of the API server. */
export interface LoggedRequest {
  readonly operation: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly subResource?: string
  readonly dryRun: boolean
  readonly allowed: boolean
  /** `rule-id=denied`, `rule-id=warned`. */
  readonly findings: readonly string[]
  readonly path: string
  /** What /mutate made of an object that another ConfigMap could serve. */
  readonly rewrite?: string
}

export interface InstalledGate {
  /** Resolves when the gate knows every AtlasMigration as it is now; it follows them by a watch, a moment behind. */
  catchUp(): Promise<void>
  /** What has reached the gate while `act` ran, in the order of the answers. */
  requestsDuring(act: () => Promise<unknown>): Promise<readonly LoggedRequest[]>
}

const account = { namespace: 'atlas-admission', name: 'atlas-admission' }

/**
 * The gate as it is installed: the built program, with the policy, rights and webhooks of deploy/install.yaml. Only where it is
 * called differs: at a URL of this machine. What was there before the test stays; what is installed goes with it.
 */
export async function installGate(
  t: Test,
  plane: ControlPlane,
  manifest?: readonly ManifestObject[],
): Promise<InstalledGate> {
  const send = (verb: string, objects: readonly unknown[]) =>
    kubectlOutput(plane.kubectl, [verb, '--filename=-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    })
  const objects = (manifest ?? (await readManifest())).filter(({ kind }) => !workloads.has(kind))
  const isWebhooks = ({ kind }: ManifestObject) => kind.endsWith('WebhookConfiguration')
  t.teardown(() =>
    plane.kubectl(['delete', '--filename=-', '--wait=false', '--ignore-not-found'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.toReversed() }),
    }),
  )
  await send(
    'apply',
    objects.filter(object => !isWebhooks(object)),
  )
  const gate = await startGate(t, plane, policyOf(objects))
  await send(
    'apply',
    objects.filter(isWebhooks).map(object => calledAt(object, gate)),
  )
  const barrier = await raiseBarrier(t, plane, gate.readRequests)
  await barrier()
  return {
    catchUp: barrier,
    async requestsDuring(act) {
      await barrier()
      const { length } = await gate.readRequests()
      await act()
      // A request that was logged before the barrier's has been written by then.
      await barrier()
      return (await gate.readRequests()).slice(length).filter(isNoBarrier)
    },
  }
}

/** Started as a process of this machine instead. */
const workloads = new Set(['Deployment', 'PodDisruptionBudget'])

interface StartedGate {
  readonly url: string
  readonly authority: string
  readonly readRequests: () => Promise<readonly LoggedRequest[]>
}

function policyOf(objects: readonly ManifestObject[]): string {
  const found = objects.find(({ metadata }) => metadata.name === 'atlas-admission-policy')
  return (found as unknown as { readonly data: Texts }).data['policy.yaml']!
}

async function startGate(t: Test, plane: ControlPlane, policy: string): Promise<StartedGate> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-gate-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const { webhookHost } = readControlPlaneSettings()
  const { ca, cert, key } = await issueSelfSigned({
    dnsNames: isIP(webhookHost) ? [] : [webhookHost],
    ipAddresses: isIP(webhookHost) ? [webhookHost] : [],
    days: 1,
  })
  const [certFile, keyFile, logFile, policyFile] = ['tls.crt', 'tls.key', 'log', 'policy.yaml'].map(
    name => join(folder, name),
  )
  await writeFile(policyFile!, policy)
  await writeFile(certFile!, cert)
  await writeFile(keyFile!, key, { mode: 0o600 })
  const child = await startChild('atlas-admission', {
    program: process.execPath,
    arguments: [
      resolve('dist/src/main.js'),
      'serve',
      '--kubernetes',
      `--kubeconfig=${await serviceAccountKubeconfig(plane, account)}`,
      `--listen=${webhookHost}:0`,
      '--metrics-listen=off',
      `--policy=${policyFile}`,
      `--tls-cert=${certFile}`,
      `--tls-key=${keyFile}`,
      '--drain-delay=0s',
    ],
    logFile: logFile!,
  })
  t.teardown(() => child.stop())
  const lines = async () => parseLog(await readFile(logFile!, 'utf8'))
  let url: string | undefined
  await eventually(async () => {
    url = (await lines()).find(line => line.msg === 'serving')?.url
    return url !== undefined || !child.isRunning()
  }, 30_000)
  if (url === undefined) throw new Error(`no gate: ${await child.lastLogLines(10)}`)
  return {
    url,
    authority: ca,
    readRequests: async () => (await lines()).filter(line => line.operation !== undefined),
  }
}

interface LogLine extends LoggedRequest {
  readonly msg: string
  readonly url?: string
}

/** The last line may not be whole yet. */
function parseLog(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as LogLine)
}

interface InstalledWebhook {
  readonly clientConfig: { readonly service: { readonly path: string } }
}

function calledAt(object: ManifestObject, { url, authority }: StartedGate): ManifestObject {
  const caBundle = Buffer.from(authority).toString('base64')
  const webhooks = (object['webhooks'] as readonly InstalledWebhook[]).map(webhook => ({
    ...webhook,
    clientConfig: { url: `${url}${webhook.clientConfig.service.path}`, caBundle },
  }))
  return { ...object, webhooks }
}

const barrierNamespace = 'atlas-admission-e2e-barrier'
const isNoBarrier = ({ namespace }: LoggedRequest) => namespace !== barrierNamespace

/**
 * A watch brings writes in their order: once a ConfigMap is judged for the last AtlasMigration written, all others are
 * known as well. A dry run of a ConfigMap without its atlas.sum is refused then and not before.
 */
async function raiseBarrier(
  t: Test,
  { kubectl, kubeconfig }: ControlPlane,
  readRequests: StartedGate['readRequests'],
): Promise<() => Promise<void>> {
  await kubectl(['create', 'namespace', barrierNamespace])
  t.teardown(() => kubectl(['delete', 'namespace', barrierNamespace, '--wait=false']))
  const api = await buildApiClient(kubeconfig)
  let count = 0
  return async () => {
    const name = `files-${++count}`
    const spec = { url: 'mysql://db/app', dir: { configMapRef: { name } } }
    const last = migration(barrierNamespace, 'barrier', spec)
    const { error } = await api.apply(last, { fieldManager: 'barrier' })
    if (error) throw new Error(error.message)
    const body = configMap(barrierNamespace, name, { '1.sql': 'SELECT 1;\n' })
    const isKnown = async () => {
      await api.call(body, { method: 'POST', query: { dryRun: 'All' }, body })
      return (await readRequests()).some(line => line.name === name && !line.allowed)
    }
    if (!(await eventually(isKnown, 30_000)))
      throw new Error('the gate does not follow the cluster')
  }
}
