import { once } from 'node:events'
import { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { SslOptions } from './ssl-options.js'

/** The session to interrupt, and how it was reached: the very address, so nothing is resolved again. */
export interface CancelTarget {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly ssl: SslOptions
  /** Name that the server's certificate is checked against. */
  readonly host: string
  /** From BackendKeyData. */
  readonly processId: number
  readonly secretKey: number
}

/** Codes of PostgreSQL's protocol 3 (protocol-message-formats: CancelRequest, SSLRequest). */
const cancelCode = 80877102
const sslCode = 80877103

function message(...words: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 + words.length * 4)
  buffer.writeInt32BE(buffer.length, 0)
  words.forEach((word, index) => buffer.writeInt32BE(word, 4 + index * 4))
  return buffer
}

/**
 * Asks the server to interrupt what a session runs; it answers nothing, the session's query fails instead.
 * Gives up silently after `timeoutMs`: the statement timeout is the second net.
 */
export async function sendCancelRequest(target: CancelTarget, timeoutMs: number): Promise<void> {
  const socket = new Socket()
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    socket.connect(target.address)
    await once(socket, 'connect', { signal })
    const request = message(cancelCode, target.processId, target.secretKey)
    if (target.ssl === false) socket.end(request)
    else {
      socket.write(message(sslCode))
      await once(socket, 'data', { signal })
      const secure = connectTls({ ...target.ssl, socket, host: target.host })
      await once(secure, 'secureConnect', { signal })
      secure.end(request)
    }
    socket.resume()
    await once(socket, 'close', { signal })
  } catch {
    // Not reached: nothing more can be done for the session.
  } finally {
    socket.destroy()
  }
}
