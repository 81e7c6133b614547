import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { DatabaseFailure } from '../../policy/facts/facts.js'
import type {
  AdmissionAnswer,
  AdmissionRequest,
  RewriteOutcome,
  Verdict,
} from '../../review/ports/admission.js'
import type { FaultPart } from '../../review/ports/fault.js'
import { addGauge } from './asked-gauge.js'
import { type ObservedAudit, registerAuditMetrics } from './audit-metrics.js'
import { type ClusterObservation, registerClusterMetrics } from './cluster-metrics.js'
import type { RequestErrorCode } from '../errors/request-error.js'
import { registerRotationMetrics, type RotationObservation } from './rotation-metrics.js'

/** In seconds. A usual review takes some 10 ms, and a webhook's time limit is at most 30 s. */
const REVIEW_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const DATABASE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The paths that answer reviews. */
export type ReviewPath = '/validate' | '/mutate'

/** One answered review. */
export interface ReviewObservation {
  readonly path: ReviewPath
  readonly request: AdmissionRequest
  readonly verdict: Verdict
  readonly findings: AdmissionAnswer['findings']
  /** From the arrival of the call to its answer. */
  readonly seconds: number
}

export interface MetricsOptions {
  readonly version: string
  /** Whether the process's own metrics are shown, too (memory, event loop, garbage collection). */
  readonly processMetrics: boolean
}

