import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { FaultListener } from '../../review/ports/fault.js'
import { LogThrottle } from '../errors/log-throttle.js'
import type { Metrics } from '../metrics/metrics.js'

/** Objects whose fault was logged: a restart logs it again, and so does the one that was pushed out. */
const rememberedFaults = 1000

/** A fault in a stored object comes again with every review: all are counted, each place is logged once. */
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

/** Errors that nobody caught, at the edge of the process. They have no object, so their number a second is limited. */
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
