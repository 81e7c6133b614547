import { isDeepStrictEqual } from 'node:util'
import type { ApiClient, Manifest } from '../objects/api-calls.js'
import { type KubernetesObject, objectKey } from '../objects/cluster-objects.js'
import { collectWarnings, type Delivery, inApplyOrder, without } from './delivery.js'

/**
 * A reconcile of a Kustomization (kustomize-controller with fluxcd/pkg/ssa, ResourceManager.ApplyAll): every object is
 * applied by a server-side dry run first, and the first that fails ends it; then those that would change are applied;
 * then what left the set is deleted. The text is that of the Ready condition.
 */
export function buildFlux(client: ApiClient): Delivery {
  let inventory: readonly KubernetesObject[] = []
  return {
    async deliver(commit) {
      const api = collectWarnings(client)
      const objects = inApplyOrder(commit)
      const error =
        (await applyAll(api, objects)) ?? (await prune(api, without(inventory, objects)))
      if (error === null) inventory = objects
      return { error, warnings: api.warnings }
    },
  }
}

const owner = { fieldManager: 'kustomize-controller' }

async function applyAll(
  api: ApiClient,
  objects: readonly KubernetesObject[],
): Promise<string | null> {
  const drifted: KubernetesObject[] = []
  for (const object of objects) {
    const stored = await api.read(object)
    const { error, body } = await api.apply(object, { ...owner, dryRun: 'All' })
    if (error) return `${objectKey(object)} dry-run failed (${error.reason}): ${error.message}`
    if (hasDrifted(stored, body)) drifted.push(object)
  }
  for (const object of drifted) {
    const { error } = await api.apply(object, owner)
    if (error) return `${objectKey(object)} apply failed, error: ${error.message}`
  }
  return null
}

/** Labels, annotations and everything outside of metadata and status. */
function hasDrifted(stored: Manifest | null, dryRun: Manifest): boolean {
  const compared = (object: Manifest) => {
    const { labels, annotations } = object['metadata'] as Manifest
    return { ...object, metadata: { labels, annotations }, status: null }
  }
  return stored === null || !isDeepStrictEqual(compared(stored), compared(dryRun))
}

/** In the order of deletion: what refers before what is referred to. */
async function prune(api: ApiClient, objects: readonly KubernetesObject[]): Promise<string | null> {
  for (const object of objects.toReversed()) {
    const query = { propagationPolicy: 'Background' }
    const { error } = await api.call(object, { method: 'DELETE', query })
    if (error) return `${objectKey(object)} delete failed: ${error.message}`
  }
  return null
}
