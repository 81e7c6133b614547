import { Socket } from 'node:net'
import { connectServer } from './server-connection.js'
import type { SslOptions } from '../address/ssl-options.js'

/**
 * The session to interrupt, at the very address that it was reached at, so that nothing is resolved
 * again.
 */
export interface CancelTarget {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly ssl: SslOptions
  /** The name that the server's certificate is checked against. */
  readonly host: string
  /** From the server's message BackendKeyData. */
  readonly processId: number
  readonly secretKey: number
}

/** Code of PostgreSQL's message CancelRequest (protocol-message-formats). */
const cancelCode = 80877102

function cancelRequest({ processId, secretKey }: CancelTarget): Buffer {
  const request = Buffer.alloc(16)
  const words = [request.length, cancelCode, processId, secretKey]
  words.forEach((word, index) => request.writeInt32BE(word, index * 4))
  return request
}

/**
 * Asks the server to interrupt what a session runs. The server does not answer; the session's query
 * fails instead. Gives up silently after `timeoutMs`, since the statement timeout ends the query as
 * well.
 */
export async function sendCancelRequest(target: CancelTarget, timeoutMs: number): Promise<void> {
  const socket = new Socket()
  const closed = new Promise(resolve => socket.once('close', resolve))
  const timer = setTimeout(() => socket.destroy(), timeoutMs)
  try {
    socket.connect(target.address)
    const connection = await connectServer(socket, target)
    connection.end(cancelRequest(target))
    connection.resume()
    await closed
  } catch {
    // The server was not reached, and nothing more can be done for the session.
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
