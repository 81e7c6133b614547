import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import type { Verdict } from '../review/ports/admission.js'
import type { Leadership, Term } from '../review/audit/audit-ports.js'
import type { AuditOptions, AuditTiming } from './audit-options.js'
import { AuditOutlets, buildWriteGuards, type WriteFailures } from './audit-outlets.js'
import { AuditTerm } from './audit-term.js'
import { pause } from './pause.js'

export const auditTiming: Omit<AuditTiming, 'intervalMs'> = {
  // A delivery, the operator's reconcile after it and the end of an admission's write all fall
  // within this time.
  debounceMs: 3000,
  // The operator writes a status at every attempt, at first every few seconds.
  restMs: 15_000,
  // Three times the limit of an admission: enough to wait for a connection, and to connect and read
  // at the slowest.
  limitMs: 30_000,
}

/** The audit at one moment, as the metrics show it. */
export interface AuditObservation {
  readonly leads: boolean
  /** Number of findings by rule id; empty unless this process leads. */
  readonly findings: ReadonlyMap<string, number>
  /** Number of AtlasMigrations by verdict; null unless this process leads. */
  readonly migrations: Readonly<Record<Verdict, number>> | null
  /**
   * The last audit of everything in this term: its duration, and its end since the epoch, both in
   * seconds.
   */
  readonly lastRun: { readonly at: number; readonly seconds: number } | null
  /** Failed writes since the process started. */
  readonly failedWrites: WriteFailures
}

export interface Audit {
  observe(): AuditObservation
  /** Audits these AtlasMigrations soon, because an object that they refer to is about to change. */
  touch(migrations: readonly AtlasMigration[]): void
  /** Resolves when no audit runs any more and leadership is given back. */
  stop(): Promise<void>
}

/** Leadership without an election, for a cluster that no other process audits. */
export const soleLeadership: Leadership = {
  run: (lead, stop) => lead({ signal: stop, holds: () => !stop.aborted }),
}

/**
 * Pause after an error of the program in a term. The audit then begins again, but not in a tight
 * loop.
 */
const faultRestMs = 10_000

/** Audits whenever this process leads, until stopped. No error in it ends the process. */
export function startAudit(options: AuditOptions, timing: AuditTiming): Audit {
  const stopping = new AbortController()
  const guards = buildWriteGuards(options)
  let current: AuditTerm | null = null
  const lead = async (term: Term) => {
    options.log.info('this process audits')
    while (term.holds()) {
      current = new AuditTerm(term, {
        ...options,
        timing,
        outlets: new AuditOutlets(options, guards),
      })
      await current.run().catch(async (error: unknown) => {
        if (term.signal.aborted) return
        options.log.error({ err: error }, 'the audit failed, and is begun again')
        await pause(faultRestMs, term.signal)
      })
    }
    current = null
    if (!stopping.signal.aborted) options.log.warn('this process does not audit any more')
  }
  const done = options.leadership.run(lead, stopping.signal)
  return {
    observe: () => ({
      leads: current !== null,
      findings: current?.results.counts().findings ?? new Map<string, number>(),
      migrations: current?.results.counts().migrations ?? null,
      lastRun: current?.lastRun ?? null,
      failedWrites: { events: guards.events.failures, reports: guards.reports.failures },
    }),
    touch: migrations => current?.touch(migrations),
    async stop() {
      stopping.abort()
      await done
    },
  }
}
