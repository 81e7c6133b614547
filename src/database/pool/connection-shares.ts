import { Share } from './share.js'

/** Whom a connection is for. */
export interface ConnectionUser {
  /** Namespace of the AtlasMigration; empty for a command that a person runs. */
  readonly namespace: string
  /** `host:port` of the database server, as the URL spells it. */
  readonly host: string
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

  /** How many connections are in use for the namespace. */
  heldBy(namespace: string): number {
    return this.#all.heldBy(namespace)
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
