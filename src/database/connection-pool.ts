import { LRUCache } from 'lru-cache'

/** What the pool keeps open. */
export interface Pooled {
  /** Resolves when the last use is over: true when the next one may begin. */
  settled(): Promise<boolean>
  end(): void
  /** Calls back once when the other side is gone. */
  onClose(callback: () => void): void
}

export interface PoolLimits {
  readonly perTarget: number
  readonly total: number
  readonly idleMs: number
}

/**
 * Connections to many targets under one limit. One pool for all of them: an idle connection gives way to
 * another target's need, the longest unused one first.
 */
export class ConnectionPool<T extends Pooled> {
  readonly #limits: PoolLimits
  /** Idle connections with their target. */
  readonly #idle: LRUCache<T, string>
  /** Open or opening connections by target. */
  readonly #open = new Map<string, number>()
  #waiting: (() => void)[] = []
  #closed = false

  constructor(limits: PoolLimits) {
    this.#limits = limits
    this.#idle = new LRUCache<T, string>({
      max: limits.total,
      ttl: limits.idleMs,
      ttlAutopurge: true,
      dispose: (target, connection, reason) => {
        // `delete` means that it is taken into use again.
        if (reason === 'delete') return
        connection.end()
        this.#forget(target)
      },
    })
  }

  /**
   * Lends a connection of the target, waiting for a free one until the signal fires.
   * @throws the signal's reason, or what `open` throws.
   */
  async take(
    target: string,
    open: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ readonly connection: T; readonly reused: boolean }> {
    for (;;) {
      signal.throwIfAborted()
      const connection = this.#takeIdle(target)
      if (connection !== null) return { connection, reused: true }
      if (this.#reserve(target))
        return { connection: await this.#opened(target, open), reused: false }
      await this.#change(signal)
    }
  }

  /** Takes a connection back; it is kept when it settles well. */
  async giveBack(target: string, connection: T): Promise<void> {
    if ((await connection.settled()) && !this.#closed) {
      this.#idle.set(connection, target)
      this.#wake()
    } else {
      connection.end()
      this.#forget(target)
    }
  }

  /** Number of connections that are open or being opened. */
  get size(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Ends idle connections now and the others when they are given back. */
  close(): void {
    this.#closed = true
    this.#endIdle([...this.#idle.keys()])
  }

  #takeIdle(target: string): T | null {
    for (const [connection, itsTarget] of this.#idle.entries()) {
      if (itsTarget !== target) continue
      this.#idle.delete(connection)
      return connection
    }
    return null
  }

  #reserve(target: string): boolean {
    const count = this.#open.get(target) ?? 0
    if (count >= this.#limits.perTarget) return false
    if (this.size >= this.#limits.total) this.#endIdle([...this.#idle.rkeys()].slice(0, 1))
    if (this.size >= this.#limits.total) return false
    this.#open.set(target, count + 1)
    return true
  }

  async #opened(target: string, open: () => Promise<T>): Promise<T> {
    try {
      const connection = await open()
      connection.onClose(() => this.#endIdle([connection]))
      return connection
    } catch (error) {
      this.#forget(target)
      throw error
    }
  }

  #endIdle(connections: readonly T[]): void {
    for (const connection of connections) {
      const target = this.#idle.peek(connection)
      if (target === undefined) continue
      this.#idle.delete(connection)
      connection.end()
      this.#forget(target)
    }
  }

  #forget(target: string): void {
    const count = this.#open.get(target)! - 1
    if (count === 0) this.#open.delete(target)
    else this.#open.set(target, count)
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves at the next change, or when the signal fires. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.push(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
