import { setTimeout as sleep } from 'node:timers/promises'
import type { WebhookServer } from './webhook-server.js'

export interface DrainOptions {
  /**
   * How long calls are served after readiness is off: until every API server and proxy has learnt that this
   * endpoint is gone. 10 s is ample in a usual cluster.
   */
  readonly delayMs: number
  /** How long requests in flight may take after that; then their connections are cut. */
  readonly maxMs: number
}

/** From the first moment in which no connection is taken any more: time for a request that is on its way. */
const unusedMs = 1000

/**
 * Ends a server without failing a call: readiness off, then the delay in which calls are still served (with
 * `Connection: close`, so that clients move elsewhere), then no new connection, and requests in flight end.
 * Resolves to the number of connections that had to be cut: 0 in the good case.
 */
export async function drain(app: WebhookServer, options: DrainOptions): Promise<number> {
  app.drainState.begin()
  await sleep(options.delayMs)
  let cut = 0
  const limit = setTimeout(() => (cut = app.connections.cut()), options.maxMs)
  // Node waits for a connection that never sent a request as it does for one in flight, and an API server may have
  // opened one in advance (Go's http.Transport dials, and then takes one that has become free).
  const unused = setTimeout(() => app.connections.closeUnused(), unusedMs)
  await app.close()
  clearTimeout(unused)
  clearTimeout(limit)
  return cut
}
