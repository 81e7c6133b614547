import type { Logger } from 'pino'
import type { MigrationAudit } from '../review/audit/audit-migration.js'
import type { AuditEvents, AuditReports, Term } from '../review/audit/audit-ports.js'
import { EventLedger } from './event-ledger.js'
import { GuardedWrites } from './guarded-writes.js'
import { ReportLedger } from './report-ledger.js'

export interface OutletOptions {
  /** Where Events are written; null when none are. */
  readonly events: AuditEvents | null
  readonly reports: AuditReports | null
  readonly log: Logger
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}

export interface WriteFailures {
  readonly events: number
  readonly reports: number
}

/** Count failed writes over all terms of a process. */
export interface WriteGuards {
  readonly events: GuardedWrites
  readonly reports: GuardedWrites
}

export function buildWriteGuards({ log, monotonic }: OutletOptions): WriteGuards {
  return {
    events: new GuardedWrites({ what: 'Events', log, monotonic }),
    reports: new GuardedWrites({ what: 'reports', log, monotonic }),
  }
}

/** Writes the results of one term as Events and reports. Log and metrics are written elsewhere. */
export class AuditOutlets {
  readonly #events: EventLedger | null
  readonly #reports: ReportLedger | null
  readonly #guards: WriteGuards
  readonly #log: Logger
  #saidThatThereAreNone = false

  constructor({ events, reports, log, monotonic }: OutletOptions, guards: WriteGuards) {
    this.#events = events && new EventLedger({ events, monotonic })
    this.#reports = reports && new ReportLedger(reports)
    this.#guards = guards
    this.#log = log
  }

  forget(uid: string): void {
    this.#events?.forget(uid)
    this.#reports?.forget(uid)
  }

  /** Writes one result. Never rejects. */
  async publish(result: MigrationAudit, term: Term): Promise<void> {
    const { signal } = term
    const { events, reports } = this.#guards
    if (this.#events) {
      const ledger = this.#events
      await events.attempt(signal, () => ledger.publish(result, signal))
    }
    if (this.#reports && term.holds()) {
      const ledger = this.#reports
      await reports.attempt(signal, async () => {
        if (!(await ledger.publish(result, signal))) this.#sayThatThereAreNone()
      })
    }
  }

  #sayThatThereAreNone(): void {
    if (this.#saidThatThereAreNone) return
    this.#saidThatThereAreNone = true
    this.#log.warn(
      'audit.reports is on, but the cluster has neither openreports.io/v1alpha1 nor wgpolicyk8s.io/v1alpha2: ' +
        'no reports are written until one of them is installed',
    )
  }
}
