import type { Logger } from 'pino'
import type { Audit } from '../audit/audit.js'
import { rules } from '../policy/catalogue.js'
import type { Settings } from '../policy/settings.js'
import type { Reviewer } from '../review/admission.js'
import type { Cluster, RevisionsReader } from '../review/ports.js'
import { buildFailureAnswer, buildReviewer } from '../review/reviewer.js'
import { type Gate, type GateOptions, startGate } from '../webhook/gate.js'
import { Metrics } from '../webhook/metrics.js'
import type { ProbeChecks } from '../webhook/probes.js'
import type { ClusterWatch, PooledReader } from './adapters.js'
import type { OpenedCluster } from './cluster-choice.js'
import {
  buildRotatingCertificate,
  type CertificateSource,
  type RotatingCertificate,
} from './rotating-certificate.js'
import { startAuditing, tellingAudit } from './running-audit.js'
import { readVersion } from './version.js'

export interface GateSources {
  readonly cluster: Cluster
  /** Absent for a cluster that is known before the server starts. */
  readonly watch?: ClusterWatch
  /** Absent for a certificate that is not renewed here. */
  readonly certificate?: CertificateSource
  /** What to audit beside; absent: nothing. */
  readonly audited?: OpenedCluster
  readonly reader: PooledReader
  readonly settings: Settings
  readonly log: Logger
}

/** Puts a reviewer behind the servers and starts them, then the audit. */
export async function startReviewing(options: GateOptions, sources: GateSources): Promise<Gate> {
  const { cluster, watch, audited, reader, settings, log } = sources
  const metrics = new Metrics({ version: readVersion(), processMetrics: true })
  metrics.watchDatabaseConnections(() => reader.connections())
  if (watch) watchCluster(metrics, cluster, watch)
  const dependencies = {
    cluster,
    reader: observedReader(reader, metrics),
    rules,
    settings,
    now: () => new Date(),
  }
  let audit: Audit | null = null
  const reviewer = tellingAudit(buildReviewer(dependencies), { cluster, audit: () => audit })
  const certificate =
    sources.certificate && buildRotatingCertificate(sources.certificate, { log, metrics })
  const checks = checksOf(watch)
  const started = await startGate(options, {
    reviewer: watch ? reviewAfterSync(reviewer, watch) : reviewer,
    onFailure: buildFailureAnswer(settings),
    log,
    metrics,
    checks: certificate
      ? { ...checks, readiness: [...checks.readiness, certificate.check] }
      : checks,
  })
  const gate = certificate ? withCertificate(started, certificate) : started
  const auditing = audited ? startAuditing({ opened: audited, dependencies, settings, log }) : null
  if (auditing === null) return gate
  audit = auditing
  metrics.watchAudit(() => auditing.observe())
  return { ...gate, stop: stopBoth(gate, auditing) }
}

function withCertificate(gate: Gate, certificate: RotatingCertificate): Gate {
  certificate.start(gate)
  return {
    ...gate,
    async stop() {
      await certificate.stop()
      await gate.stop()
    },
  }
}

/** While calls are drained another replica can begin to audit. */
function stopBoth(gate: Gate, audit: Audit): () => Promise<void> {
  return async () => {
    await Promise.all([audit.stop(), gate.stop()])
  }
}

/** Start-up ends with the first sync; readiness goes on and off with the watch. */
function checksOf(watch: ClusterWatch | undefined): ProbeChecks {
  if (!watch) return { startup: [], readiness: [] }
  const startup = { name: 'cluster', problem: () => (watch.synced() ? null : watch.problem()) }
  return { startup: [startup], readiness: [{ name: 'cluster', problem: () => watch.problem() }] }
}

/**
 * Before the first sync a ConfigMap seems to have no users and a table no others, so an answer could wrongly allow.
 * Readiness keeps calls away until then; one that comes nevertheless waits as long as it may.
 */
function reviewAfterSync(reviewer: Reviewer, watch: ClusterWatch): Reviewer {
  return {
    async review(request, deadline) {
      await watch.whenSynced(deadline.signal)
      return reviewer.review(request, deadline)
    },
  }
}

function watchCluster(metrics: Metrics, cluster: Cluster, watch: ClusterWatch): void {
  metrics.watchCluster(() => ({
    migrations: cluster.migrations().length,
    unreadable: watch.unreadable().length,
    up: watch.problem() === null,
    restarts: watch.restarts(),
    lastEventAge: watch.lastEventAge(),
  }))
}

function observedReader(reader: RevisionsReader, metrics: Metrics): RevisionsReader {
  return {
    async readTable(query, deadline) {
      const started = performance.now()
      const table = await reader.readTable(query, deadline)
      const outcome = table.kind === 'failed' ? table.failure : 'read'
      metrics.observeDatabaseRead(outcome, (performance.now() - started) / 1000)
      return table
    },
    readIdentity: reader.readIdentity.bind(reader),
  }
}
