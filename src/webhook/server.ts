import { fastify } from 'fastify'
import type { Logger } from 'pino'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../review/admission.js'
import { unrewritten } from '../review/rewriter.js'
import { BODY_LIMIT } from './body-limit.js'
import type { Check } from './check.js'
import { buildClientErrorAnswer, buildUrlErrorAnswer } from './connection-errors.js'
import { buildClientCheck } from './client-check.js'
import { DrainState } from './drain-state.js'
import { addErrorAnswers } from './error-answer.js'
import { ErrorReports } from './error-reports.js'
import type { Metrics } from './metrics.js'
import { addProbes } from './probes.js'
import { ReviewLimit, type ReviewLimits } from './review-limit.js'
import { addReviewRoute } from './review-route.js'
import { type ServedPair, ServingCertificate } from './serving-certificate.js'
import { secureContext, type CertificatePair } from './tls.js'
import type { WebhookServer } from './webhook-server.js'

export interface ServerDependencies {
  /** Behind /validate. */
  readonly reviewer: Reviewer
  /** Behind /mutate. */
  readonly rewriter: Reviewer
  /** The answer of /validate when a review throws or overruns its time: "cannot decide", as the policy's onError says. */
  readonly onFailure: (request: AdmissionRequest, error: unknown) => AdmissionAnswer
  readonly log: Logger
  readonly metrics: Metrics
  readonly certificate: CertificatePair
  /** Who may call /validate and /mutate; null: whoever reaches the port. */
  readonly clients?: { readonly authority: string; readonly names: readonly string[] } | null
  /** Checks of /startupz and, with the certificate's and draining's, of /readyz. */
  readonly checks: { readonly startup: readonly Check[]; readonly readiness: readonly Check[] }
  readonly limits?: Partial<ServerLimits>
}

export interface ServerLimits extends ReviewLimits {
  readonly keepAliveTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** How often the two above are looked at: each acts up to this much later. */
  readonly connectionsCheckMs: number
}

const defaultLimits: ServerLimits = {
  // kube-apiserver lets 200 changing requests in at a time (--max-mutating-requests-inflight).
  maxReviews: 200,
  // Thirty updates of the largest ConfigMaps (1 MiB, before and after); parsed, some four times as much memory.
  maxBodyBytes: 64 * 1024 * 1024,
  // kube-apiserver closes idle connections after 90 s (client-go's transport). A server that closes first makes
  // it fail a call now and then, since it does not repeat a POST on a connection that broke.
  keepAliveTimeoutMs: 95_000,
  headersTimeoutMs: 10_000,
  // A webhook call is given up after 30 s at the latest (timeoutSeconds).
  requestTimeoutMs: 30_000,
  connectionsCheckMs: 2_000,
}

const paths = new Map(
  Object.entries({
    '/validate': 'POST',
    '/mutate': 'POST',
    '/livez': 'GET',
    '/readyz': 'GET',
    '/startupz': 'GET',
  } as const),
)

/** Builds the HTTPS server; it does not listen. Close it with drain(). */
export function buildServer(deps: ServerDependencies): WebhookServer {
  const { log, metrics } = deps
  const limits = { ...defaultLimits, ...deps.limits }
  const clients = deps.clients ?? null
  const reports = new ErrorReports(deps)
  const served = { pair: deps.certificate, clientAuthority: clients && clients.authority }
  const app = buildApp({ served, reports, limits })
  const drainState = new DrainState()
  const certificate = new ServingCertificate(app.server, served, metrics)
  app.decorate('drainState', drainState)
  app.decorate('servingCertificate', certificate)
  app.decorateRequest('arrivedAt', 0)
  drainState.track(app.server)
  app.addHook('onSend', async (_request, reply) => {
    if (drainState.draining) reply.header('connection', 'close')
  })
  app.removeContentTypeParser('text/plain')
  addErrorAnswers(app, { reports, paths })
  addProbes(app, {
    startup: deps.checks.startup,
    readiness: [...deps.checks.readiness, certificate.buildCheck(Date.now), drainState.check],
  })
  const route = {
    log,
    metrics,
    limit: new ReviewLimit(limits, metrics),
    checkClient: clients && buildClientCheck(clients.names),
  }
  const { reviewer, rewriter, onFailure } = deps
  addReviewRoute(app, { ...route, path: '/validate', reviewer, onFailure })
  addReviewRoute(app, {
    ...route,
    path: '/mutate',
    reviewer: rewriter,
    // Never the policy's answer, which may be a denial: what is not rewritten is judged by /validate as it stands.
    onFailure: () => unrewritten,
  })
  return app
}

interface AppParts {
  readonly served: ServedPair
  readonly reports: ErrorReports
  readonly limits: ServerLimits
}

function buildApp({ served, reports, limits }: AppParts) {
  return fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    // A body is never merged into an object: such keys do no harm, and the scan for them costs a quarter of the CPU.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // Fastify would otherwise coerce, drop and fill in fields of what is to be judged.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    // Calls that still arrive while the server closes are answered like others.
    return503OnClosing: false,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    clientErrorHandler: buildClientErrorAnswer(reports),
    frameworkErrors: buildUrlErrorAnswer(reports),
    // kube-apiserver speaks HTTP/1.1 to webhooks (apiserver, util/webhook/client.go).
    https: {
      ...secureContext(served.pair, served.clientAuthority),
      // Asked for, never demanded: the kubelet's probes come without. What comes of it is for each route to say.
      requestCert: served.clientAuthority !== null,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckMs,
    },
  })
}
