import type { AuditReport, AuditReports, ReportResult } from '../../review/audit/audit-ports.js'
import { ClusterError } from '../../review/ports/cluster-error.js'
import type { ApiClient } from '../api/api-client.js'
import { ApiStatusError } from '../api/api-status-error.js'
import { failureReason } from '../api/failure-reason.js'
import { migrationReference } from './migration-reference.js'
import { limitRequest } from '../api/request-limit.js'

/**
 * How long it is remembered which kinds of report the cluster has. Their CRDs come and go with
 * other products.
 */
const discoveryMs = 600_000

const fieldManager = 'atlas-admission'

interface ReportKind {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
}

/** The first kind that the cluster has is written. The fields used here are the same in both. */
const kinds: readonly ReportKind[] = [
  { group: 'openreports.io', version: 'v1alpha1', resource: 'reports', kind: 'Report' },
  {
    group: 'wgpolicyk8s.io',
    version: 'v1alpha2',
    resource: 'policyreports',
    kind: 'PolicyReport',
  },
]

export interface ReportOptions {
  readonly client: ApiClient
  readonly now: () => Date
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}

/**
 * Writes one report for each AtlasMigration, by server-side apply with a field manager of its own.
 * A report is deleted with the object that owns it. Needs the verbs patch and create (apply creates
 * an object that does not exist).
 */
export function buildReports(options: ReportOptions): AuditReports {
  const { client, monotonic } = options
  let discovery: { readonly kind: Promise<ReportKind | null>; readonly until: number } | null = null
  return {
    async write(report, signal) {
      const kind = await findKind(signal)
      if (kind === null) return false
      await apply(report, kind, signal)
      return true
    },
  }

  function findKind(signal: AbortSignal): Promise<ReportKind | null> {
    if (discovery !== null && monotonic() < discovery.until) return discovery.kind
    const kind = discover(client, signal)
    discovery = { kind, until: monotonic() + discoveryMs }
    kind.catch(() => (discovery = null))
    return kind
  }

  async function apply(report: AuditReport, kind: ReportKind, signal: AbortSignal): Promise<void> {
    const { namespace } = report.object
    const { group, version, resource } = kind
    const request = {
      method: 'PATCH',
      path: `/apis/${group}/${version}/namespaces/${namespace}/${resource}/${nameOf(report)}`,
      query: { fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: reportOf(report, kind, options.now()),
    } as const
    try {
      await limitRequest(signal, signal => client.write({ ...request, signal }))
    } catch (error) {
      // The kind may have been uninstalled, so the next write looks again.
      discovery = null
      const right = { verb: 'patch', resource: `${resource}.${group}`, namespace } as const
      throw new ClusterError(failureReason(error, right), { cause: error })
    }
  }
}

async function discover(client: ApiClient, signal: AbortSignal): Promise<ReportKind | null> {
  for (const kind of kinds) if (await isServed(kind, client, signal)) return kind
  return null
}

async function isServed(
  { group, version, resource }: ReportKind,
  client: ApiClient,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const path = `/apis/${group}/${version}`
    const list = await limitRequest(signal, signal => client.get({ path, signal }))
    const { resources } = Object(list) as { readonly resources?: readonly unknown[] }
    return (resources ?? []).some(found => (Object(found) as { name?: unknown }).name === resource)
  } catch (error) {
    if (error instanceof ApiStatusError && error.statusCode === 404) return false
    const right = { verb: 'get', resource: `/apis/${group}`, namespace: null } as const
    throw new ClusterError(failureReason(error, right), { cause: error })
  }
}

/**
 * Name of the report. A uid is unique and valid as a name, however long the object's own name is.
 */
function nameOf({ object }: AuditReport): string {
  return `atlas-migration-${object.uid}`
}

function reportOf(report: AuditReport, kind: ReportKind, now: Date): unknown {
  const reference = migrationReference(report.object)
  const { apiVersion, kind: ownerKind, name, uid } = reference
  return {
    apiVersion: `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name: nameOf(report),
      namespace: report.object.namespace,
      labels: { 'app.kubernetes.io/managed-by': fieldManager },
      ownerReferences: [
        { apiVersion, kind: ownerKind, name, uid, controller: false, blockOwnerDeletion: false },
      ],
    },
    scope: reference,
    summary: summaryOf(report.results),
    results: report.results.map(result => resultOf(result, now)),
  }
}

function summaryOf(results: readonly ReportResult[]): Readonly<Record<string, number>> {
  const count = (word: string) => results.filter(({ result }) => result === word).length
  const words = ['pass', 'fail', 'warn', 'error', 'skip']
  return Object.fromEntries(words.map(word => [word, count(word)]))
}

function resultOf(result: ReportResult, now: Date): unknown {
  const { rule, message, severity, properties } = result
  return {
    source: fieldManager,
    policy: fieldManager,
    ...(rule !== '' && { rule }),
    category: 'Atlas migrations',
    result: result.result,
    severity,
    message,
    scored: true,
    properties,
    timestamp: { seconds: Math.floor(now.getTime() / 1000), nanos: 0 },
  }
}
