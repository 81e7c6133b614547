import type { IncomingMessage } from 'node:http'
import { type ArrivingBodies, TICK_MS } from './arriving-bodies.js'
import { BODY_LIMIT } from './body-limit.js'
import { type BlockPool, StoredBody } from './body-store.js'
import { RequestError } from '../errors/request-error.js'

export interface ReceivedBody {
  readonly stored: StoredBody
  /** To be called once it is parsed. */
  readonly close: () => void
}

export interface BodyTiming {
  /** Time that every body may take, in milliseconds. */
  readonly graceMs: number
  /** A body that comes at this rate, or faster, may take longer. */
  readonly bytesPerSecond: number
}

/** A megabyte crosses a cluster in some 10 ms. */
export const defaultBodyTiming: BodyTiming = { graceMs: 2000, bytesPerSecond: 1024 * 1024 }

export interface BodyStoring {
  readonly arriving: ArrivingBodies
  readonly pool: BlockPool
  readonly timing: BodyTiming
}

/**
 * Receives a body. It is counted as it arrives, and limited in size and time. Rejects with a
 * RequestError.
 */
export function readBody(
  request: IncomingMessage,
  { arriving, pool, timing }: BodyStoring,
): Promise<ReceivedBody> {
  return new Promise((resolve, reject) => {
    const announced = request.headers['content-length']
    if (Number(announced) > BODY_LIMIT) return reject(tooLarge())
    const stored = new StoredBody(pool)
    let isReading = true
    let readMs = 0
    const close = () => {
      body.close()
      stored.free()
    }
    const fail = (error: RequestError) => {
      leave()
      close()
      afterRest(request, () => reject(error))
    }
    const body = arriving.open(request.socket.remoteAddress ?? '', {
      giveUp: fail,
      setReading: next => {
        isReading = next
        if (next) request.resume()
        else request.pause()
      },
    })
    // A tick counts the same however late it is: what this process could not read in time was not sent late.
    const tick = () => {
      if (isReading) readMs += TICK_MS
      const allowedMs = timing.graceMs + (stored.length / timing.bytesPerSecond) * 1000
      if (readMs > allowedMs) fail(tooSlow())
      else body.tick()
    }
    let immediate: NodeJS.Immediate | undefined
    const ticks = setInterval(() => {
      // What has come by now is read first.
      immediate = setImmediate(tick)
    }, TICK_MS)
    const onData = (chunk: Buffer) => {
      if (stored.length + chunk.length > BODY_LIMIT) return fail(tooLarge())
      stored.append(chunk)
      body.add(chunk.length)
    }
    const onEnd = () => {
      if (announced !== undefined && Number(announced) !== stored.length)
        return fail(cutShort('the body is shorter than its length says'))
      leave()
      body.complete()
      resolve({ stored, close })
    }
    const onError = () => fail(cutShort('the client went away within the body'))
    const leave = () => {
      clearInterval(ticks)
      clearImmediate(immediate)
      request.off('data', onData).off('end', onEnd).off('error', onError)
      request.on('error', () => {})
    }
    request.on('data', onData).on('end', onEnd).on('error', onError)
    if (!isReading) request.pause()
  })
}

/** So long at most the rest of a body that is not wanted is received. */
const restMs = 1000

/**
 * Throws away what still comes, and then goes on: a client that is answered, and cut off, while it sends may lose the
 * answer (TCP resets a connection that is closed with bytes unread).
 */
function afterRest(request: IncomingMessage, then: () => void): void {
  if (request.destroyed || request.readableEnded) return then()
  const end = () => {
    clearTimeout(limit)
    request.off('end', end).off('close', end)
    then()
  }
  const limit = setTimeout(end, restMs)
  request.on('end', end).on('close', end).resume()
}

function tooLarge(): RequestError {
  return new RequestError(
    'ATLAS_ADMISSION_BODY_TOO_LARGE',
    `the body is larger than ${BODY_LIMIT} bytes, more than any review can be`,
  )
}

function tooSlow(): RequestError {
  return new RequestError(
    'ATLAS_ADMISSION_BODY_SLOW',
    'the body did not arrive in time; try again in a second',
  )
}

function cutShort(how: string): RequestError {
  return new RequestError('ATLAS_ADMISSION_BODY_INCOMPLETE', how)
}
