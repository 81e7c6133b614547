import type { Logger } from 'pino'
import { type Audit, auditTiming, soleLeadership, startAudit } from '../audit/background-audit.js'
import type { AuditOptions } from '../audit/audit-options.js'
import type { Settings } from '../policy/settings/settings.js'
import type { ReviewerDependencies } from '../review/reviewer.js'
import type { OpenedCluster } from './opened-cluster.js'

export interface AuditSources {
  readonly opened: OpenedCluster
  readonly dependencies: ReviewerDependencies
  readonly settings: Settings
  readonly log: Logger
}

/** Starts the audit that the policy asks for, or returns null when it asks for none. */
export function startAuditing(sources: AuditSources): Audit | null {
  const { opened, dependencies, settings, log } = sources
  const { intervalSeconds, concurrency } = settings.audit
  if (intervalSeconds === 0) return null
  const { cluster, watch } = opened
  const options: AuditOptions = {
    ...auditPorts(sources),
    cluster,
    dependencies,
    concurrency,
    followsAllKinds: watch === undefined,
    ready: signal => watch?.whenSynced(signal) ?? Promise.resolve(),
    log,
    monotonic: () => performance.now(),
  }
  return startAudit(options, { ...auditTiming, intervalMs: intervalSeconds * 1000 })
}

function auditPorts({
  opened,
  settings,
  log,
}: AuditSources): Pick<AuditOptions, 'leadership' | 'events' | 'reports'> {
  if (!opened.openAudit) return { leadership: soleLeadership, events: null, reports: null }
  const { leadership, events, reports } = opened.openAudit({
    onLeaseProblem: reason => log.error({ reason }, 'the Lease of the audit cannot be held'),
  })
  return {
    leadership,
    events: settings.audit.events ? events : null,
    reports: settings.audit.reports ? reports : null,
  }
}
