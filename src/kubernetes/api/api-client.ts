import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node'
import { ApiStatusError } from './api-status-error.js'
import type { PooledKubeConfig } from './pooled-kube-config.js'
import { Slots } from '../../review/limits/slots.js'

export interface ApiRequest {
  /** Absolute, with every segment escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
  readonly signal: AbortSignal
}

export interface ApiWrite extends ApiRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly body: unknown
  /** The kind of patch, for a PATCH. */
  readonly contentType?:
    'application/merge-patch+json' | 'application/apply-patch+yaml' | 'application/json-patch+json'
}

export interface ApiAnswer {
  readonly statusCode: number
  /** The parsed body; null unless the status is a success. */
  readonly body: unknown
  /** The API server's clock, to the second; null without the header. */
  readonly date: Date | null
}

/**
 * Most reads at a time. Each has a connection of its own (HTTP/1.1), and the library opens as many
 * as are asked for. One review that reads the Secrets of thousands of AtlasMigrations must use up
 * neither the file descriptors of this process nor the API server's limits.
 */
const maxReads = 50

/**
 * Sends requests with the library's own HTTP layer, below its typed clients. Those turn JSON into
 * classes with dates, while everything here is parsed from JSON as it is stored. Unlike client-go
 * it has no limit of requests per second, because a review that waits for one would not be answered
 * in time.
 */
export class ApiClient {
  readonly #config: PooledKubeConfig
  readonly #server: string
  readonly #http = new IsomorphicFetchHttpLibrary()
  readonly #reads = new Slots(maxReads)

  constructor(config: PooledKubeConfig) {
    this.#config = config
    // readKubeconfig has made sure that there is a current cluster.
    this.#server = (config.getCurrentCluster() as { readonly server: string }).server
  }

  /** The parsed body. Rejects with an ApiStatusError, or with the error of the connection. */
  get(request: ApiRequest): Promise<unknown> {
    return this.#reads.use(async () => {
      // When the turn comes, nobody may wait for the answer any more.
      request.signal.throwIfAborted()
      return bodyOf(await this.exchange(request))
    })
  }

  /**
   * The parsed body of the stored object. Rejects like `get`, but is not repeated: after a broken
   * connection it is not known whether the write was done. The caller tries again when that is
   * safe.
   */
  async write(request: ApiWrite): Promise<unknown> {
    return bodyOf(await this.exchange(request))
  }

  /**
   * The answer, whatever its status. Rejects as the connection does, or with a SyntaxError for a
   * body that is no JSON.
   */
  async exchange(request: ApiRequest | ApiWrite): Promise<ApiAnswer> {
    try {
      return await this.#ask(request)
    } catch (error) {
      if (error instanceof SyntaxError || request.signal.aborted) throw error
      // The other end may have closed a kept connection, or a certificate may have been replaced. A
      // GET can be repeated.
      this.#config.renewConnections()
      if ('method' in request) throw error
      return this.#ask(request)
    }
  }

  async #ask(request: ApiRequest | ApiWrite): Promise<ApiAnswer> {
    const { path, query = {}, accept, signal } = request
    const method = 'method' in request ? HttpMethod[request.method] : HttpMethod.GET
    const context = new RequestContext(`${this.#server}${path}`, method)
    context.setHeaderParam('accept', accept ?? 'application/json')
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value)
    // It needs a signal of its own, because fetch leaves its listeners on the one it is given, and
    // a review's signal serves thousands of reads.
    context.setSignal(AbortSignal.any([signal]))
    if ('method' in request) {
      context.setHeaderParam('content-type', request.contentType ?? 'application/json')
      context.setBody(JSON.stringify(request.body))
    }
    await this.#config.applySecurityAuthentication(context)
    const response = await this.#http.send(context).toPromise()
    const text = await response.body.text()
    const { httpStatusCode: statusCode, headers } = response
    const body: unknown = isSuccess(statusCode) ? JSON.parse(text) : null
    return { statusCode, body, date: parseDate(headers['date']) }
  }
}

function bodyOf({ statusCode, body }: ApiAnswer): unknown {
  if (!isSuccess(statusCode)) throw new ApiStatusError(statusCode)
  return body
}

function isSuccess(statusCode: number): boolean {
  return statusCode === 200 || statusCode === 201
}

function parseDate(text: string | undefined): Date | null {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? null : date
}
