import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import type { Verdict } from '../review/ports/admission.js'
import type { Leadership, Term } from '../review/audit/audit-ports.js'
import type { AuditOptions, AuditTiming } from './audit-options.js'
import { AuditOutlets, buildWriteGuards, type WriteFailures } from './audit-outlets.js'
import { AuditTerm } from './audit-term.js'
import { pause } from './pause.js'

export const auditTiming: Omit<AuditTiming, 'intervalMs'> = {
  // A delivery, the operator's answer to it and the end of an admission's write all come within this.
  debounceMs: 3000,
  // The operator writes a status at every attempt: every few seconds at first.
  restMs: 15_000,
  // Three times what an admission gets: connect and read in the slowest way, after a wait for a connection.
  limitMs: 30_000,
}

/** The audit at one moment, for the metrics. */
export interface AuditObservation {
  readonly leads: boolean
  /** Findings by rule id; empty unless this process leads. */
  readonly findings: ReadonlyMap<string, number>
  /** null unless this process leads. */
  readonly migrations: Readonly<Record<Verdict, number>> | null
  /** The last audit of everything in this term. Seconds, `at` since the epoch. */
  readonly lastRun: { readonly at: number; readonly seconds: number } | null
  /** Since the start. */
  readonly failedWrites: WriteFailures
}

export interface Audit {
  observe(): AuditObservation
  /** What these AtlasMigrations refer to is about to change. */
  touch(migrations: readonly AtlasMigration[]): void
  /** Resolves when nothing runs any more and leadership is given back. */
  stop(): Promise<void>
}

/** Leadership without a contest: for a cluster that only this process knows. */
export const soleLeadership: Leadership = {
  run: (lead, stop) => lead({ signal: stop, holds: () => !stop.aborted }),
}

/** After a fault of ours in a term: it is begun again, but not in a loop. */
const faultRestMs = 10_000

/** Audits whenever this process leads, until stopped. Nothing that fails in it ends the process. */
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
      findings: current?.standing.counts().findings ?? new Map<string, number>(),
      migrations: current?.standing.counts().migrations ?? null,
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
