import { Counter, Gauge, type Registry } from 'prom-client'
import type { Verdict } from '../../review/ports/admission.js'

/** A background audit at one moment. */
export interface ObservedAudit {
  /** Whether this replica is the one that audits. */
  readonly leads: boolean
  /** Number of findings by rule id; empty unless this replica leads. */
  readonly findings: ReadonlyMap<string, number>
  /** Number of AtlasMigrations by verdict; null unless this replica leads. */
  readonly migrations: Readonly<Record<Verdict, number>> | null
  /**
   * The last audit of everything: its end in seconds since the epoch, and its duration in seconds.
   */
  readonly lastRun: { readonly at: number; readonly seconds: number } | null
  /** Failed writes since the start. */
  readonly failedWrites: Readonly<Record<'events' | 'reports', number>>
}

/**
 * Registers the metrics of an audit; `ask` is called at each scrape. Only the replica that audits
 * has series of results, so that sums over all replicas are right. No label names an object, which
 * Events and reports do.
 */
export function registerAuditMetrics(registry: Registry, ask: () => ObservedAudit): void {
  const register = { registers: [registry] }
  const leader: Gauge = new Gauge({
    name: 'atlas_admission_audit_leader',
    help: '1 while this replica audits, else 0',
    ...register,
    collect: () => leader.set(Number(ask().leads)),
  })
  const findings: Gauge = new Gauge({
    name: 'atlas_admission_audit_findings',
    help: 'AtlasMigrations in which a rule finds something as they stand',
    labelNames: ['rule'],
    ...register,
    collect() {
      findings.reset()
      for (const [rule, count] of ask().findings) findings.set({ rule }, count)
    },
  })
  const migrations: Gauge = new Gauge({
    name: 'atlas_admission_audit_migrations',
    help: 'Audited AtlasMigrations by verdict: fail would be denied as new objects, error could not be judged in full',
    labelNames: ['verdict'],
    ...register,
    collect() {
      migrations.reset()
      for (const [verdict, count] of Object.entries(ask().migrations ?? {}))
        migrations.set({ verdict }, count)
    },
  })
  registerLastRun(registry, ask)
  const failures: Counter = new Counter({
    name: 'atlas_admission_audit_write_errors_total',
    help: 'Events and reports of the audit that could not be written',
    labelNames: ['kind'],
    ...register,
    collect() {
      failures.reset()
      for (const [kind, count] of Object.entries(ask().failedWrites)) failures.inc({ kind }, count)
    },
  })
}

/** Without a run there is no sample, because 0 would mean 1970. */
function registerLastRun(registry: Registry, ask: () => ObservedAudit): void {
  const end: Gauge = new Gauge({
    name: 'atlas_admission_audit_last_run_timestamp_seconds',
    help: 'When the last audit of all AtlasMigrations ended, in seconds since the epoch',
    registers: [registry],
    collect: () => setOrRemove(end, ask().lastRun?.at),
  })
  const duration: Gauge = new Gauge({
    name: 'atlas_admission_audit_last_run_duration_seconds',
    help: 'How long the last audit of all AtlasMigrations took',
    registers: [registry],
    collect: () => setOrRemove(duration, ask().lastRun?.seconds),
  })
}

function setOrRemove(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove()
  else gauge.set(value)
}
