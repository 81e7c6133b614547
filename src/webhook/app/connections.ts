import type { FastifyInstance, RawServerBase } from 'fastify'
import type { Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'

export interface ConnectionLimits {
  readonly max: number
  readonly maxOfAddress: number
  /**
   * Time limit from the first packet to the end of the first request's headers, with the TLS
   * handshake.
   */
  readonly unusedMs: number
}

interface Connection {
  readonly socket: Socket
  readonly address: string
  state: 'unused' | 'busy' | 'idle'
  /** The last answer that was begun; null before the first call. */
  answer: ServerResponse | null
  /** To be closed after the next answer. */
  isRetired: boolean
}

/** Limits the connections of a server. What is read from one that was cut is not answered: Node parses to the end of what came. */
export function trackConnections<Server extends RawServerBase & (HttpServer | HttpsServer)>(
  app: FastifyInstance<Server>,
  limits: ConnectionLimits,
): Connections {
  const connections = new Connections(limits)
  connections.track(app.server)
  app.addHook('onRequest', (request, _reply, next) => {
    if (!request.raw.socket.destroyed) next()
  })
  return connections
}

/**
 * Knows every connection of a server, and closes one when there are too many. Connections without
 * any request go first, those of the address that has the most of them, the oldest first. A
 * connection on which a call is being answered is never closed, and one that waits for its next
 * call only when there is no other.
 */
export class Connections {
  readonly #limits: ConnectionLimits
  /** By peer, in the order in which they came; those that wait, in the order of their last use. */
  readonly #connections = new Map<string, Connection>()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  track(server: HttpServer | HttpsServer): void {
    server.on('connection', socket => this.#add(socket as Socket))
    // First of all, so that a call on a connection that is cut here is not begun.
    server.prependListener('request', (request, response) => {
      const peer = peerOf(request.socket)
      const connection = this.#connections.get(peer)
      if (!connection) return
      // The API server sends the next call only after the answer. A client that does not is cut
      // off. An answer counts as given once it was handed over to be sent: the client can have it,
      // and send its next call, before Node tells that it was sent.
      if (connection.answer?.writableEnded === false && !connection.answer.closed) {
        connection.socket.destroy()
        return
      }
      connection.state = 'busy'
      connection.answer = response
      response.once('close', () => {
        // The next call has come already.
        if (connection.answer !== response) return
        connection.state = 'idle'
        if (connection.isRetired) connection.socket.destroy()
        // It goes to the end, because it was used last.
        if (this.#connections.delete(peer)) this.#connections.set(peer, connection)
      })
    })
  }

  get size(): number {
    return this.#connections.size
  }

  /** Closes every connection on which no request has come yet. */
  closeUnused(): void {
    for (const { state, socket } of this.#connections.values())
      if (state === 'unused') socket.destroy()
  }

  /** Who may call has changed: closes every connection that waits for a call, and the others after their next answer. */
  retire(): void {
    for (const connection of this.#connections.values()) {
      connection.isRetired = true
      if (connection.state === 'idle') connection.socket.destroy()
    }
  }

  /** Cuts every connection that is left. Returns how many there were. */
  cut(): number {
    const left = [...this.#connections.values()]
    for (const { socket } of left) socket.destroy()
    return left.length
  }

  #add(socket: Socket): void {
    const { remoteAddress: address } = socket
    // The other side has closed it already.
    if (address === undefined) return void socket.destroy()
    const peer = peerOf(socket)
    const connection: Connection = {
      socket,
      address,
      state: 'unused',
      answer: null,
      isRetired: false,
    }
    this.#connections.set(peer, connection)
    const limit = setTimeout(() => {
      // If this process itself was paused, what came meanwhile is read first.
      setImmediate(() => {
        if (connection.state === 'unused') socket.destroy()
      })
    }, this.#limits.unusedMs)
    socket.once('close', () => {
      clearTimeout(limit)
      // Another connection may have the same peer by now.
      if (this.#connections.get(peer) === connection) this.#connections.delete(peer)
    })
    this.#makeRoom(connection)
  }

  #makeRoom({ address }: Connection): void {
    const all = [...this.#connections.values()]
    const own = all.filter(connection => connection.address === address)
    const { max, maxOfAddress } = this.#limits
    if (own.length > maxOfAddress) victimOf(own)?.socket.destroy()
    else if (all.length > max) victimOf(all)?.socket.destroy()
  }
}

function victimOf(connections: readonly Connection[]): Connection | undefined {
  for (const state of ['unused', 'idle'] as const) {
    const candidates = connections.filter(connection => connection.state === state)
    const counts = new Map<string, number>()
    for (const { address } of candidates) counts.set(address, (counts.get(address) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const victim = candidates.find(({ address }) => counts.get(address) === most)
    if (victim) return victim
  }
  return undefined
}

/**
 * Identifies a connection while it is open. A request knows only its TLS socket, which has the same
 * remote address and port as the TCP socket below it.
 */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
