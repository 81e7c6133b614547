import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorReports } from './error-reports.js'
import { RequestError } from '../errors/request-error.js'

/**
 * Answers what Node's HTTP parser could not read as a request. There is no reply object then, only
 * the socket.
 */
export function buildClientErrorAnswer(
  reports: ErrorReports,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    // A client that is gone needs no answer, and nobody is at fault.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const answer = connectionError(error.code)
    reports.report(answer, { error })
    const line = answer.toLine()
    socket.end(
      `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\nConnection: close\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(line)}\r\n\r\n${line}`,
      () => socket.destroy(),
    )
  }
}

/**
 * Answers a URL that the router cannot read. Fastify then has no route, and so no error handler, to
 * pass it to.
 */
export function buildUrlErrorAnswer(
  reports: ErrorReports,
): (error: Error, request: unknown, reply: { readonly raw: ServerResponse }) => void {
  return (error, _request, { raw }) => {
    const answer = new RequestError('ATLAS_ADMISSION_BAD_HTTP', 'the path is not a valid URL path')
    reports.report(answer, { error })
    raw.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.toLine())
  }
}

function connectionError(code: string | undefined): RequestError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestError(
        'ATLAS_ADMISSION_REQUEST_TIMEOUT',
        'the request did not arrive in time',
      )
    case 'HPE_HEADER_OVERFLOW':
      return new RequestError('ATLAS_ADMISSION_HEADERS_TOO_LARGE', 'the headers are too large')
    case 'HPE_INVALID_EOF_STATE':
      return new RequestError(
        'ATLAS_ADMISSION_BODY_INCOMPLETE',
        'the client went away within the request',
      )
    default:
      return new RequestError('ATLAS_ADMISSION_BAD_HTTP', 'this is no HTTP/1.1 request')
  }
}
