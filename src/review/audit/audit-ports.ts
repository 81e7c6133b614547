import type { AuditedObject } from './audit-migration.js'

/** A time during which this process, and no other, may do what only one may do. */
export interface Term {
  /** Fires when the term is over: whatever runs must end at once. */
  readonly signal: AbortSignal
  /** By the clock, so also right after a pause, before any timer has run. Ask before each write. */
  holds(): boolean
}

/** Decides which replica audits. */
export interface Leadership {
  /**
   * Calls `lead` once for each term of this process, one after the other, until `stop` fires. Resolves when the last
   * call has returned and the term has been given back. Never rejects for the cluster's fault: then there is no term.
   */
  run(lead: (term: Term) => Promise<void>, stop: AbortSignal): Promise<void>
}

/** For people who look at the object: `kubectl describe`, Flux and Argo CD show it. */
export interface AuditEvent {
  readonly object: AuditedObject
  readonly type: 'Warning' | 'Normal'
  /** Rule id in CamelCase. */
  readonly reason: string
  /** One line, at most 1,024 bytes. */
  readonly note: string
  /** How often this same thing has been observed: 1 for the first time. */
  readonly count: number
}

export interface AuditEvents {
  /** Rejects with a ClusterError that names what is missing. */
  write(event: AuditEvent, signal: AbortSignal): Promise<void>
}

/** One line of a report. */
export interface ReportResult {
  /** A rule id; empty where no rule speaks. */
  readonly rule: string
  readonly result: 'pass' | 'fail' | 'warn' | 'error'
  readonly severity: 'high' | 'medium' | 'low'
  /** One line. */
  readonly message: string
  readonly properties: Readonly<Record<string, string>>
}

/** The state of one AtlasMigration, for tools that show reports of many policy engines. */
export interface AuditReport {
  readonly object: AuditedObject
  /** At least one. */
  readonly results: readonly ReportResult[]
}

export interface AuditReports {
  /**
   * Replaces the report of the object. Rejects with a ClusterError that names what is missing.
   * @returns false when the cluster knows no kind of report
   */
  write(report: AuditReport, signal: AbortSignal): Promise<boolean>
}
