/** What a Lease says (coordination.k8s.io/v1, LeaseSpec). */
export interface LeaseRecord {
  /** Empty when it has been given back. */
  readonly holder: string
  readonly durationSeconds: number
  /** RFC 3339 with microseconds, by the clock of the holder: for people, and to see that it changes. */
  readonly acquireTime: string
  readonly renewTime: string
  /** How often the holder has changed. */
  readonly transitions: number
}

export interface StoredLease extends LeaseRecord {
  /** resourceVersion: a write on top of another one fails. */
  readonly version: string
}

export interface LeaseStore {
  /** null when there is none. */
  read(signal: AbortSignal): Promise<StoredLease | null>
  /** null when there is one already. */
  create(record: LeaseRecord, signal: AbortSignal): Promise<StoredLease | null>
  /** null when it is not, or not any more, of this version. */
  update(record: LeaseRecord, version: string, signal: AbortSignal): Promise<StoredLease | null>
}

export interface ElectionOptions {
  readonly store: LeaseStore
  /** Differs for each process. */
  readonly identity: string
  /** Others wait this long after the last sign of life. */
  readonly leaseMs: number
  /** The holder counts on the Lease this long after a renewal was sent. Well below `leaseMs`: clocks run unevenly. */
  readonly termMs: number
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
  /** The time of day, only to be written down. */
  readonly wall: () => Date
}

/**
 * Who holds a Lease, as client-go decides it (tools/leaderelection): another's clock is never compared with ours. A
 * Lease runs out when it has not changed for its duration by our own clock, counted from when we saw it; ours counts
 * from before its renewal was sent. So the holder gives up before anybody else may begin, whatever the clocks show.
 */
export class LeaseElection {
  readonly #options: ElectionOptions
  #seen: { readonly lease: StoredLease; readonly at: number } | null = null
  #heldUntil = -Infinity

  constructor(options: ElectionOptions) {
    this.#options = options
  }

  /** By the clock alone, so the answer is right after a pause, too. */
  holds(): boolean {
    return this.#options.monotonic() < this.#heldUntil
  }

  /** Milliseconds until the Lease is lost unless it is renewed. */
  remaining(): number {
    return this.#heldUntil - this.#options.monotonic()
  }

  /** Takes the Lease if it is free, renews it if it is ours. Rejects with the store's errors. */
  async attempt(signal: AbortSignal): Promise<void> {
    const { store, monotonic, identity } = this.#options
    const lease = await store.read(signal)
    this.#see(lease)
    if (lease && lease.holder !== identity) this.#heldUntil = -Infinity
    if (!this.#isFree()) return
    const sentAt = monotonic()
    const written = await this.#write(lease, signal)
    // null: another was faster. The next attempt will tell who.
    if (written === null) return
    this.#see(written)
    this.#heldUntil = sentAt + this.#options.termMs
  }

  /** Gives the Lease back, so that nobody needs to wait for it. What it was held for must have ended. */
  async release(signal: AbortSignal): Promise<void> {
    const { store, wall, identity } = this.#options
    this.#heldUntil = -Infinity
    // Not what was seen last: a renewal may have been done although its answer never came.
    const lease = await store.read(signal)
    if (lease?.holder !== identity) return
    const now = microTime(wall())
    // The API wants a duration above zero.
    const record = { ...lease, holder: '', durationSeconds: 1, acquireTime: now, renewTime: now }
    await store.update(record, lease.version, signal)
  }

  #see(lease: StoredLease | null): void {
    // A Lease that was deleted may still be counted on by its holder: what was seen of it stays.
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

/** metav1.MicroTime. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}
