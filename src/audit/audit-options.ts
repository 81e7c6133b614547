import type { Logger } from 'pino'
import type { AuditEvents, AuditReports, Leadership } from '../review/audit/audit-ports.js'
import type { Cluster } from '../review/ports/ports.js'
import type { ReviewerDependencies } from '../review/reviewer.js'

/** All in milliseconds. */
export interface AuditTiming {
  /** From the end of one audit of everything to the begin of the next, give or take a tenth. */
  readonly intervalMs: number
  /** From a change to the audit that it brings about. */
  readonly debounceMs: number
  /** Between two audits of one object, however often it changes. */
  readonly restMs: number
  /** For one object. */
  readonly limitMs: number
}

export interface AuditOptions {
  readonly cluster: Cluster & { onChange(listener: () => void): () => void }
  /** `onChange` also tells of ConfigMaps and Secrets, without saying of which. */
  readonly followsAllKinds: boolean
  /** Resolves when all AtlasMigrations are known. Rejects only when the signal fires first. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  readonly dependencies: ReviewerDependencies
  /** AtlasMigrations at a time. */
  readonly concurrency: number
  readonly leadership: Leadership
  /** null: none are written. */
  readonly events: AuditEvents | null
  readonly reports: AuditReports | null
  readonly log: Logger
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}
