import type { RevisionsReader } from '../review/ports/ports.js'
import type { Metrics } from '../webhook/metrics/metrics.js'

/** Measures every read of a revisions table. */
export function observedReader(reader: RevisionsReader, metrics: Metrics): RevisionsReader {
  return {
    async readTable(query, deadline) {
      const started = performance.now()
      const table = await reader.readTable(query, deadline)
      const outcome = table.kind === 'failed' ? table.failure : 'read'
      metrics.observeDatabaseRead(outcome, (performance.now() - started) / 1000)
      return table
    },
    readIdentity: reader.readIdentity.bind(reader),
    ...(reader.readObjects && { readObjects: reader.readObjects.bind(reader) }),
    ...(reader.compareDatabases && { compareDatabases: reader.compareDatabases.bind(reader) }),
  }
}
