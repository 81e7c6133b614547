import { LRUCache } from 'lru-cache'
import { ConnectionShares, type ConnectionUser } from './connection-shares.js'

/** A connection that the pool can keep open. */
export interface Pooled {
  /** Resolves when the last use is over: to true when the connection can be used again. */
  settled(): Promise<boolean>
  end(): void
  /** Calls back once when the other side has closed the connection. */
  onClose(callback: () => void): void
}

/** Where a connection goes, and whom it is for. */
export interface PoolTarget extends ConnectionUser {
  /** Uses with the same key may share a connection. */
  readonly key: string
}

export interface PoolLimits {
  readonly perTarget: number
  readonly total: number
  readonly idleMs: number
}

interface Waiting<T> {
  readonly target: PoolTarget
  /** Called with an idle connection, or with null for permission to open one. */
  readonly grant: (connection: T | null) => void
}

/**
 * Connections to many targets under one limit. There is one pool for all targets, so that an idle
 * connection can be closed when another target needs one; the longest unused one goes first. Of
 * those who wait, the namespace that holds the fewest connections is served first, so that a
 * newcomer does not stand behind all that another tenant waits for; within a namespace they are
 * served in the order in which they came. Where a target's limit or a share
 * ({@link ConnectionShares}) is used up, the next in line goes first.
 */
export class ConnectionPool<T extends Pooled> {
  readonly #limits: PoolLimits
  /** Idle connections, each with the key of its target. */
  readonly #idle: LRUCache<T, string>
  /** Number of open or opening connections by the key of their target. */
  readonly #open = new Map<string, number>()
  /** Shares of the connections in use. Idle ones belong to nobody. */
  readonly #shares: ConnectionShares
  readonly #waiting = new Set<Waiting<T>>()
  #size = 0
  #closed = false

  constructor(limits: PoolLimits) {
    this.#limits = limits
    this.#shares = new ConnectionShares(limits.total)
    this.#idle = new LRUCache<T, string>({
      max: limits.total,
      ttl: limits.idleMs,
      ttlAutopurge: true,
      dispose: (key, connection, reason) => {
        // `delete` means that the connection is taken for use, or that the pool has ended it.
        if (reason === 'delete') return
        connection.end()
        this.#forget(key)
        this.#serve()
      },
    })
  }

  /**
   * Lends a connection to the target. Waits for a free one until the signal fires.
   * @throws the signal's reason, or what `open` throws.
   */
  async take(
    target: PoolTarget,
    open: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ readonly connection: T; readonly reused: boolean }> {
    const idle = await this.#turn(target, signal)
    if (idle !== null) return { connection: idle, reused: true }
    return { connection: await this.#opened(target, open), reused: false }
  }

  /** Takes a connection back, and keeps it when its last use ended well. */
  async giveBack(target: PoolTarget, connection: T): Promise<void> {
    const isKept = (await connection.settled()) && !this.#closed
    if (isKept) this.#idle.set(connection, target.key)
    else {
      connection.end()
      this.#forget(target.key)
    }
    this.#shares.giveBack(target)
    this.#serve()
  }

  /** Number of connections that are open or being opened. */
  get size(): number {
    return this.#size
  }

  /** Ends the idle connections now, and each of the others when it is given back. */
  close(): void {
    this.#closed = true
    for (const connection of this.#idle.keys()) this.#endIdle(connection)
  }

  /** Waits for a turn. Returns an idle connection, or null when one may be opened. */
  #turn(target: PoolTarget, signal: AbortSignal): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(waiting)
        reject(signal.reason as Error)
      }
      const grant = (connection: T | null) => {
        signal.removeEventListener('abort', stop)
        resolve(connection)
      }
      const waiting = { target, grant }
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.add(waiting)
      this.#serve()
    })
  }

  #serve(): void {
    // Whom one connection is given changes who holds the fewest.
    while (this.#serveNext());
  }

  /** Serves one of those who wait. Returns whether one could be served. */
  #serveNext(): boolean {
    const held = ({ target }: Waiting<T>) => this.#shares.heldBy(target.namespace)
    const inLine = [...this.#waiting].sort((a, b) => held(a) - held(b))
    return inLine.some(waiting => {
      const { target, grant } = waiting
      if (!this.#shares.admits(target)) return false
      const idle = this.#takeIdle(target.key)
      if (idle === null && !this.#reserve(target.key)) return false
      this.#waiting.delete(waiting)
      this.#shares.take(target)
      grant(idle)
      return true
    })
  }

  #takeIdle(key: string): T | null {
    if (!this.#open.has(key)) return null
    for (const [connection, itsKey] of this.#idle.entries()) {
      if (itsKey !== key) continue
      this.#idle.delete(connection)
      return connection
    }
    return null
  }

  #reserve(key: string): boolean {
    const count = this.#open.get(key) ?? 0
    if (count >= this.#limits.perTarget) return false
    if (this.#size >= this.#limits.total) {
      const [longestUnused] = this.#idle.rkeys()
      if (longestUnused === undefined) return false
      this.#endIdle(longestUnused)
    }
    this.#open.set(key, count + 1)
    this.#size += 1
    return true
  }

  async #opened(target: PoolTarget, open: () => Promise<T>): Promise<T> {
    try {
      const connection = await open()
      connection.onClose(() => {
        if (this.#idle.has(connection)) this.#endIdle(connection)
        this.#serve()
      })
      return connection
    } catch (error) {
      this.#forget(target.key)
      this.#shares.giveBack(target)
      this.#serve()
      throw error
    }
  }

  #endIdle(connection: T): void {
    const key = this.#idle.peek(connection)!
    this.#idle.delete(connection)
    connection.end()
    this.#forget(key)
  }

  #forget(key: string): void {
    this.#size -= 1
    const count = this.#open.get(key)! - 1
    if (count === 0) this.#open.delete(key)
    else this.#open.set(key, count)
  }
}
