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

/**
 * GET requests by the library's own HTTP layer, below its typed clients: those turn JSON into classes with dates,
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
      if (error instanceof ApiStatusError || error instanceof SyntaxError || request.signal.aborted)
        throw error
      // A kept connection may have been closed at the other end, or a certificate replaced: a GET can be repeated.
      this.#config.renewConnections()
      return this.#ask(request)
    }
  }

  async #ask({ path, query = {}, accept, signal }: ApiRequest): Promise<unknown> {
    const context = new RequestContext(`${this.#server}${path}`, HttpMethod.GET)
    context.setHeaderParam('accept', accept ?? 'application/json')
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value)
    context.setSignal(signal)
    await this.#config.applySecurityAuthentication(context)
    const response = await this.#http.send(context).toPromise()
    const text = await response.body.text()
    if (response.httpStatusCode !== 200) throw new ApiStatusError(response.httpStatusCode)
    return JSON.parse(text)
  }
}
