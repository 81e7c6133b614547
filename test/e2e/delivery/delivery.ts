import { isDeepStrictEqual } from 'node:util'
import type { ApiClient } from '../objects/api-calls.js'
import type { KubernetesObject } from '../objects/cluster-objects.js'

/** What people see of a commit. */
export interface Outcome {
  /** The text that the tool shows; null when everything has arrived. */
  readonly error: string | null
  /** As the API server sent them, whether the tool shows them or not. */
  readonly warnings: readonly string[]
}

/** A tool that brings commits into a cluster, in the order and with the calls of the real one. */
export interface Delivery {
  /** Makes the cluster what the commit says: applies its objects and prunes those of the last commit that it lacks. */
  deliver(commit: readonly KubernetesObject[]): Promise<Outcome>
}

export type WarningApi = ApiClient & {
  /** Of all calls so far. */
  readonly warnings: string[]
}

/** Remembers the warnings of every call. */
export function collectWarnings(api: ApiClient): WarningApi {
  const warnings: string[] = []
  const collect = async <T extends { readonly warnings: readonly string[] }>(
    answer: Promise<T>,
  ) => {
    warnings.push(...(await answer).warnings)
    return answer
  }
  return {
    warnings,
    call: (object, call) => collect(api.call(object, call)),
    read: object => api.read(object),
    apply: (object, query) => collect(api.apply(object, query)),
  }
}

/** All three tools send Secrets and ConfigMaps before kinds that they do not know. */
const kindOrder = ['Secret', 'ConfigMap', 'AtlasMigration']

export function inApplyOrder(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.toSorted((a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind))
}

export function isSameObject(a: KubernetesObject, b: KubernetesObject): boolean {
  const key = ({ kind, metadata: { namespace, name } }: KubernetesObject) => [kind, namespace, name]
  return isDeepStrictEqual(key(a), key(b))
}

/** Those objects that are not among the others. */
export function without(
  objects: readonly KubernetesObject[],
  others: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  return objects.filter(object => !others.some(other => isSameObject(object, other)))
}
