import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import type { KubernetesObject } from './cluster-objects.js'

export type Manifest = Readonly<Record<string, unknown>>

/** What the API server said to a call. */
export interface ApiAnswer {
  /** Reason and message of its metav1.Status; null when the call succeeded. */
  readonly error: { readonly reason: string; readonly message: string } | null
  readonly warnings: readonly string[]
  readonly body: Manifest
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Of a patch. */
  readonly contentType?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Calls of one client to the API server, without what kubectl does of itself. */
export interface ApiClient {
  /** About one object; POST goes to its collection. */
  call(object: KubernetesObject, call: ApiCall): Promise<ApiAnswer>
  /** null when there is none. @throws on every other error */
  read(object: Pick<KubernetesObject, 'kind' | 'metadata'>): Promise<Manifest | null>
  /** Server-side apply by force. */
  apply(object: KubernetesObject, query: Readonly<Record<string, string>>): Promise<ApiAnswer>
}

export async function buildApiClient(kubeconfig: string): Promise<ApiClient> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const server = config.getCurrentCluster()?.server ?? ''
  const client: ApiClient = {
    async call(object, { method, contentType = 'application/json', query = {}, body }) {
      const url = new URL(`${server}${pathOf(object, method === 'POST')}`)
      url.search = new URLSearchParams(query).toString()
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = {
        ...(options.headers as Readonly<Record<string, string>>),
        accept: 'application/json',
        'content-type': contentType,
      }
      const asked = request(url, { ...options, method, headers })
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        asked.on('response', resolve).on('error', reject).end(text)
      })
      return readAnswer(response)
    },
    async read(object) {
      const { error, body } = await client.call({ apiVersion: '', ...object }, { method: 'GET' })
      if (error && error.reason !== 'NotFound') throw new Error(error.message)
      return error ? null : body
    },
    apply(object, query) {
      const contentType = 'application/apply-patch+yaml'
      const patch = {
        method: 'PATCH',
        contentType,
        query: { force: 'true', ...query },
        body: object,
      }
      return client.call(object, patch as ApiCall)
    },
  }
  return client
}

const collections: Readonly<Record<string, readonly [group: string, resource: string]>> = {
  AtlasMigration: ['/apis/db.atlasgo.io/v1alpha1', 'atlasmigrations'],
  ConfigMap: ['/api/v1', 'configmaps'],
  Secret: ['/api/v1', 'secrets'],
}

function pathOf({ kind, metadata }: KubernetesObject, isCollection: boolean): string {
  const [group, resource] = collections[kind] ?? []
  if (group === undefined) throw new Error(`no path is known for ${kind}`)
  const collection = `${group}/namespaces/${metadata.namespace}/${resource}`
  return isCollection ? collection : `${collection}/${metadata.name}`
}

async function readAnswer(response: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Manifest
  const { reason = '', message = '' } = body as { reason?: string; message?: string }
  const failed = (response.statusCode ?? 0) >= 400
  return { error: failed ? { reason, message } : null, warnings: readWarnings(response), body }
}

/** `Warning: 299 - "text"`, one header each (RFC 7234, 5.5). */
function readWarnings({ rawHeaders }: IncomingMessage): readonly string[] {
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'warning')
    .map(value => Buffer.from(value, 'latin1').toString('utf8'))
    .map(value => value.replace(/^299 \S+ "(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1'))
}
