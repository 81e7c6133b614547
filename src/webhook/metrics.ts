import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { DatabaseFailure } from '../policy/facts.js'
import type {
  AdmissionAnswer,
  AdmissionRequest,
  RewriteOutcome,
  Verdict,
} from '../review/admission.js'
import { type ObservedAudit, registerAuditMetrics } from './audit-metrics.js'
import type { RequestErrorCode } from './request-error.js'

/** Seconds. A warm review takes some 10 ms; a webhook's time limit is at most 30 s. */
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
  /** From the call's arrival to its answer. */
  readonly seconds: number
}

/** A watched cluster at one moment. */
export interface ClusterObservation {
  readonly migrations: number
  readonly unreadable: number
  /** Everything is known and followed. */
  readonly up: boolean
  /** Since the start. */
  readonly restarts: number
  /** Seconds. */
  readonly lastEventAge: number
}

/** A certificate that this process keeps renewed, at one moment. */
export interface RotationObservation {
  /** null before there is an authority. */
  readonly authorityExpiresAt: Date | null
  readonly trusted: boolean
}

export interface MetricsOptions {
  readonly version: string
  /** Also the process's own metrics (memory, event loop, garbage collection). */
  readonly processMetrics: boolean
}

/**
 * Everything that /metrics shows, in a registry of its own. No label takes a value from a request but operation
 * and kind, and those only if they are known: the number of series is bounded.
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

  /** The exposition, in Prometheus' text format. */
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

  setRequestsInFlight(count: number): void {
    this.#inFlight.set(count)
  }

  setCertificateExpiry(expiresAt: Date): void {
    this.#certificateExpiry.set(expiresAt.getTime() / 1000)
  }

  countCertificateReload(outcome: 'loaded' | 'failed'): void {
    this.#certificateReloads.inc({ outcome })
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

  /** Shows how the renewed certificate fares; `ask` is called at each scrape. Call it once. */
  watchRotation(ask: () => RotationObservation): void {
    this.#addGauge({
      name: 'atlas_admission_certificate_authority_expiry_timestamp_seconds',
      help: 'When the authority that signs expires, in seconds since the epoch; 0 before there is one',
      ask: () => (ask().authorityExpiresAt?.getTime() ?? 0) / 1000,
    })
    this.#addGauge({
      name: 'atlas_admission_certificate_trusted',
      help: '1 while the webhook configurations trust the certificate, else 0',
      ask: () => Number(ask().trusted),
    })
  }

  observeDatabaseRead(outcome: 'read' | DatabaseFailure, seconds: number): void {
    this.#databaseSeconds.observe({ outcome }, seconds)
  }

  /** Shows the number of open database connections; `count` is asked at each scrape. Call it once. */
  watchDatabaseConnections(count: () => number): void {
    this.#addGauge({
      name: 'atlas_admission_database_connections',
      help: 'Open connections to target databases',
      ask: count,
    })
  }

  /** Shows what is known of a watched cluster; `ask` is called at each scrape. Call it once. */
  watchCluster(ask: () => ClusterObservation): void {
    this.#addGauge({
      name: 'atlas_admission_atlasmigrations',
      help: 'AtlasMigrations that are known',
      ask: () => ask().migrations,
    })
    this.#addGauge({
      name: 'atlas_admission_atlasmigrations_unreadable',
      help: 'AtlasMigrations that cannot be read, so that no review knows of them',
      ask: () => ask().unreadable,
    })
    this.#addGauge({
      name: 'atlas_admission_watch_up',
      help: '1 while all AtlasMigrations are known and followed, else 0',
      ask: () => Number(ask().up),
    })
    this.#addGauge({
      name: 'atlas_admission_watch_last_event_age_seconds',
      help: 'Time since the API server last said anything about AtlasMigrations; below 90 while the watch works',
      ask: () => ask().lastEventAge,
    })
    const restarts: Counter = new Counter({
      name: 'atlas_admission_watch_restarts_total',
      help: 'Watches of AtlasMigrations, or lists before them, that failed and were begun again',
      registers: [this.#registry],
      collect() {
        restarts.reset()
        restarts.inc(ask().restarts)
      },
    })
  }

  /** Shows a background audit; `ask` is called at each scrape. Call it once. */
  watchAudit(ask: () => ObservedAudit): void {
    registerAuditMetrics(this.#registry, ask)
  }

  #addGauge({ name, help, ask }: AskedGauge): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(ask()),
    })
  }
}

/** A gauge whose value is asked for at each scrape. */
interface AskedGauge {
  readonly name: string
  readonly help: string
  readonly ask: () => number
}

/** Kinds that this webhook is sent, by group. */
const knownKinds: Readonly<Record<string, string>> = {
  'db.atlasgo.io/AtlasMigration': 'AtlasMigration',
  '/ConfigMap': 'ConfigMap',
  '/Secret': 'Secret',
}

function kindLabel(kind: AdmissionRequest['kind']): string {
  const name = `${kind.group}/${kind.kind}`
  return Object.hasOwn(knownKinds, name) ? (knownKinds[name] as string) : 'other'
}
