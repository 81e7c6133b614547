/**
 * Tells how well a watch works. All times are monotonic, so that setting the clock neither breaks a
 * watch nor hides that it is broken.
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

  /** Whether the objects have been listed once. */
  get synced(): boolean {
    return this.#synced
  }

  /** Seconds since the API server last sent anything about these objects. */
  get lastEventAge(): number {
    return (performance.now() - this.#lastEventAt) / 1000
  }

  /**
   * Why the objects are not known, or may have been out of date for too long; null when they are
   * fine.
   */
  problem(): string | null {
    if (!this.#synced) return this.#reason
    if (this.#brokenSince === null) return null
    const broken = performance.now() - this.#brokenSince
    if (broken < this.#brokenAfterMs) return null
    const seconds = Math.round(broken / 1000)
    return `the AtlasMigrations have not been followed for ${seconds} s: ${this.#reason}`
  }

  listed(): void {
    // What failed before the first list does not make its objects out of date.
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

  /** @returns how long the connection lasted, in milliseconds. */
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
