import { setMaxListeners } from 'node:events'
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../../review/ports/admission.js'
import { encodeAnswer, parseReview, reviewSchema, type ReviewAnswer } from './admission-review.js'
import { buildBudget, parseTimeout } from './call-deadline.js'
import type { ClientCheck } from '../app/client-check.js'
import type { Metrics, ReviewPath } from '../metrics/metrics.js'
import { ClientGoneError, reviewInTime } from './call.js'
import type { ReviewLimit } from './limit.js'
import { OversizedError } from '../body/oversized-error.js'
import { logReview } from './log.js'
import type { WebhookServer } from '../app/webhook-server.js'

export interface ReviewRoute {
  readonly path: ReviewPath
  readonly reviewer: Reviewer
  readonly onFailure: (request: AdmissionRequest, error: unknown) => AdmissionAnswer
  readonly log: Logger
  readonly metrics: Metrics
  readonly limit: ReviewLimit
  /** null: all that reach the port may call. */
  readonly checkClient: ClientCheck | null
}

/** What belongs to one call, besides the review's body. */
interface Call {
  readonly body: unknown
  readonly query: unknown
  /** performance.now() when the call arrived. */
  readonly arrivedAt: number
  /**
   * Aborted when the connection closes before the answer, so that nothing is read for a client that
   * is gone.
   */
  readonly controller: AbortController
}

/**
 * Serves AdmissionReviews on one path. Whatever the reviewer does, the call gets an AdmissionReview
 * in time.
 */
export function addReviewRoute(app: WebhookServer, route: ReviewRoute): void {
  app.post(route.path, {
    schema: { body: reviewSchema },
    onRequest: async (request, reply) => {
      request.arrivedAt = performance.now()
      // The server speaks only TLS.
      route.checkClient?.(request.raw.socket as TLSSocket)
      route.limit.enter(reply.raw)
    },
    handler: (request, reply) => {
      const controller = new AbortController()
      // One ConfigMap may be used for hundreds of databases, and each read of one listens for the
      // deadline.
      setMaxListeners(0, controller.signal)
      // It must not abort after an answer: listeners that a review left behind would then stop work
      // that is no longer its own.
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) controller.abort(new ClientGoneError())
      })
      const { body, query, arrivedAt, isOversized } = request
      const reviewer = isOversized ? oversized : route.reviewer
      return answerCall({ ...route, reviewer }, { body, query, arrivedAt, controller })
    },
  })
}

/** The objects were not read, so nothing is decided, and the policy's onError answers. */
const oversized: Reviewer = {
  review: () => Promise.reject(new OversizedError()),
}

async function answerCall(route: ReviewRoute, call: Call): Promise<ReviewAnswer> {
  const request = parseReview(call.body)
  const { timeout } = call.query as { timeout?: unknown }
  const { answer, failure } = await reviewInTime({
    reviewer: route.reviewer,
    request,
    budget: buildBudget(parseTimeout(timeout)),
    usedMs: performance.now() - call.arrivedAt,
    controller: call.controller,
    onFailure: route.onFailure,
  })
  const { path, log, metrics } = route
  const { verdict, findings, rewrite } = answer
  const seconds = (performance.now() - call.arrivedAt) / 1000
  metrics.observeReview({ path, request, verdict, findings, seconds })
  if (rewrite) metrics.countRewrite(rewrite.outcome)
  logReview(log, { path, request, answer, failure, seconds })
  return encodeAnswer(request.uid, answer)
}
