import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { FaultListener } from '../../review/ports/fault.js'
import { LogThrottle } from '../errors/log-throttle.js'
import type { Metrics } from '../metrics/metrics.js'

/**
 * Most objects whose fault is remembered as logged. After a restart, or when there are more, a
 * fault is logged again.
 */
const rememberedFaults = 1000

/**
 * Counts and logs faults. A fault in a stored object comes again with every review, so all are
 * counted, but each object is logged once.
 */
export function reportFaults(log: Logger, metrics: Pick<Metrics, 'countFault'>): FaultListener {
  const logged = new LRUCache<string, true>({ max: rememberedFaults })
  return ({ part, where, error }) => {
    metrics.countFault(part)
    if (logged.has(where)) return
    logged.set(where, true)
    log.error(
      { part, where, err: error },
      'a fault of this program: only what rests on it is undecided',
    )
  }
}

/**
 * Counts and logs errors that nobody caught. They belong to no object, so their lines per time are
 * limited.
 */
export function reportUncaught(
  log: Logger,
  metrics: Pick<Metrics, 'countFault'>,
): (error: unknown) => void {
  const throttle = new LogThrottle(() => performance.now())
  return error => {
    metrics.countFault('process')
    const place = throttle.enter('process')
    if (place) log.error({ ...place, err: error }, 'an error that nobody caught; serving goes on')
  }
}
