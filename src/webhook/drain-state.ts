import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Check } from './check.js'

/** What drain needs to know of a server: kept beside it by buildServer. */
export class DrainState {
  readonly #sockets = new Set<Duplex>()
  /** By peer. */
  readonly #unused = new Map<string, Duplex>()
  #draining = false

  /** Holds until draining begins. */
  readonly check: Check = {
    name: 'draining',
    problem: () => (this.#draining ? 'the server is about to stop' : null),
  }

  get draining(): boolean {
    return this.#draining
  }

  begin(): void {
    this.#draining = true
  }

  /** Remembers each connection of the server until it is closed. */
  track(server: Server): void {
    server.on('connection', socket => {
      // Over TLS on TCP it is one, whatever the type says.
      const peer = peerOf(socket as Socket)
      this.#sockets.add(socket)
      this.#unused.set(peer, socket)
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.#unused.delete(peer)
      })
    })
    // A request knows only the TLS layer above that socket; they have the peer in common.
    server.on('request', ({ socket }) => this.#unused.delete(peerOf(socket)))
  }

  /** Closes every connection on which no request has come yet. */
  closeUnused(): void {
    for (const socket of this.#unused.values()) socket.destroy()
  }

  /** Cuts every connection that is left. Returns how many there were. */
  cut(): number {
    const left = [...this.#sockets]
    for (const socket of left) socket.destroy()
    return left.length
  }
}

/** Nobody else has the same while the connection is open. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