/**
 * Everything that /metrics shows, in a registry of its own. Only the labels operation and kind take
 * values from a request, and only known ones, so the number of series is limited.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #register = { registers: [this.#registry] }

  readonly #reviews = new Counter({
    name: 'atlas_admission_reviews_total',
    help: 'Reviews answered with an AdmissionReview',
    labelNames: ['path', 'operation', 'kind', 'verdict', 'dry_run'],
    ...this.#register,
  })
  readonly #reviewSeconds = new Histogram({
    name: 'atlas_admission_review_duration_seconds',
    help: 'Time from the arrival of a review to its answer',
    labelNames: ['path', 'verdict'],
    buckets: REVIEW_BUCKETS,
    ...this.#register,
  })
  readonly #findings = new Counter({
    name: 'atlas_admission_findings_total',
    help: 'Findings of answered reviews by rule and by what they led to',
    labelNames: ['rule', 'result'],
    ...this.#register,
  })
  readonly #rewrites = new Counter({
    name: 'atlas_admission_rewrites_total',
    help: 'AtlasMigrations whose ConfigMap another consolidates, by what /mutate made of them; dry runs included',
    labelNames: ['outcome'],
    ...this.#register,
  })
  readonly #httpErrors = new Counter({
    name: 'atlas_admission_http_errors_total',
    help: 'Calls that got an HTTP error instead of an AdmissionReview',
    labelNames: ['code'],
    ...this.#register,
  })
  readonly #faults = new Counter({
    name: 'atlas_admission_faults_total',
    help: 'Errors of this program itself while it looked at one object, by what it was doing; the log names the object once',
    labelNames: ['part'],
    ...this.#register,
  })
  readonly #inFlight = new Gauge({
    name: 'atlas_admission_requests_in_flight',
    help: 'Reviews that have arrived and are not answered yet',
    ...this.#register,
  })
  readonly #certificateExpiry = new Gauge({
    name: 'atlas_admission_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate expires, in seconds since the epoch',
    ...this.#register,
  })
  readonly #certificateReloads = new Counter({
    name: 'atlas_admission_certificate_reloads_total',
    help: 'Changes of the certificate: loaded, or failed and the old pair kept',
    labelNames: ['outcome'],
    ...this.#register,
  })
  readonly #clientAuthorityReloads = new Counter({
    name: 'atlas_admission_client_authority_reloads_total',
    help: 'Changes of the file of --client-ca: loaded, or failed and the old authorities kept',
    labelNames: ['outcome'],
    ...this.#register,
  })
  readonly #policyReloads = new Counter({
    name: 'atlas_admission_policy_reloads_total',
    help: 'Changes of the policy file: loaded, or failed and the last good one kept',
    labelNames: ['outcome'],
    ...this.#register,
  })
  readonly #certificateIssues = new Counter({
    name: 'atlas_admission_certificate_issues_total',
    help: 'Writes of the Secret with an authority or a certificate that this process has made',
    ...this.#register,
  })
  readonly #bundleWrites = new Counter({
    name: 'atlas_admission_ca_bundle_writes_total',
    help: 'Writes of the caBundle of a webhook configuration by this process; a steady rate means that somebody undoes them',
    ...this.#register,
  })
  readonly #databaseSeconds = new Histogram({
    name: 'atlas_admission_database_read_duration_seconds',
    help: 'Time to read a revisions table, by outcome (read, or the kind of failure)',
    labelNames: ['outcome'],
    buckets: DATABASE_BUCKETS,
    ...this.#register,
  })

  constructor(options: MetricsOptions) {
    const build = new Gauge({
      name: 'atlas_admission_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node_version'],
      ...this.#register,
    })
    build.set({ version: options.version, node_version: process.version }, 1)
    if (options.processMetrics) collectDefaultMetrics({ register: this.#registry })
  }

  /** Content type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  observeReview(observation: ReviewObservation): void {
    const { path, request, verdict } = observation
    this.#reviews.inc({
      path,
      operation: request.operation,
      kind: kindLabel(request.kind),
      verdict,
      dry_run: String(request.dryRun),
    })
    this.#reviewSeconds.observe({ path, verdict }, observation.seconds)
    for (const { rule, result } of observation.findings) this.#findings.inc({ rule, result })
  }

  countRewrite(outcome: RewriteOutcome): void {
    this.#rewrites.inc({ outcome })
  }

  countHttpError(code: RequestErrorCode): void {
    this.#httpErrors.inc({ code })
  }

  countFault(part: FaultPart): void {
    this.#faults.inc({ part })
  }

  setRequestsInFlight(count: number): void {
    this.#inFlight.set(count)
  }

  setCertificateExpiry(expiresAt: Date): void {
    this.#certificateExpiry.set(expiresAt.getTime() / 1000)
  }

  countCertificateReload(outcome: 'loaded' | 'failed'): void {
    this.#certificateReloads.inc({ outcome })
  }

  countClientAuthorityReload(outcome: 'loaded' | 'failed'): void {
    this.#clientAuthorityReloads.inc({ outcome })
  }

  countPolicyReload(outcome: 'loaded' | 'failed'): void {
    this.#policyReloads.inc({ outcome })
  }

  countCertificateIssue(): void {
    this.#certificateIssues.inc()
  }

  countBundleWrite(): void {
    this.#bundleWrites.inc()
  }

  /**
   * Shows the state of the renewed certificate; `ask` is called at each scrape. To be called once.
   */
  watchRotation(ask: () => RotationObservation): void {
    registerRotationMetrics(this.#registry, ask)
  }

  observeDatabaseRead(outcome: 'read' | DatabaseFailure, seconds: number): void {
    this.#databaseSeconds.observe({ outcome }, seconds)
  }

  /**
   * Shows the number of open database connections; `count` is called at each scrape. To be called
   * once.
   */
  watchDatabaseConnections(count: () => number): void {
    addGauge(this.#registry, {
      name: 'atlas_admission_database_connections',
      help: 'Open connections to target databases',
      ask: count,
    })
  }

  /** Shows the state of a watched cluster; `ask` is called at each scrape. To be called once. */
  watchCluster(ask: () => ClusterObservation): void {
    registerClusterMetrics(this.#registry, ask)
  }

  /** Shows a background audit; `ask` is called at each scrape. To be called once. */
  watchAudit(ask: () => ObservedAudit): void {
    registerAuditMetrics(this.#registry, ask)
  }
}

/** Kinds that are sent to this webhook, by group. */
const knownKinds: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'db.atlasgo.io/AtlasMigration': 'AtlasMigration',
    '/ConfigMap': 'ConfigMap',
    '/Secret': 'Secret',
  }),
)

function kindLabel(kind: AdmissionRequest['kind']): string {
  return knownKinds.get(`${kind.group}/${kind.kind}`) ?? 'other'
}
