import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface SilentServer {
  readonly port: number
  /** The most sessions that were open at a time. */
  readonly mostSessions: () => number
}

/** AuthenticationOk and ReadyForQuery (protocol-message-formats): the login is over before a password is asked for. */
const welcome = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1')

/** Of a CancelRequest; a start-up message with a user is longer. */
const cancelLength = 16

/** `logs in`: welcomes everybody, and says nothing after that; `accepts`: takes the connection, and says nothing. */
export async function startSilentServer(
  t: Test,
  kind: 'logs in' | 'accepts',
): Promise<SilentServer> {
  const sockets = new Set<Socket>()
  const sessions = new Set<Socket>()
  let most = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      sessions.delete(socket)
    })
    socket.once('data', (data: Buffer) => {
      // A request to cancel says goodbye by itself.
      if (data.length === cancelLength) return
      sessions.add(socket)
      most = Math.max(most, sessions.size)
      if (kind === 'logs in') socket.write(welcome)
    })
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, mostSessions: () => most }
}
