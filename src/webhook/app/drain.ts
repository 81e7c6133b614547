import { setTimeout as sleep } from 'node:timers/promises'
import type { WebhookServer } from './webhook-server.js'

export interface DrainOptions {
  /**
   * How long calls are still served after readiness is off: until every API server and proxy has
   * learnt that this endpoint is gone. 10 s is ample in a usual cluster.
   */
  readonly delayMs: number
  /** How long requests in flight may take after that. Then their connections are cut. */
  readonly maxMs: number
}

/** Time for a request that is on its way when new connections are no longer accepted. */
const unusedMs = 1000

/**
 * Ends a server without failing a call. Readiness goes off; calls are still served for a while
 * (with `Connection: close`, so that clients move elsewhere); then no connection is accepted any
 * more, and requests in flight end. Resolves to the number of connections that had to be cut, which
 * is usually 0.
 */
export async function drain(app: WebhookServer, options: DrainOptions): Promise<number> {
  app.drainState.begin()
  await sleep(options.delayMs)
  let cut = 0
  const limit = setTimeout(() => (cut = app.connections.cut()), options.maxMs)
  // Node waits for a connection that never sent a request as it does for one in flight. An API
  // server may have opened one in advance (Go's http.Transport dials, and then uses one that has
  // become free).
  const unused = setTimeout(() => app.connections.closeUnused(), unusedMs)
  await app.close()
  clearTimeout(unused)
  clearTimeout(limit)
  return cut
}
