import type { IncomingMessage } from 'node:http'
import type { ArrivingBodies } from './arriving-bodies.js'
import { BODY_LIMIT } from './body-limit.js'
import { RequestError } from '../errors/request-error.js'

export interface ReceivedBody {
  readonly bytes: Buffer
  /** To be called when the bytes have been parsed. */
  readonly close: () => void
}

export interface BodyTiming {
  /** Time that every body may take, in milliseconds. */
  readonly graceMs: number
  /** A body that comes at this rate, or faster, may take longer. */
  readonly bytesPerSecond: number
}

/**
 * A megabyte crosses a cluster in some 10 ms. On overloaded machines, forty of them at once take
 * seconds.
 */
export const defaultBodyTiming: BodyTiming = { graceMs: 2000, bytesPerSecond: 256 * 1024 }

/**
 * Receives a body. It is counted as it arrives, and limited in size and time. Rejects with a
 * RequestError.
 */
export function readBody(
  request: IncomingMessage,
  arriving: ArrivingBodies,
  timing: BodyTiming,
): Promise<ReceivedBody> {
  return new Promise((resolve, reject) => {
    const announced = request.headers['content-length']
    if (Number(announced) > BODY_LIMIT) return reject(tooLarge())
    const begun = performance.now()
    const chunks: Buffer[] = []
    let length = 0
    const fail = (error: RequestError) => {
      leave()
      body.close()
      // What still comes is thrown away: see Node's IncomingMessage._dump.
      request.resume()
      reject(error)
    }
    const body = arriving.open(request.socket.remoteAddress ?? '', fail)
    const left = () => timing.graceMs + (length / timing.bytesPerSecond) * 1000 - elapsed()
    const elapsed = () => performance.now() - begun
    const look = () => {
      // If this process itself was paused, what came meanwhile is read first.
      if (left() <= 0) immediate = setImmediate(() => (left() <= 0 ? fail(tooSlow()) : look()))
      else timer = setTimeout(look, left())
    }
    let immediate: NodeJS.Immediate | undefined
    let timer = setTimeout(look, timing.graceMs)
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length > BODY_LIMIT) return fail(tooLarge())
      chunks.push(chunk)
      body.add(chunk.length)
    }
    const onEnd = () => {
      if (announced !== undefined && Number(announced) !== length)
        return fail(cutShort('the body is shorter than its length says'))
      leave()
      body.complete()
      resolve({ bytes: Buffer.concat(chunks, length), close: () => body.close() })
    }
    const onError = () => fail(cutShort('the client went away within the body'))
    const leave = () => {
      clearTimeout(timer)
      clearImmediate(immediate)
      request.off('data', onData).off('end', onEnd).off('error', onError)
      request.on('error', () => {})
    }
    request.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

function tooLarge(): RequestError {
  return new RequestError(
    'ATLAS_ADMISSION_BODY_TOO_LARGE',
    `the body is larger than ${BODY_LIMIT} bytes, more than any review can be`,
  )
}

function tooSlow(): RequestError {
  return new RequestError('ATLAS_ADMISSION_REQUEST_TIMEOUT', 'the body did not arrive in time')
}

function cutShort(how: string): RequestError {
  return new RequestError('ATLAS_ADMISSION_BODY_INCOMPLETE', how)
}
