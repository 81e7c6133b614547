import type { ConfigMap, ObjectMetadata, Secret } from '../policy/facts/atlas-migration.js'
import { consolidatedLabel } from '../policy/consolidation/consolidation-claim.js'
import { ClusterError } from '../review/ports/cluster-error.js'
import { parseConfigMap, parseSecret } from '../review/object/parse-object.js'
import type { Deadline } from '../review/ports/ports.js'
import type { ApiClient } from './api/api-client.js'
import { ApiStatusError } from './api/api-status-error.js'
import { failureReason, type Right } from './api/failure-reason.js'

type Resource = 'configmaps' | 'secrets'

interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/**
 * The names that an object in a URL can have (RFC 1123 subdomain). An object of any other name
 * cannot exist.
 */
const objectName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/

/** Time limit for reading names for a hint, which is not worth more of a review's time. */
const hintMs = 1000

/**
 * Reads ConfigMaps and Secrets by name when a review needs them. They are neither kept nor listed
 * with their content, because there may be thousands.
 */
export class ObjectReader {
  readonly #client: ApiClient

  constructor(client: ApiClient) {
    this.#client = client
  }

  async readConfigMap(object: ObjectName, deadline: Deadline): Promise<ConfigMap | null> {
    const body = await this.#read('configmaps', object, deadline)
    if (body === null) return null
    const parsed = parseConfigMap(body)
    if ('configMap' in parsed) return parsed.configMap
    throw new ClusterError(
      `the API server's answer is no ConfigMap (${parsed.problems.join('; ')})`,
    )
  }

  async readSecret(object: ObjectName, deadline: Deadline): Promise<Secret | null> {
    const body = await this.#read('secrets', object, deadline)
    if (body === null) return null
    const parsed = parseSecret(body)
    if ('secret' in parsed) return parsed.secret
    throw new ClusterError(`the API server's answer is no Secret (${parsed.problems.join('; ')})`)
  }

  /**
   * Names among the first 500 ConfigMaps of the namespace. The API cannot select by the start of a
   * name, and the metadata of ConfigMaps repeat their content (last-applied annotation). So they
   * are read as a table without objects, as kubectl get does, which takes some 30 bytes each. It is
   * only for a hint: one page is enough, and without the right to list, or without an answer in
   * time, there is no hint.
   */
  async configMapNames(
    { namespace, name: prefix }: ObjectName,
    { signal }: Deadline,
  ): Promise<readonly string[]> {
    if (!objectName.test(namespace)) return []
    try {
      const table = await this.#client.get({
        path: `/api/v1/namespaces/${namespace}/configmaps`,
        query: { limit: '500', includeObject: 'None' },
        accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
        signal: AbortSignal.any([signal, AbortSignal.timeout(hintMs)]),
      })
      return firstCells(table).filter(name => name.startsWith(prefix))
    } catch {
      return []
    }
  }

  /**
   * The ConfigMaps with the label, without their content. One that was labelled by mistake has no
   * annotation, and so does not count.
   */
  async consolidatedConfigMaps(
    namespace: string,
    { signal }: Deadline,
  ): Promise<readonly ObjectMetadata[]> {
    if (!objectName.test(namespace)) return []
    try {
      const list = await this.#client.get({
        path: `/api/v1/namespaces/${namespace}/configmaps`,
        query: { labelSelector: `${consolidatedLabel}=true` },
        accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        signal,
      })
      return metadataOf(list)
    } catch (error) {
      throw readError(error, { verb: 'list', resource: 'configmaps', namespace }, signal)
    }
  }

  async #read(
    resource: Resource,
    { namespace, name }: ObjectName,
    { signal }: Deadline,
  ): Promise<unknown> {
    if (!objectName.test(namespace) || !objectName.test(name)) return null
    try {
      return await this.#client.get({
        path: `/api/v1/namespaces/${namespace}/${resource}/${name}`,
        signal,
      })
    } catch (error) {
      if (error instanceof ApiStatusError && error.statusCode === 404) return null
      throw readError(error, { verb: 'get', resource, namespace }, signal)
    }
  }
}

function readError(error: unknown, right: Right, signal: AbortSignal): ClusterError {
  // The signal's own reason may be anything that its owner gave it.
  const reason = signal.aborted
    ? 'the API server did not answer within the time limit of the request'
    : failureReason(error, right)
  return new ClusterError(reason, { cause: error })
}

function metadataOf(list: unknown): readonly ObjectMetadata[] {
  const { items } = Object(list) as { readonly items?: readonly unknown[] }
  return (items ?? []).flatMap(item => {
    const parsed = parseConfigMap(item)
    return 'configMap' in parsed ? [parsed.configMap.metadata] : []
  })
}

/** The first column, which is the name in the table of every built-in resource. */
function firstCells(table: unknown): readonly string[] {
  const { rows } = Object(table) as { readonly rows?: readonly unknown[] }
  return (rows ?? []).flatMap(row => {
    const [name] = (Object(row) as { readonly cells?: readonly unknown[] }).cells ?? []
    return typeof name === 'string' ? name : []
  })
}
