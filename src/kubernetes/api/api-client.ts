import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node'
import { ApiStatusError } from './api-status-error.js'
import type { PooledKubeConfig } from './pooled-kube-config.js'
import { Slots } from '../../review/limits/slots.js'

export interface ApiRequest {
  /** Absolute, each segment already escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
  readonly signal: AbortSignal
}

export interface ApiWrite extends ApiRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly body: unknown
  /** Of a PATCH: what kind of patch it is. */
  readonly contentType?:
    'application/merge-patch+json' | 'application/apply-patch+yaml' | 'application/json-patch+json'
}

export interface ApiAnswer {
  readonly statusCode: number
  /** Parsed; null unless the status is a success. */
  readonly body: unknown
  /** The API server's clock, to the second; null without the header. */
  readonly date: Date | null
}

/**
 * Each read that runs has a connection of its own (HTTP/1.1), and the library opens as many as are asked for: one
 * review that looks into the Secrets of thousands of AtlasMigrations must use up neither our file descriptors nor
 * the API server's patience.
 */
const maxReads = 50

/**
 * Requests by the library's own HTTP layer, below its typed clients: those turn JSON into classes with dates,
 * while everything here is parsed from JSON as it is stored. There is no limit by the clock, as client-go has one:
 * a review that waits for such a turn is a review that is not answered.
 */
export class ApiClient {
  readonly #config: PooledKubeConfig
  readonly #server: string
  readonly #http = new IsomorphicFetchHttpLibrary()
  readonly #reads = new Slots(maxReads)

  constructor(config: PooledKubeConfig) {
    this.#config = config
    // readKubeconfig has seen to it that there is one.
    this.#server = (config.getCurrentCluster() as { readonly server: string }).server
  }

  /** The parsed body. Rejects with an ApiStatusError, or with what the connection failed with. */
  get(request: ApiRequest): Promise<unknown> {
    return this.#reads.use(async () => {
      // The turn may come when nobody waits for the answer any more.
      request.signal.throwIfAborted()
      return bodyOf(await this.exchange(request))
    })
  }

  /**
   * The parsed body of the stored object. Rejects like `get`, but is not repeated: after a broken connection nobody
   * knows whether the write was done. The caller tries again when it is safe.
   */
  async write(request: ApiWrite): Promise<unknown> {
    return bodyOf(await this.exchange(request))
  }

  /** The answer, whatever its status. Rejects as the connection does, or with a SyntaxError for a body that is no JSON. */
  async exchange(request: ApiRequest | ApiWrite): Promise<ApiAnswer> {
    try {
      return await this.#ask(request)
    } catch (error) {
      if (error instanceof SyntaxError || request.signal.aborted) throw error
      // A kept connection may have been closed at the other end, or a certificate replaced: a GET can be repeated.
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
    // A signal of its own: fetch leaves its listeners on the one it is given, and a review's serves thousands of reads.
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
