/** Whom a connection is for. */
export interface ConnectionUser {
  /** Namespace of the AtlasMigration; empty for a command that a person runs. */
  readonly namespace: string
  /** `host:port` of the database server, as the URL spells it. */
  readonly host: string
}

/**
 * A number of places, of which a holder may take one more while it holds fewer than are free. A
 * single holder thus gets half of them, the next one a quarter, and a holder without any finds one
 * as long as any is left. No limit per holder has to be chosen, and few places stay unused.
 */
class Share {
  readonly #held = new Map<string, number>()
  #free: number

  constructor(places: number) {
    this.#free = places
  }

  get isUnused(): boolean {
    return this.#held.size === 0
  }

  admits(holder: string): boolean {
    return (this.#held.get(holder) ?? 0) < this.#free
  }

  take(holder: string): void {
    this.#free -= 1
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + 1)
  }

  giveBack(holder: string): void {
    this.#free += 1
    const held = this.#held.get(holder)! - 1
    if (held === 0) this.#held.delete(holder)
    else this.#held.set(holder, held)
  }
}

/**
 * Decides who may open another connection, so that neither one namespace nor one server that does
 * not answer takes them all. A namespace has its share of all connections, and of the half that one
 * server may have.
 */
export class ConnectionShares {
  readonly #all: Share
  readonly #hosts = new Map<string, Share>()
  readonly #perHost: number

  constructor(total: number) {
    this.#all = new Share(total)
    this.#perHost = Math.ceil(total / 2)
  }

  admits({ namespace, host }: ConnectionUser): boolean {
    return this.#all.admits(namespace) && (this.#hosts.get(host)?.admits(namespace) ?? true)
  }

  take({ namespace, host }: ConnectionUser): void {
    this.#all.take(namespace)
    const share = this.#hosts.get(host) ?? new Share(this.#perHost)
    this.#hosts.set(host, share)
    share.take(namespace)
  }

  giveBack({ namespace, host }: ConnectionUser): void {
    this.#all.giveBack(namespace)
    const share = this.#hosts.get(host)!
    share.giveBack(namespace)
    if (share.isUnused) this.#hosts.delete(host)
  }
}
