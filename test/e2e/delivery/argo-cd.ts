import type { ApiClient } from '../objects/api-calls.js'
import type { KubernetesObject } from '../objects/cluster-objects.js'
import type { Kubectl } from '../control-plane/kubectl.js'
import {
  collectWarnings,
  type Delivery,
  inApplyOrder,
  type WarningApi,
  without,
} from './delivery.js'

export interface ArgoCdOptions {
  /** The sync option PruneLast. */
  readonly pruneLast?: boolean
  /** Of the sync policy: how often a failed sync is begun again. Argo CD's default of a policy with `retry` is 5. */
  readonly retries?: number
  /** The cluster has a garbage collector: it removes the finalizer that a deletion in the foreground sets. */
  readonly hasControllers: boolean
}

/**
 * A sync (gitops-engine, syncContext.runTasks): what left the set is deleted first, then kind by kind, all of a kind at
 * once, everything is applied as `kubectl apply` does, also after a failure. The dry run before it is made by the client and asks nobody.
 * The text is the message of the operation.
 */
export function buildArgoCd(client: ApiClient, kubectl: Kubectl, options: ArgoCdOptions): Delivery {
  const { retries = 1 } = options
  let tracked: readonly KubernetesObject[] = []
  return {
    async deliver(commit) {
      const api = collectWarnings(client)
      let failures: readonly string[] = []
      for (let attempt = 0; attempt <= retries; attempt++) {
        failures = await sync({ api, kubectl, commit, tracked, options })
        tracked = failures.length > 0 ? [...without(tracked, commit), ...commit] : commit
        if (failures.length === 0) return { error: null, warnings: api.warnings }
      }
      const reason = failures.join(',')
      const error = `one or more objects failed to apply, reason: ${reason} (retried ${retries} times).`
      return { error, warnings: api.warnings }
    },
  }
}

interface Sync {
  readonly api: WarningApi
  readonly kubectl: Kubectl
  readonly commit: readonly KubernetesObject[]
  readonly tracked: readonly KubernetesObject[]
  readonly options: ArgoCdOptions
}

async function sync(all: Sync): Promise<readonly string[]> {
  const { api, commit, tracked, options } = all
  const pruneAll = async () => {
    for (const object of without(tracked, commit)) await prune(api, object, options)
  }
  if (!options.pruneLast) await pruneAll()
  const failures: string[] = []
  for (const kind of new Set(inApplyOrder(commit).map(object => object.kind))) {
    const objects = commit.filter(object => object.kind === kind)
    const answers = await Promise.all(objects.map(object => apply(all, object)))
    failures.push(...answers.filter(failure => failure !== null))
  }
  if (options.pruneLast && failures.length === 0) await pruneAll()
  return failures
}

/** By kubectl, as Argo CD does: the patch is made of the annotation with what was applied last. */
async function apply({ api, kubectl }: Sync, object: KubernetesObject): Promise<string | null> {
  const run = await kubectl(['apply', '--filename=-'], { input: JSON.stringify(object) })
  const lines = run.stderr.split('\n')
  const isWarning = (line: string) => line.startsWith('Warning: ')
  api.warnings.push(...lines.filter(isWarning).map(line => line.slice('Warning: '.length)))
  if (run.code === 0) return null
  const text = lines.filter(line => !isWarning(line)).join('\n')
  // What kubectl prints before the error that Argo CD gets of it.
  return cleaned(text.replace(/^Error from server(?: \(\w+\))?: /, ''))
}

async function prune(
  api: ApiClient,
  object: KubernetesObject,
  { hasControllers }: ArgoCdOptions,
): Promise<void> {
  const query = { propagationPolicy: 'Foreground' }
  await api.call(object, { method: 'DELETE', query })
  if (hasControllers) return
  const body = { metadata: { finalizers: null } }
  await api.call(object, { method: 'PATCH', contentType: 'application/merge-patch+json', body })
}

/** cleanKubectlOutput of gitops-engine (pkg/utils/kube), which takes away whatever looks like a dump of an object. */
export function cleaned(message: string): string {
  return message
    .trim()
    .replace(/^(error: )?(error validating|error when creating) "\S+": /, '')
    .replaceAll(/map\[.*\]/g, '')
    .replace(/^error when applying patch:[^]*\nfor: "\S+": /, '')
}
