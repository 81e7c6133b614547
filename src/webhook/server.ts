import { fastify, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../review/ports/admission.js'
import { unrewritten } from '../review/rewriter.js'
import { ArrivingBodies } from './body/arriving-bodies.js'
import { BODY_LIMIT } from './body/body-limit.js'
import { addBodyParser } from './body/body-parser.js'
import { BlockPool } from './body/body-store.js'
import type { ReadinessCheck } from './readiness/readiness-check.js'
import { buildClientErrorAnswer, buildUrlErrorAnswer } from './answers/connection-errors.js'
import { buildClientCheck } from './app/client-check.js'
import { trackConnections } from './app/connections.js'
import { DrainState } from './readiness/drain-state.js'
import { addErrorAnswers } from './answers/error-answer.js'
import { ErrorReports } from './answers/error-reports.js'
import type { Metrics } from './metrics/metrics.js'
import { addProbes } from './probes.js'
import { ReviewLimit } from './review/limit.js'
import { ReviewMemory } from './body/review-memory.js'
import { addReviewRoute } from './review/route.js'
import { defaultServerLimits, type ServerLimits } from './server-limits.js'
import { type ServedPair, ServingCertificate } from './tls/serving-certificate.js'
import { secureContext, type CertificatePair } from './tls/tls.js'
import type { WebhookServer } from './app/webhook-server.js'

export interface ServerDependencies {
  /** Answers /validate. */
  readonly reviewer: Reviewer
  /** Answers /mutate. */
  readonly rewriter: Reviewer
  /**
   * Makes the answer of /validate when a review throws or takes too long: "cannot decide", as the
   * policy's onError says.
   */
  readonly onFailure: (request: AdmissionRequest, error: unknown) => AdmissionAnswer
  readonly log: Logger
  readonly metrics: Metrics
  readonly certificate: CertificatePair
  /** Who may call /validate and /mutate; null: all that reach the port. */
  readonly clients?: { readonly authority: string; readonly names: readonly string[] } | null
  /**
   * Checks of /startupz and of /readyz. Those of the certificate and of draining are added to the
   * latter.
   */
  readonly checks: {
    readonly startup: readonly ReadinessCheck[]
    readonly readiness: readonly ReadinessCheck[]
  }
  readonly limits?: Partial<ServerLimits>
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

/** Builds the HTTPS server, which does not listen yet. It is to be closed with drain(). */
export function buildServer(deps: ServerDependencies): WebhookServer {
  const { log, metrics } = deps
  const limits = { ...defaultServerLimits, ...deps.limits }
  const clients = deps.clients ?? null
  const reports = new ErrorReports(deps)
  const served = { pair: deps.certificate, clientAuthority: clients && clients.authority }
  const app = buildApp({ served, reports, limits })
  const drainState = new DrainState()
  const certificate = new ServingCertificate(app.server, served, metrics)
  app.decorate('drainState', drainState)
  app.decorate('servingCertificate', certificate)
  app.decorateRequest('arrivedAt', 0)
  app.decorate('connections', trackConnections(app, limits.connections))
  app.addHook('onSend', async (request, reply) => {
    if (drainState.draining || !isApiServer(request, reply)) reply.header('connection', 'close')
  })
  addBodyParser(app, {
    arriving: new ArrivingBodies(limits.maxArrivedBytes),
    pool: new BlockPool(limits.maxArrivedBytes),
    memory: new ReviewMemory(limits.memory),
    timing: limits.body,
  })
  addErrorAnswers(app, { reports, paths })
  addProbes(app, {
    startup: deps.checks.startup,
    readiness: [...deps.checks.readiness, certificate.buildCheck(Date.now), drainState.check],
  })
  const route = {
    log,
    metrics,
    limit: new ReviewLimit(limits.maxReviews, metrics),
    checkClient: clients && buildClientCheck(clients.names),
  }
  const { reviewer, rewriter, onFailure } = deps
  addReviewRoute(app, { ...route, path: '/validate', reviewer, onFailure })
  addReviewRoute(app, {
    ...route,
    path: '/mutate',
    reviewer: rewriter,
    // It is never the policy's answer, which may be a denial: an object that is not rewritten is
    // judged by /validate as it is.
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
    // By default Fastify would coerce, drop and fill in fields of the objects to be judged.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    // Calls that still arrive while the server closes are answered like others.
    return503OnClosing: false,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // The limit for no byte in either direction: a client that does not read its answer.
    connectionTimeout: limits.requestTimeoutMs + 10_000,
    clientErrorHandler: buildClientErrorAnswer(reports),
    frameworkErrors: buildUrlErrorAnswer(reports),
    // kube-apiserver speaks HTTP/1.1 to webhooks (apiserver, util/webhook/client.go).
    https: {
      ...secureContext(served.pair, served.clientAuthority),
      // A client certificate is asked for but not required, because the kubelet's probes have none.
      // Each route decides what follows.
      requestCert: served.clientAuthority !== null,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckMs,
      handshakeTimeout: 2 * limits.connections.unusedMs,
      maxHeaderSize: limits.maxHeaderSize,
    },
  })
}

/**
 * Only a connection that was good for a review is kept: the kubelet opens one for each probe, and strangers none. With
 * half a body on it the next call would not be found.
 */
function isApiServer(request: FastifyRequest, reply: FastifyReply): boolean {
  const isReview =
    request.routeOptions.url === '/validate' || request.routeOptions.url === '/mutate'
  const isAnswered = reply.statusCode === 200 || reply.statusCode === 503
  return isReview && isAnswered && request.raw.complete
}
