import type { DatabaseFailure } from '../policy/facts.js'
import type { DatabaseLimits } from '../policy/settings.js'
import type { Cluster, RevisionsReader } from '../review/ports.js'

/** A cluster that is followed until it is closed. */
export interface FollowedCluster extends Cluster {
  /** Lines that name what cannot be used, such as `file:line:column: what`. */
  problems(): readonly string[]
  skippedKinds(): readonly string[]
  onChange(listener: () => void): () => void
  close(): void
}

/** A reader that keeps connections until it is closed. */
export interface PooledReader extends RevisionsReader {
  /** Open connections, for the metrics. */
  connections(): number
  close(): Promise<void>
}

export interface ReaderOptions {
  readonly limits: DatabaseLimits
  /** Each failure, with an SQLSTATE or system code: the log may know more than the user. */
  readonly onFailure: (failure: DatabaseFailure, code: string) => void
}

/** How the outside world is reached; main.ts constructs the real ones. */
export interface Adapters {
  readonly openManifests: (folder: string) => Promise<FollowedCluster>
  readonly buildReader: (options: ReaderOptions) => PooledReader
}
