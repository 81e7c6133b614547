import type { Duplex } from 'node:stream'
import type { Check } from './check.js'

/** What drain needs to know of a server: kept beside it by buildServer. */
export class DrainState {
  readonly #sockets = new Set<Duplex>()
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

  /** Remembers a connection until it is closed. */
  track(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Cuts every connection that is left. Returns how many there were. */
  cut(): number {
    const left = [...this.#sockets]
    for (const socket of left) socket.destroy()
    return left.length
  }
}
