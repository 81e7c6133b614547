import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ControlPlane } from '../control-plane/control-plane.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { serviceAccountKubeconfig } from '../control-plane/service-account.js'
import type { ManifestObject } from '../gate/installed-manifest.js'
import { type LoadBalancer, startLoadBalancer } from './load-balancer.js'
import { type Replica, startReplica } from './replica.js'

/**
 * What a manifest installs, with processes for its pods: they have the Deployment's arguments and variables and the
 * rights of its ServiceAccount, and the API server reaches them through its Service.
 */
export interface Installation {
  readonly namespace: string
  readonly balancer: LoadBalancer
  /** What its pods have mounted. */
  readonly policyFile: string
  /** Resolves when connections are sent to it. */
  startReady(): Promise<Replica>
  /** Resolves at once. */
  start(): Promise<Replica>
}

export interface InstallationOptions {
  readonly plane: ControlPlane
  /** They are in the cluster. */
  readonly objects: readonly ManifestObject[]
}

/** Puts a load balancer behind the Service of an installation. Everything that is started ends with the test. */
export async function operate(t: Test, options: InstallationOptions): Promise<Installation> {
  const { plane, objects } = options
  const deployment = only(objects, 'Deployment')
  const account = only(objects, 'ServiceAccount').metadata
  const namespace = account.namespace ?? ''
  const policyFile = join(plane.folder, `${namespace}-policy.yaml`)
  await writeFile(policyFile, policyOf(objects))
  const kubeconfig = await serviceAccountKubeconfig(plane, { namespace, name: account.name })
  const balancer = await startLoadBalancer()
  t.teardown(() => balancer.close())
  await sendCallsTo(balancer, options)
  const start = async () => {
    const { folder } = plane
    const replica = await startReplica({ deployment, kubeconfig, policyFile, folder })
    t.teardown(() => replica.stop())
    balancer.add(replica)
    return replica
  }
  return {
    namespace,
    balancer,
    policyFile,
    start,
    async startReady() {
      const replica = await start()
      if (await eventually(() => balancer.ready().includes(replica), 60_000)) return replica
      const { text } = await replica.probe('/readyz')
      throw new Error(`a replica is not ready after a minute: ${text}`)
    },
  }
}

/**
 * The API server asks no DNS and no proxy for a Service of type ExternalName (apiserver, util/proxy): it calls that
 * name, at the port of the webhook, and still expects a certificate for the Service. So only the ports differ from
 * what is shipped.
 */
export async function sendCallsTo(
  balancer: LoadBalancer,
  { plane: { kubectl }, objects }: InstallationOptions,
): Promise<void> {
  const service = only(objects, 'Service').metadata
  const external = { type: 'ExternalName', externalName: 'localhost', clusterIP: null }
  const spec = { ...external, clusterIPs: null, selector: null }
  await kubectlOutput(kubectl, [
    'patch',
    `service/${service.name}`,
    `--namespace=${service.namespace}`,
    '--type=merge',
    `--patch=${JSON.stringify({ spec })}`,
  ])
  const configuration = only(objects, 'ValidatingWebhookConfiguration')
  const patch = (configuration['webhooks'] as readonly unknown[]).map((_, index) => ({
    op: 'replace',
    path: `/webhooks/${index}/clientConfig/service/port`,
    value: balancer.port,
  }))
  await kubectlOutput(kubectl, [
    'patch',
    `validatingwebhookconfiguration/${configuration.metadata.name}`,
    '--type=json',
    `--patch=${JSON.stringify(patch)}`,
  ])
}

/** The only object of a kind. */
export function only(objects: readonly ManifestObject[], kind: string): ManifestObject {
  const [object, ...more] = objects.filter(object => object.kind === kind)
  if (object && more.length === 0) return object
  throw new Error(`the manifest has ${object ? 'several objects' : 'no object'} of ${kind}`)
}

function policyOf(objects: readonly ManifestObject[]): string {
  const policy = only(objects, 'ConfigMap')['data'] as Readonly<Record<string, string>>
  return policy['policy.yaml'] ?? ''
}
