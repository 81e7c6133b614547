import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, TLSSocket } from 'node:tls'
import { noTls } from '../fault/database-fault.js'
import type { SslOptions } from '../address/ssl-options.js'

/**
 * PostgreSQL's message SSLRequest (protocol-message-formats): its length, then the code 80877103.
 */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

export interface Encryption {
  readonly ssl: SslOptions
  /** The name that the server's certificate is checked against. */
  readonly host: string
}

/**
 * Gives a socket a listener for errors. One that comes after the connection was given up interests
 * nobody, but without a listener it would end the process.
 */
function hearErrors<S extends Socket>(socket: S): S {
  return socket.on('error', () => undefined)
}

/** Resolves to what the event brings. Rejects when the socket fails or closes before. */
function waitFor(socket: Socket, event: 'connect' | 'data' | 'secureConnect'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      socket.off(event, happened)
      socket.off('error', failed)
      socket.off('close', closed)
    }
    const happened = (value: unknown) => {
      stop()
      resolve(value)
    }
    const failed = (error: Error) => {
      stop()
      reject(error)
    }
    const closed = () => failed(new Error('the server closed the connection'))
    socket.on(event, happened)
    socket.on('error', failed)
    socket.on('close', closed)
  })
}

/**
 * A connection that is ready for PostgreSQL's first message, encrypted if that is asked for.
 * `socket` is connecting already, and destroying it ends the attempt. Every socket has a listener
 * for errors from the first moment on.
 * @throws DatabaseFault when the server has no TLS, else what Node throws.
 */
export async function connectServer(
  socket: Socket,
  { ssl, host }: Encryption,
): Promise<Socket | TLSSocket> {
  await waitFor(hearErrors(socket), 'connect')
  if (ssl === false) return socket
  socket.write(sslRequest)
  const answer = (await waitFor(socket, 'data')) as Buffer
  if (answer.toString('latin1') === 'N') throw noTls()
  // More than this one byte, before TLS protects anything, could only come from somebody in
  // between.
  if (answer.toString('latin1') !== 'S') throw strangeAnswer()
  const name = isIP(host) === 0 ? { servername: host } : {}
  const secure = hearErrors(connectTls({ ...ssl, ...name, socket, host }))
  await waitFor(secure, 'secureConnect')
  return secure
}

/**
 * The error for an answer that is neither of PostgreSQL's two. It has the code that Node gives to a
 * TLS handshake with a server of another kind.
 */
function strangeAnswer(): Error {
  return Object.assign(new Error('no answer to the request for TLS'), { code: 'EPROTO' })
}

/** Whether the server's certificate has proven the host, whatever the sslmode asks for. */
export function isVerified(socket: Socket | TLSSocket, host: string): boolean {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false
  return checkServerIdentity(host, socket.getPeerCertificate()) === undefined
}
