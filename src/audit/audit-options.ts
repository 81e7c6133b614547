import type { Logger } from 'pino'
import type { AuditEvents, AuditReports, Leadership } from '../review/audit/audit-ports.js'
import type { Cluster } from '../review/ports/ports.js'
import type { ReviewerDependencies } from '../review/reviewer.js'

/** The times of an audit, all in milliseconds. */
export interface AuditTiming {
  /** From the end of one audit of everything to the start of the next, give or take a tenth. */
  readonly intervalMs: number
  /** From a change of an object to the audit that it causes. */
  readonly debounceMs: number
  /** Shortest time between two audits of one object, however often it changes. */
  readonly restMs: number
  /** Time limit for auditing one object. */
  readonly limitMs: number
}

export interface AuditOptions {
  readonly cluster: Cluster & { onChange(listener: () => void): () => void }
  /**
   * Whether `onChange` also tells of ConfigMaps and Secrets. It never says which object changed.
   */
  readonly followsAllKinds: boolean
  /** Resolves when all AtlasMigrations are known. Rejects only when the signal fires first. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  readonly dependencies: ReviewerDependencies
  /** Number of AtlasMigrations that are audited at a time. */
  readonly concurrency: number
  readonly leadership: Leadership
  /** Where Events are written; null when none are. */
  readonly events: AuditEvents | null
  readonly reports: AuditReports | null
  readonly log: Logger
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}
