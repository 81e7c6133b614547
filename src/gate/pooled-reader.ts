import type { RevisionsReader } from '../review/ports/ports.js'

/** A reader that keeps connections until it is closed. */
export interface ClosableReader extends RevisionsReader {
  close(): Promise<void>
}

export interface PooledReader extends ClosableReader {
  /** Open connections, for the metrics. */
  connections(): number
}
