import { KubeConfig, type RequestContext } from '@kubernetes/client-node'

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>

/**
 * How long connections are shared at most. A client certificate or authority that was rotated in
 * the kubeconfig's files is in use after this time.
 */
const defaultPoolLifeMs = 300_000

/**
 * A kubeconfig whose requests share connections. The library (2.0.1) makes a new agent, and with it
 * a new TLS connection, for every single request.
 */
export class PooledKubeConfig extends KubeConfig {
  readonly #poolLifeMs: number
  #pool: { readonly dispatcher: Dispatcher; readonly until: number } | null = null

  constructor(poolLifeMs = defaultPoolLifeMs) {
    super()
    this.#poolLifeMs = poolLifeMs
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context)
    const fresh = context.getDispatcher()
    if (fresh === undefined) return
    if (this.#pool !== null && performance.now() >= this.#pool.until) this.renewConnections()
    this.#pool ??= { dispatcher: fresh, until: performance.now() + this.#poolLifeMs }
    context.setDispatcher(this.#pool.dispatcher)
  }

  /**
   * Makes later requests connect anew, while running ones may end. To be called after a connection
   * failed.
   */
  renewConnections(): void {
    void this.#pool?.dispatcher.close().catch(() => {})
    this.#pool = null
  }

  /** Closes all connections. */
  close(): void {
    void this.#pool?.dispatcher.destroy().catch(() => {})
    this.#pool = null
  }
}
