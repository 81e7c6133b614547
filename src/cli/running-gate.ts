import type { Logger } from 'pino'
import { rules } from '../policy/catalogue.js'
import type { Settings } from '../policy/settings.js'
import type { Cluster, RevisionsReader } from '../review/ports.js'
import { buildFailureAnswer, buildReviewer } from '../review/reviewer.js'
import { type Gate, type GateOptions, startGate } from '../webhook/gate.js'
import { Metrics } from '../webhook/metrics.js'
import type { PooledReader } from './adapters.js'
import { readVersion } from './version.js'

export interface GateSources {
  readonly cluster: Cluster
  readonly reader: PooledReader
  readonly settings: Settings
  readonly log: Logger
}

/** Puts a reviewer behind the servers and starts them. */
export function startReviewing(options: GateOptions, sources: GateSources): Promise<Gate> {
  const { cluster, reader, settings, log } = sources
  const metrics = new Metrics({ version: readVersion(), processMetrics: true })
  metrics.watchDatabaseConnections(() => reader.connections())
  const reviewer = buildReviewer({
    cluster,
    reader: observedReader(reader, metrics),
    rules,
    settings,
    now: () => new Date(),
  })
  // A folder is read before the server starts, so there is nothing more to wait for.
  const checks = { startup: [], readiness: [] }
  return startGate(options, {
    reviewer,
    onFailure: buildFailureAnswer(settings),
    log,
    metrics,
    checks,
  })
}

function observedReader(reader: RevisionsReader, metrics: Metrics): RevisionsReader {
  return {
    async readTable(query, deadline) {
      const started = performance.now()
      const table = await reader.readTable(query, deadline)
      const outcome = table.kind === 'failed' ? table.failure : 'read'
      metrics.observeDatabaseRead(outcome, (performance.now() - started) / 1000)
      return table
    },
    readIdentity: reader.readIdentity.bind(reader),
  }
}
