import type { FastifyInstance, RawServerBase } from 'fastify'
import { explainMistake, MAX_UID, type SchemaMistake } from '../review/admission-review.js'
import type { ErrorReports } from './error-reports.js'
import { RequestError } from '../errors/request-error.js'

export interface ErrorAnswerContext {
  readonly reports: ErrorReports
  /** Paths with their method: another method on them is 405, another path 404. */
  readonly paths: ReadonlyMap<string, 'GET' | 'POST'>
}

/** A client that is told to wait tries again after this many seconds; kube-apiserver does so by itself. */
const RETRY_AFTER_SECONDS = 1

/** Answers whatever gets no AdmissionReview with the right status and one JSON line. */
export function addErrorAnswers<Server extends RawServerBase>(
  app: FastifyInstance<Server>,
  context: ErrorAnswerContext,
): void {
  // Before the body is read: what nobody serves need not be received.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = pathOf(request.url)
    const method = context.paths.get(path)
    if (method !== undefined) reply.header('allow', method)
    throw unserved(path, context.paths)
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = toRequestError(error, request.body)
    if (answer.code === 'ATLAS_ADMISSION_OVERLOADED')
      reply.header('retry-after', RETRY_AFTER_SECONDS)
    context.reports.report(answer, { error, uid: uidOf(request.body) })
    return reply.code(answer.status).type('application/json').send(answer.toLine())
  })
}

/** The review's uid, if its body got as far: it is how the API server's log and ours are put together. */
function uidOf(body: unknown): string | undefined {
  const { uid } = (body as { request?: { uid?: unknown } } | null | undefined)?.request ?? {}
  return typeof uid === 'string' ? uid.slice(0, MAX_UID) : undefined
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] as string
}

function unserved(path: string, paths: ErrorAnswerContext['paths']): RequestError {
  const method = paths.get(path)
  return method
    ? new RequestError('ATLAS_ADMISSION_METHOD_NOT_ALLOWED', `${path} takes only ${method}`)
    : new RequestError(
        'ATLAS_ADMISSION_NOT_FOUND',
        `there is no such path; the paths are ${[...paths.keys()].join(', ')}`,
      )
}

/** What a call is told about an error: nothing of one that is not our own. */
export function toRequestError(error: unknown, body: unknown): RequestError {
  if (error instanceof RequestError) return error
  const { code, validation } = error as { code?: unknown; validation?: readonly SchemaMistake[] }
  if (validation?.[0] !== undefined) return explainMistake(validation[0], body)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new RequestError(
      'ATLAS_ADMISSION_CONTENT_TYPE',
      'the content type is not served; send application/json',
    )
  return new RequestError('ATLAS_ADMISSION_INTERNAL', 'the call could not be answered; see the log')
}
