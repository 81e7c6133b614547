import type { FastifyReply, RouteGenericInterface } from 'fastify'
import type { Server } from 'node:https'
import type { ReadinessCheck } from './readiness/readiness-check.js'
import { RequestError } from './errors/request-error.js'
import type { WebhookServer } from './app/webhook-server.js'

export interface ProbeChecks {
  /** Once all of these have held, start-up is over. */
  readonly startup: readonly ReadinessCheck[]
  /** While one of these does not hold, no calls are sent here. */
  readonly readiness: readonly ReadinessCheck[]
}

type WebhookReply = FastifyReply<RouteGenericInterface, Server>

/**
 * Serves /livez, which tells that the event loop turns, and /startupz and /readyz, which tell what
 * is missing.
 */
export function addProbes(app: WebhookServer, checks: ProbeChecks): void {
  app.get('/livez', () => ({ status: 'ok' }))
  app.get('/startupz', (_request, reply) => answerProbe(reply, checks.startup))
  app.get('/readyz', (_request, reply) => answerProbe(reply, checks.readiness))
}

function answerProbe(reply: WebhookReply, checks: readonly ReadinessCheck[]): unknown {
  const problems = checks.flatMap(check => {
    const problem = askCheck(check)
    return problem === null ? [] : [`${check.name}: ${problem}`]
  })
  if (problems.length === 0) return { status: 'ok' }
  // It is not thrown, because a probe that waits is no error to count or log.
  const error = new RequestError('ATLAS_ADMISSION_NOT_READY', `not ready: ${problems.join('; ')}`)
  return reply.code(error.status).type('application/json').send(error.toLine())
}

function askCheck(check: ReadinessCheck): string | null {
  try {
    return check.problem()
  } catch {
    return 'could not be checked'
  }
}
