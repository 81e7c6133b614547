import { KeyedSlots, Slots } from './slots.js'

export interface TurnLimits {
  /** Most pieces of work at a time in all. */
  readonly total: number
  /** Most pieces of work at a time for one database server. */
  readonly perServer: number
}

/** Decides who may ask a database server next, where many have to be asked. */
export class ServerTurns {
  readonly #total: Slots
  readonly #servers: KeyedSlots

  constructor({ total, perServer }: TurnLimits) {
    this.#total = new Slots(total)
    this.#servers = new KeyedSlots(perServer)
  }

  /**
   * Does the work when its turn comes. `locate` tells the server; null means that no turn of a
   * server is needed. Whoever waits for a server holds none of the places that are limited in all,
   * so that the queue of a slow server does not hold up the others.
   */
  async use<T>(locate: () => Promise<string | null>, work: () => Promise<T>): Promise<T> {
    const server = await this.#total.use(locate)
    return this.#servers.use(server, () => this.#total.use(work))
  }
}
