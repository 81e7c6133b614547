import type { AuditEvents, AuditReports, Leadership } from '../review/audit/audit-ports.js'
import type { Cluster } from '../review/ports/ports.js'

/** A cluster that is followed until it is closed. */
export interface FollowedCluster extends Cluster {
  /** Lines that name what cannot be used, such as `file:line:column: what`. */
  problems(): readonly string[]
  /** Calls the listener after changes, until the returned function is called. */
  onChange(listener: () => void): () => void
  close(): void
}

/** How far a watched cluster is known: perhaps not yet, perhaps no longer. */
export interface ClusterWatch {
  /**
   * Whether all AtlasMigrations have been read once. Until then the cluster seems to have too few
   * of them.
   */
  synced(): boolean
  /** Resolves at the first sync. Rejects with a ClusterError that says what is missing when the signal fires first. */
  whenSynced(signal: AbortSignal): Promise<void>
  /**
   * Why no calls should be sent to this process: what is missing, by name and without a secret.
   * null when nothing is.
   */
  problem(): string | null
  /** AtlasMigrations that cannot be read, one line each. No review knows of them. */
  unreadable(): readonly string[]
  /** How often a watch or the list before it failed. */
  restarts(): number
  /** Seconds since the cluster last said anything about AtlasMigrations. */
  lastEventAge(): number
}

/** What an audit needs of a cluster besides its objects. */
export interface AuditPorts {
  readonly leadership: Leadership
  readonly events: AuditEvents
  readonly reports: AuditReports
}

/** Opens what an audit writes to and is elected by. To be called before the cluster is closed. */
export type OpenAudit = (options: {
  /** Told why no replica can lead, in words fit for a log. Called when the reason changes. */
  readonly onLeaseProblem: (reason: string) => void
}) => AuditPorts

/** A cluster that an API server serves. */
export interface WatchedCluster extends FollowedCluster, ClusterWatch {
  readonly openAudit: OpenAudit
}

/** A cluster, with what the running process does with it. */
export interface OpenedCluster {
  readonly cluster: FollowedCluster
  /** The watch; absent for a cluster that is fully known before the server starts. */
  readonly watch?: ClusterWatch
  /**
   * For auditing; absent for a cluster that no other process audits, and that takes neither Events
   * nor reports.
   */
  readonly openAudit?: OpenAudit
}
