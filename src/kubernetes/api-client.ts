import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node'
import { ApiStatusError } from './api-status-error.js'
import type { PooledKubeConfig } from './pooled-kube-config.js'

export interface ApiRequest {
  /** Absolute, each segment already escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
  readonly signal: AbortSignal
}

export interface ApiExchange extends ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly body?: { readonly type: string; readonly content: unknown }
}

export interface ApiAnswer {
  readonly statusCode: number
  /** Parsed; null unless the status is a success. */
  readonly body: unknown
  /** The API server's clock, to the second. */
  readonly date: Date | null
}

/**
 * Requests by the library's own HTTP layer, below its typed clients: those turn JSON into classes with dates,
 * while everything here is parsed from JSON as it is stored. Nothing is throttled on this side: a review that
 * waits in a queue of ours is a review that is not answered.
 */
export class ApiClient {
  readonly #config: PooledKubeConfig
  readonly #server: string
  readonly #http = new IsomorphicFetchHttpLibrary()

  constructor(config: PooledKubeConfig) {
    this.#config = config
    // readKubeconfig has seen to it that there is one.
    this.#server = (config.getCurrentCluster() as { readonly server: string }).server
  }

  /** The parsed body. Rejects with an ApiStatusError, or with what the connection failed with. */
  async get(request: ApiRequest): Promise<unknown> {
    const { statusCode, body } = await this.exchange({ ...request, method: 'GET' })
    if (statusCode !== 200) throw new ApiStatusError(statusCode)
    return body
  }

  /** The answer, whatever its status. Rejects with what the connection failed with, or a SyntaxError for a body that is no JSON. */
  async exchange(request: ApiExchange): Promise<ApiAnswer> {
    try {
      return await this.#send(request)
    } catch (error) {
      if (error instanceof SyntaxError || request.signal.aborted) throw error
      // A kept connection may have been closed at the other end, or a certificate replaced.
      this.#config.renewConnections()
      // Only reading can be repeated without knowing what became of the first attempt.
      if (request.method !== 'GET') throw error
      return this.#send(request)
    }
  }

  async #send({ method, path, query = {}, accept, signal, body }: ApiExchange): Promise<ApiAnswer> {
    const context = new RequestContext(`${this.#server}${path}`, HttpMethod[method])
    context.setHeaderParam('accept', accept ?? 'application/json')
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value)
    if (body) {
      context.setHeaderParam('content-type', body.type)
      context.setBody(JSON.stringify(body.content))
    }
    context.setSignal(signal)
    await this.#config.applySecurityAuthentication(context)
    const response = await this.#http.send(context).toPromise()
    const text = await response.body.text()
    const isSuccess = response.httpStatusCode >= 200 && response.httpStatusCode < 300
    return {
      statusCode: response.httpStatusCode,
      body: isSuccess ? JSON.parse(text) : null,
      date: parseDate(response.headers['date']),
    }
  }
}

function parseDate(text: string | undefined): Date | null {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? null : date
}
