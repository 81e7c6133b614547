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
import { TableRoom } from '../review/limits/table-room.js'
import { remarking } from '../review/rewrite/remark.js'
import { evaluate } from '../review/verdict/evaluation.js'
import { ReachedFindings } from '../review/verdict/reached-findings.js'
import { Turns } from '../review/verdict/turns.js'
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

/**
 * Room for tables that verdicts keep, as their size is estimated. It holds three tables of 10,000
 * rows; small ones do not count. With twice the room, a hundred hostile databases behind one ConfigMap
 * took up to 412 MiB, because what is read waits for the garbage collector; with this, 189 to 223.
 */
const roomBytes = 20 * 1024 * 1024

export interface GateSources {
  readonly cluster: Cluster
  /**
   * The watch of the cluster; absent for a cluster that is fully known before the server starts.
   */
  readonly watch?: ClusterWatch
  /** The certificate to rotate; absent when this process does not renew its certificate. */
  readonly certificate?: CertificateSource
  /** The cluster to audit as well; absent: none is audited. */
  readonly audited?: OpenedCluster
  readonly reader: PooledReader
  readonly settings: Settings
  /** The file that `settings` come from. It is read again when it changes. */
  readonly policyFile?: string | undefined
  readonly log: Logger
  /** The handler of the process's uncaught errors; absent: they end the process. */
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
    turns: new Turns(),
    room: new TableRoom(roomBytes),
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
    // The audit stops first, so that another replica can begin to audit while this one answers its
    // last calls.
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

/** The settings in force. Without a policy file they never change. */
function followPolicy(
  { policyFile, settings, log }: GateSources,
  metrics: Metrics,
): Pick<PolicyWatch, 'settings' | 'close'> {
  if (policyFile === undefined) return { settings, close: () => {} }
  const read = () => readSettings(policyFile, ruleIds)
  return new PolicyWatch({ file: policyFile, initial: settings, read, log, metrics })
}

/**
 * The checks of the probes. Start-up is over after the first sync with the cluster; readiness
 * depends on the watch and the certificate.
 */
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
