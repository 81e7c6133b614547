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

export interface ApiWrite extends ApiRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly body: unknown
  /** Of a PATCH: what kind of patch it is. */
  readonly contentType?: 'application/merge-patch+json' | 'application/apply-patch+yaml'
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
    try {
      return await this.#ask(request)
    } catch (error) {
      if (isAnswer(error) || request.signal.aborted) throw error
      // A kept connection may have been closed at the other end, or a certificate replaced: a GET can be repeated.
      this.#config.renewConnections()
      return this.#ask(request)
    }
  }

  /**
   * The parsed body of the stored object. Rejects like `get`, but is not repeated: after a broken connection nobody
   * knows whether the write was done. The caller tries again when it is safe.
   */
  async write(request: ApiWrite): Promise<unknown> {
    try {
      return await this.#ask(request)
    } catch (error) {
      if (!isAnswer(error)) this.#config.renewConnections()
      throw error
    }
  }

  async #ask(request: ApiRequest | ApiWrite): Promise<unknown> {
    const { path, query = {}, accept, signal } = request
    const method = 'method' in request ? HttpMethod[request.method] : HttpMethod.GET
    const context = new RequestContext(`${this.#server}${path}`, method)
    context.setHeaderParam('accept', accept ?? 'application/json')
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value)
    context.setSignal(signal)
    if ('method' in request) {
      context.setHeaderParam('content-type', request.contentType ?? 'application/json')
      context.setBody(JSON.stringify(request.body))
    }
    await this.#config.applySecurityAuthentication(context)
    const response = await this.#http.send(context).toPromise()
    const text = await response.body.text()
    const { httpStatusCode } = response
    if (httpStatusCode !== 200 && httpStatusCode !== 201) throw new ApiStatusError(httpStatusCode)
    return JSON.parse(text)
  }
}

/** The connection is good. */
function isAnswer(error: unknown): boolean {
  return error instanceof ApiStatusError || error instanceof SyntaxError
}
