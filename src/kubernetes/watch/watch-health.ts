/**
 * How a watch fares. All times are monotonic: a clock that is set must neither break a watch nor hide that it is
 * broken.
 */
export class WatchHealth {
  readonly #brokenAfterMs: number
  #synced = false
  #connectedAt: number | null = null
  #brokenSince: number | null = null
  #lastEventAt = performance.now()
  #reason = 'the AtlasMigrations have not been read yet'

  constructor(brokenAfterMs: number) {
    this.#brokenAfterMs = brokenAfterMs
  }

  /** The objects have been listed once. */
  get synced(): boolean {
    return this.#synced
  }

  /** Seconds since the API server last said anything about these objects. */
  get lastEventAge(): number {
    return (performance.now() - this.#lastEventAt) / 1000
  }

  /** Why the objects are not known, or may be out of date for too long. */
  problem(): string | null {
    if (!this.#synced) return this.#reason
    if (this.#brokenSince === null) return null
    const broken = performance.now() - this.#brokenSince
    if (broken < this.#brokenAfterMs) return null
    const seconds = Math.round(broken / 1000)
    return `the AtlasMigrations have not been followed for ${seconds} s: ${this.#reason}`
  }

  listed(): void {
    // What went wrong before the first list does not make its objects old.
    if (!this.#synced) this.#brokenSince = null
    this.#synced = true
    this.heard()
  }

  heard(): void {
    this.#lastEventAt = performance.now()
  }

  connected(): void {
    this.#connectedAt = performance.now()
    this.#brokenSince = null
    this.heard()
  }

  /** @returns how long the connection held, in milliseconds. */
  disconnected(): number {
    const now = performance.now()
    const held = this.#connectedAt === null ? 0 : now - this.#connectedAt
    this.#connectedAt = null
    this.#brokenSince ??= now
    return held
  }

  failed(reason: string): void {
    this.#reason = reason
    this.#brokenSince ??= performance.now()
  }
}
