import { isDeepStrictEqual } from 'node:util'
import type { ApiClient, Manifest } from '../objects/api-calls.js'
import type { KubernetesObject } from '../objects/cluster-objects.js'
import { collectWarnings, type Delivery, inApplyOrder, isSameObject, without } from './delivery.js'

export interface HelmOptions {
  /** Puts the last release back after a failure. */
  readonly atomic?: boolean
  /** What happens in the cluster until then. */
  readonly beforeRollBack?: () => Promise<void>
}

/**
 * `helm upgrade --install` of Helm 3, with --atomic for `atomic` (pkg/kube, Client.Update): what is not there is
 * created, what is there is patched by the difference between the last release and this one, and only when nothing failed is deleted
 * what left the release. --atomic does the same backwards after a failure. The text is what Helm prints.
 */
export function buildHelm(client: ApiClient, options: HelmOptions = {}): Delivery {
  let release: readonly KubernetesObject[] | null = null
  let last: readonly KubernetesObject[] = []
  return {
    async deliver(commit) {
      const api = collectWarnings(client)
      // Without a release that succeeded, the last one that failed counts.
      const current = release ?? last
      const error = await update(api, current, commit)
      last = commit
      if (error === null) release = commit
      const rollBack = () => update(api, commit, current)
      const text = error === null ? null : await describe(error, rollBack, options)
      return { error: text, warnings: api.warnings }
    },
  }
}

async function describe(
  error: string,
  rollBack: () => Promise<string | null>,
  { atomic = false, beforeRollBack }: HelmOptions,
): Promise<string> {
  const failed = 'Error: UPGRADE FAILED: '
  if (!atomic) return failed + error
  await beforeRollBack?.()
  const second = await rollBack()
  return second === null
    ? `${failed}release shop failed, and has been rolled back due to atomic being set: ${error}`
    : `${failed}an error occurred while rolling back the release. original upgrade error: ${error}: ${second}`
}

/** A new object that fails ends it; patches that fail are collected. */
async function update(
  api: ApiClient,
  original: readonly KubernetesObject[],
  target: readonly KubernetesObject[],
): Promise<string | null> {
  const failures: string[] = []
  for (const object of inApplyOrder(target)) {
    const live = await api.read(object)
    if (live === null) {
      const { error } = await api.call(object, { method: 'POST', body: object })
      if (error) return `failed to create resource: ${error.message}`
      continue
    }
    const old = original.find(candidate => isSameObject(candidate, object))
    if (!old) return `no ${object.kind} with the name "${object.metadata.name}" found`
    const failure = await patch(api, object, { old, live })
    if (failure !== null) failures.push(failure)
  }
  if (failures.length > 0) return failures.join(' && ')
  for (const object of without(original, target)) {
    const query = { propagationPolicy: 'Background' }
    await api.call(object, { method: 'DELETE', query })
  }
  return null
}

async function patch(
  api: ApiClient,
  object: KubernetesObject,
  { old, live }: { readonly old: KubernetesObject; readonly live: Manifest },
): Promise<string | null> {
  const { kind, metadata } = object
  // Of a kind that it does not know Helm 3 does not look at what is stored.
  const isKnown = kind !== 'AtlasMigration'
  const body = mergePatch({ old, base: isKnown ? live : old, target: object })
  if (Object.keys(body).length === 0) return null
  const contentType = `application/${isKnown ? 'strategic-merge' : 'merge'}-patch+json`
  const { error } = await api.call(object, { method: 'PATCH', contentType, body })
  return error && `cannot patch "${metadata.name}" with kind ${kind}: ${error.message}`
}

interface Versions {
  readonly old: Manifest
  /** What the target is compared with. */
  readonly base: Manifest
  readonly target: Manifest
}

/** Sets what differs from the base, and removes what was in the old version. */
function mergePatch({ old, base, target }: Versions): Manifest {
  const removed = Object.keys(old)
    .filter(key => target[key] === undefined && base[key] !== undefined)
    .map(key => [key, null] as const)
  const changed = Object.entries(target).flatMap(([key, value]) => {
    if (isDeepStrictEqual(value, base[key])) return []
    const [oldPart, basePart] = [old[key], base[key]]
    if (!isManifest(value) || !isManifest(oldPart) || !isManifest(basePart))
      return [[key, value] as const]
    const part = mergePatch({ old: oldPart, base: basePart, target: value })
    return Object.keys(part).length === 0 ? [] : [[key, part] as const]
  })
  return Object.fromEntries([...removed, ...changed])
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
