import type { Logger } from 'pino'
import type { Audit } from '../audit/background-audit.js'
import { ruleIds, rules } from '../policy/rules/catalogue.js'
import type { Settings } from '../policy/settings/settings.js'
import type { AdmissionAnswer, Reviewer } from '../review/ports/admission.js'
import { skipped } from '../review/verdict/answer.js'
import type { Cluster } from '../review/ports/ports.js'
import { buildFailureAnswer, buildReviewer, type ReviewerDependencies } from '../review/reviewer.js'
import { buildRewriter, untouched } from '../review/rewriter.js'
import { type Gate, type GateOptions, startGate } from '../webhook/gate.js'
import { KnownDatabases } from '../review/facts/known-databases.js'
import { remarking } from '../review/rewrite/remark.js'
import { evaluate } from '../review/verdict/evaluation.js'
import { ReachedFindings } from '../review/verdict/reached-findings.js'
import { TargetIndex } from '../review/facts/target-index.js'
import { reportFaults, reportUncaught } from '../webhook/answers/fault-report.js'
import { Metrics } from '../webhook/metrics/metrics.js'
import type { ProbeChecks } from '../webhook/probes.js'
import { reviewingAfterSync } from './after-sync.js'
import { observedReader } from './observed-reader.js'
import type { ClusterWatch, OpenedCluster } from './opened-cluster.js'
import type { PooledReader } from './pooled-reader.js'
import { PolicyWatch } from './policy-watch.js'
import type { ProcessFaults } from './process-faults.js'
import {
  buildRotatingCertificate,
  type CertificateSource,
  type RotatingCertificate,
} from './rotating-certificate.js'
import { startAuditing } from './running-audit.js'
import { Resources } from './resources.js'
import { readSettings } from './settings-file.js'
import { tellingAudit } from './telling-audit.js'
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
  /** The file that `settings` come from; followed when it changes. */
  readonly policyFile?: string | undefined
  readonly log: Logger
  /** Of the process; absent: they end it. */
  readonly faults?: ProcessFaults
}

/** Puts a reviewer behind the servers and starts them, then the audit. */
export async function startReviewing(options: GateOptions, sources: GateSources): Promise<Gate> {
  const { cluster, watch, reader, log } = sources
  const metrics = new Metrics({ version: readVersion(), processMetrics: true })
  metrics.watchDatabaseConnections(() => reader.connections())
  if (watch) watchCluster(metrics, cluster, watch)
  const parts = new Resources()
  const policy = parts.add(followPolicy(sources, metrics), async open => open.close())
  const onFault = reportFaults(log, metrics)
  const dependencies = {
    cluster,
    reader: observedReader(reader, metrics),
    targets: new TargetIndex({ onFault }),
    rules,
    get settings() {
      return policy.settings
    },
    now: () => new Date(),
    followsAdmission: watch !== undefined,
    onFault,
    reached: new ReachedFindings(),
    known: new KnownDatabases(reader),
    evaluate: remarking(evaluate),
  }
  let audit: Audit | null = null
  const afterSync = (reviewer: Reviewer, unjudged: AdmissionAnswer) =>
    watch ? reviewingAfterSync(reviewer, { watch, unjudged }) : reviewer
  const reviewer = tellingAudit(buildReviewer(dependencies), { cluster, audit: () => audit })
  const certificate =
    sources.certificate && buildRotatingCertificate(sources.certificate, { log, metrics })
  try {
    const gate = await startGate(options, {
      reviewer: afterSync(reviewer, skipped),
      rewriter: afterSync(buildRewriter(dependencies), untouched),
      onFailure: buildFailureAnswer(dependencies),
      log,
      metrics,
      checks: checksOf(watch, certificate),
    })
    sources.faults?.outlive({
      report: reportUncaught(log, metrics),
      isWorking: () => gate.isListening(),
    })
    parts.add(gate, open => open.stop())
    if (certificate) parts.add(certificate, open => open.stop()).start(gate)
    audit = auditBeside(sources, dependencies, metrics)
    // Stopped first: while calls are drained another replica can begin to audit.
    if (audit) parts.add(audit, open => open.stop())
    return { ...gate, stop: () => parts.releaseAll() }
  } catch (error) {
    await parts.releaseAll()
    throw error
  }
}

function auditBeside(
  { audited, settings, log }: GateSources,
  dependencies: ReviewerDependencies,
  metrics: Metrics,
): Audit | null {
  const audit = audited ? startAuditing({ opened: audited, dependencies, settings, log }) : null
  if (audit) metrics.watchAudit(() => audit.observe())
  return audit
}

/** The settings in force; without a file they stay as they are. */
function followPolicy(
  { policyFile, settings, log }: GateSources,
  metrics: Metrics,
): Pick<PolicyWatch, 'settings' | 'close'> {
  if (policyFile === undefined) return { settings, close: () => {} }
  const read = () => readSettings(policyFile, ruleIds)
  return new PolicyWatch({ file: policyFile, initial: settings, read, log, metrics })
}

/** Start-up ends with the first sync; readiness goes on and off with the watch and the certificate. */
function checksOf(
  watch: ClusterWatch | undefined,
  certificate: RotatingCertificate | undefined,
): ProbeChecks {
  const trusted = certificate ? [certificate.check] : []
  if (!watch) return { startup: [], readiness: trusted }
  const startup = { name: 'cluster', problem: () => (watch.synced() ? null : watch.problem()) }
  const synced = { name: 'cluster', problem: () => watch.problem() }
  return { startup: [startup], readiness: [synced, ...trusted] }
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
