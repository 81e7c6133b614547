import type { AuditedObject } from './audit-migration.js'

/** A time during which this process, and no other replica, may audit. */
export interface Term {
  /** Fires when the term is over. Whatever runs must then end at once. */
  readonly signal: AbortSignal
  /**
   * Whether the term lasts, by the clock: this is right also after the process was paused, before
   * any timer has run. To be asked before each write.
   */
  holds(): boolean
}

/** Decides which of several replicas audits. */
export interface Leadership {
  /**
   * Calls `lead` once for each term of this process, one after the other, until `stop` fires.
   * Resolves when the last call has returned and the term has been given back. Never rejects for a
   * fault of the cluster, which only means that there is no term.
   */
  run(lead: (term: Term) => Promise<void>, stop: AbortSignal): Promise<void>
}

/** A Kubernetes Event on an object. `kubectl describe`, Flux and Argo CD show it to people. */
export interface AuditEvent {
  readonly object: AuditedObject
  readonly type: 'Warning' | 'Normal'
  /** The rule's id in CamelCase. */
  readonly reason: string
  /** One line of at most 1,024 bytes. */
  readonly note: string
  /** How often the same thing has been observed, 1 for the first time. */
  readonly count: number
}

export interface AuditEvents {
  /** Writes the Event. Rejects with a ClusterError that names what is missing. */
  write(event: AuditEvent, signal: AbortSignal): Promise<void>
}

/** One result of a report. */
export interface ReportResult {
  /** A rule id; empty where the result is of no rule. */
  readonly rule: string
  readonly result: 'pass' | 'fail' | 'warn' | 'error'
  readonly severity: 'high' | 'medium' | 'low'
  /** One line. */
  readonly message: string
  readonly properties: Readonly<Record<string, string>>
}

/** The report on one AtlasMigration, for tools that show the reports of many policy engines. */
export interface AuditReport {
  readonly object: AuditedObject
  /** At least one. */
  readonly results: readonly ReportResult[]
}

export interface AuditReports {
  /**
   * Replaces the report on the object. Rejects with a ClusterError that names what is missing.
   * @returns false when the cluster has no API for reports
   */
  write(report: AuditReport, signal: AbortSignal): Promise<boolean>
}
