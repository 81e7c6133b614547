import type { FastifyRequest, RouteGenericInterface } from 'fastify'
import type { Server } from 'node:https'
import type { ServerResponse } from 'node:http'
import { BODY_LIMIT, bodyCost, GARBAGE_BYTES, MAX_DEPTH, MAX_VALUES } from './body-limit.js'
import { type BodyStoring, readBody } from './body-reader.js'
import { BodyGarbage } from './garbage.js'
import { measureJson } from './json-size.js'
import { readHead } from './oversized-head.js'
import { RequestError } from '../errors/request-error.js'
import type { ReviewMemory } from './review-memory.js'
import type { WebhookServer } from '../app/webhook-server.js'

export interface BodyParts extends BodyStoring {
  readonly memory: ReviewMemory
}

/**
 * Receives and parses JSON bodies within limits of memory and time, in place of Fastify's own
 * parser.
 */
export function addBodyParser(app: WebhookServer, parts: BodyParts): void {
  app.removeAllContentTypeParsers()
  app.decorateRequest('isOversized', false)
  app.decorateRequest('response', null)
  app.addHook('onRequest', async (request, reply) => {
    request.response = reply.raw
  })
  app.addContentTypeParser(
    'application/json',
    (request: FastifyRequest<RouteGenericInterface, Server>) => parseBody(request, parts),
  )
}

/** Where a body is put together to be parsed, one at a time: a buffer for each would be megabytes of garbage. */
const desk = Buffer.allocUnsafeSlow(BODY_LIMIT)

const garbage = new BodyGarbage(GARBAGE_BYTES)

/** The value of the body; only the head of a review with more values than any directory needs. */
async function parseBody(
  request: FastifyRequest<RouteGenericInterface, Server>,
  parts: BodyParts,
): Promise<unknown> {
  const { stored, close } = await readBody(request.raw, parts)
  try {
    const bytes = stored.copyTo(desk)
    const size = measureJson(bytes)
    if (size.values > MAX_VALUES || size.depth > MAX_DEPTH) {
      request.isOversized = true
      return readHead(bytes) ?? refuseOversized()
    }
    const address = request.raw.socket.remoteAddress ?? ''
    const release = await parts.memory.take(address, bodyCost(stored.length, size))
    onceClosed(request.response, release)
    garbage.add(stored.length)
    // Copied again: others were at the desk meanwhile.
    return parseJson(stored.copyTo(desk))
  } finally {
    close()
  }
}

function onceClosed(response: ServerResponse | null, release: () => void): void {
  if (!response || response.closed) release()
  else response.once('close', release)
}

function refuseOversized(): never {
  throw new RequestError(
    'ATLAS_ADMISSION_BODY_TOO_LARGE',
    `the body holds more than ${MAX_VALUES} values, or more than ${MAX_DEPTH} in one another: no review does`,
  )
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new RequestError(
      'ATLAS_ADMISSION_NOT_JSON',
      'the body is not JSON; send an AdmissionReview',
    )
  }
}
