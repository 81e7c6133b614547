/** The content of a Lease (coordination.k8s.io/v1, LeaseSpec). */
export interface LeaseRecord {
  /** Identity of the holder; empty when the Lease has been given back. */
  readonly holder: string
  readonly durationSeconds: number
  /**
   * RFC 3339 with microseconds, by the clock of the holder. For people only; other replicas just
   * see that it changes.
   */
  readonly acquireTime: string
  readonly renewTime: string
  /** How often the holder has changed. */
  readonly transitions: number
}

export interface StoredLease extends LeaseRecord {
  /** resourceVersion of the Lease. A write that is based on an older one fails. */
  readonly version: string
}

export interface LeaseStore {
  /** Reads the Lease; null when there is none. */
  read(signal: AbortSignal): Promise<StoredLease | null>
  /** Creates the Lease; null when there is one already. */
  create(record: LeaseRecord, signal: AbortSignal): Promise<StoredLease | null>
  /** Replaces the Lease; null when it is gone, or no longer has this version. */
  update(record: LeaseRecord, version: string, signal: AbortSignal): Promise<StoredLease | null>
}

export interface ElectionOptions {
  readonly store: LeaseStore
  /** Differs for each process. */
  readonly identity: string
  /** How long the other replicas wait after the Lease last changed. */
  readonly leaseMs: number
  /**
   * How long the holder counts on the Lease after it sent a renewal. It is well below `leaseMs`,
   * because clocks do not run at exactly the same speed.
   */
  readonly termMs: number
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
  /** The time of day, which is only written down. */
  readonly wall: () => Date
}

/**
 * Decides who holds a Lease, in the way of client-go (tools/leaderelection): clocks of two
 * processes are never compared. For another holder, a Lease runs out when this process has not seen
 * it change for its duration. For this process, it runs out a shorter time after its renewal was
 * sent. So the holder stops before any other process may begin, whatever the clocks show.
 */
export class LeaseElection {
  readonly #options: ElectionOptions
  #seen: { readonly lease: StoredLease; readonly at: number } | null = null
  #heldUntil = -Infinity

  constructor(options: ElectionOptions) {
    this.#options = options
  }

  /**
   * Whether this process holds the Lease, by the clock alone: this is right also after the process
   * was paused.
   */
  holds(): boolean {
    return this.#options.monotonic() < this.#heldUntil
  }

  /** Milliseconds until the Lease is lost unless it is renewed. */
  remaining(): number {
    return this.#heldUntil - this.#options.monotonic()
  }

  /**
   * Takes the Lease if it is free, or renews it if this process holds it. Rejects with the store's
   * errors.
   */
  async attempt(signal: AbortSignal): Promise<void> {
    const { store, monotonic, identity } = this.#options
    const lease = await store.read(signal)
    this.#see(lease)
    if (lease && lease.holder !== identity) this.#heldUntil = -Infinity
    if (!this.#isFree()) return
    const sentAt = monotonic()
    const written = await this.#write(lease, signal)
    // null: another process was faster. The next attempt will tell which.
    if (written === null) return
    this.#see(written)
    this.#heldUntil = sentAt + this.#options.termMs
  }

  /**
   * Gives the Lease back, so that the other replicas need not wait for it. What ran under it must
   * have ended.
   */
  async release(signal: AbortSignal): Promise<void> {
    const { store, wall, identity } = this.#options
    this.#heldUntil = -Infinity
    // It is read once more, because a renewal may have been done although its answer never came.
    const lease = await store.read(signal)
    if (lease?.holder !== identity) return
    const now = microTime(wall())
    // The API accepts only durations above zero.
    const record = { ...lease, holder: '', durationSeconds: 1, acquireTime: now, renewTime: now }
    await store.update(record, lease.version, signal)
  }

  #see(lease: StoredLease | null): void {
    // If the Lease was deleted, its holder may still count on it, so what was seen of it stays.
    if (lease === null || lease.version === this.#seen?.lease.version) return
    this.#seen = { lease, at: this.#options.monotonic() }
  }

  #isFree(): boolean {
    const { monotonic, identity, leaseMs } = this.#options
    if (this.#seen === null) return true
    const { lease, at } = this.#seen
    if (lease.holder === '' || lease.holder === identity) return true
    return monotonic() >= at + Math.max(lease.durationSeconds * 1000, leaseMs)
  }

  #write(lease: StoredLease | null, signal: AbortSignal): Promise<StoredLease | null> {
    const { store, identity, leaseMs, wall } = this.#options
    const now = microTime(wall())
    const isOurs = lease?.holder === identity
    const record = {
      holder: identity,
      durationSeconds: Math.ceil(leaseMs / 1000),
      acquireTime: isOurs ? lease.acquireTime : now,
      renewTime: now,
      transitions: lease ? lease.transitions + Number(!isOurs) : 0,
    }
    return lease ? store.update(record, lease.version, signal) : store.create(record, signal)
  }
}

/** A time in the form of metav1.MicroTime. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}
