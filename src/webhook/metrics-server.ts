import { fastify, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { buildClientErrorAnswer, buildUrlErrorAnswer } from './answers/connection-errors.js'
import { addErrorAnswers } from './answers/error-answer.js'
import { trackConnections } from './app/connections.js'
import { ErrorReports } from './answers/error-reports.js'
import type { Metrics } from './metrics/metrics.js'

/** Time for a request. A scraper asks every few seconds, and reads what it asked for. */
const requestMs = 10_000

/** Enough for a few scrapers, each with a connection or two. */
const connectionLimits = { max: 64, maxOfAddress: 32, unusedMs: 5000 }

/**
 * Serves /metrics over plain HTTP on a port of its own, so that a scraper needs no certificate, and
 * a network policy can tell it from the webhook. Builds the server, which does not listen yet.
 */
export function buildMetricsServer(deps: { log: Logger; metrics: Metrics }): FastifyInstance {
  const { metrics } = deps
  const reports = new ErrorReports(deps)
  const app = fastify({
    logger: false,
    bodyLimit: 1024,
    connectionTimeout: requestMs,
    requestTimeout: requestMs,
    http: { headersTimeout: requestMs, maxHeaderSize: 8 * 1024, connectionsCheckingInterval: 1000 },
    clientErrorHandler: buildClientErrorAnswer(reports),
    frameworkErrors: buildUrlErrorAnswer(reports),
  })
  trackConnections(app, connectionLimits)
  addErrorAnswers(app, { reports, paths: new Map([['/metrics', 'GET']]) })
  app.get('/metrics', async (_request, reply) => {
    void reply.type(metrics.contentType)
    return metrics.text()
  })
  return app
}
