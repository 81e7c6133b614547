import { hostname } from 'node:os'
import type { AuditEvents, AuditReports, Leadership } from '../../review/audit/audit-ports.js'
import type { ApiClient } from '../api/api-client.js'
import { buildEvents } from './events.js'
import { leaseLeadership, type LeaseTiming } from './lease.js'
import type { PooledKubeConfig } from '../api/pooled-kube-config.js'
import { buildReports } from './reports.js'

export interface KubernetesAudit {
  readonly leadership: Leadership
  readonly events: AuditEvents
  readonly reports: AuditReports
}

export interface KubernetesAuditOptions {
  /** Told why no replica can lead, in words fit for a log. Called when the reason changes. */
  readonly onLeaseProblem: (reason: string) => void
  readonly timing?: LeaseTiming
}

/** Name of the one Lease of an installation, whose replicas share a namespace. */
const leaseName = 'atlas-admission-audit'

/** Builds what an audit needs of a cluster, over connections that exist already. */
export function buildKubernetesAudit(
  { client, config }: { readonly client: ApiClient; readonly config: PooledKubeConfig },
  { onLeaseProblem, timing }: KubernetesAuditOptions,
): KubernetesAudit {
  // In a pod, the namespace of its service account.
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace || 'default'
  const lease = { namespace, name: leaseName }
  const now = () => new Date()
  return {
    leadership: leaseLeadership({
      client,
      lease,
      onProblem: onLeaseProblem,
      ...(timing && { timing }),
    }),
    events: buildEvents({ client, instance: hostname().slice(0, 128), now }),
    reports: buildReports({ client, now, monotonic: () => performance.now() }),
  }
}
