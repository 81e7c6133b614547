import type { FastifyInstance, RawServerBase } from 'fastify'
import { explainMistake, MAX_UID, type SchemaMistake } from '../review/admission-review.js'
import type { ErrorReports } from './error-reports.js'
import { RequestError } from '../errors/request-error.js'

export interface ErrorAnswerContext {
  readonly reports: ErrorReports
  /**
   * The served paths with their method. Another method on one of them is answered 405, another path
   * 404.
   */
  readonly paths: ReadonlyMap<string, 'GET' | 'POST'>
}

/**
 * Seconds after which a client that is told to wait tries again; kube-apiserver does so by itself.
 */
const RETRY_AFTER_SECONDS = 1

/**
 * Answers every call that gets no AdmissionReview, with the fitting status and one line of JSON.
 */
export function addErrorAnswers<Server extends RawServerBase>(
  app: FastifyInstance<Server>,
  context: ErrorAnswerContext,
): void {
  // This runs before the body is read, because a body for a path that is not served need not be
  // received.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = pathOf(request.url)
    const method = context.paths.get(path)
    if (method !== undefined) reply.header('allow', method)
    throw unserved(path, context.paths)
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = toRequestError(error, request.body)
    if (answer.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
    context.reports.report(answer, { error, uid: uidOf(request.body) })
    return reply.code(answer.status).type('application/json').send(answer.toLine())
  })
}

/**
 * The uid of the review, if its body was read that far. It connects this log with that of the API
 * server.
 */
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

/** What a caller is told about an error: nothing of an error that is not deliberate. */
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
