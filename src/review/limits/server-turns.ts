import { KeyedSlots, Slots } from './slots.js'

export interface TurnLimits {
  /** At a time in all. */
  readonly total: number
  /** At a time for one database server. */
  readonly perServer: number
}

/** Who may ask a database server next, where many have to be asked. */
export class ServerTurns {
  readonly #total: Slots
  readonly #servers: KeyedSlots

  constructor({ total, perServer }: TurnLimits) {
    this.#total = new Slots(total)
    this.#servers = new KeyedSlots(perServer)
  }

  /**
   * Does the work when it is its turn. `locate` tells the server, null for none that has to wait. Nobody waits for a
   * server with one of the few places in all in hand, so that the queue of a slow one holds up nobody else.
   */
  async use<T>(locate: () => Promise<string | null>, work: () => Promise<T>): Promise<T> {
    const server = await this.#total.use(locate)
    return this.#servers.use(server, () => this.#total.use(work))
  }
}
