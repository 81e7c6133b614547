import {
  LeaseElection,
  type LeaseRecord,
  type LeaseStore,
  type StoredLease,
} from '../../../src/kubernetes/audit/lease-election.js'

export interface SimulationOptions {
  readonly seed: number
  readonly processes: number
  /** Milliseconds of trouble, after which everything works. */
  readonly troubleMs: number
  readonly leaseMs: number
  readonly termMs: number
}

export interface SimulationResult {
  /** The most processes that held the Lease at one moment, paused ones too. */
  readonly mostHolders: number
  /** How many hold it long after the trouble. */
  readonly holdersAtTheEnd: number
  readonly terms: number
}

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Virtual time: nothing waits for real. */
class World {
  now = 0
  readonly #events: { readonly at: number; readonly run: () => void }[] = []

  at(time: number, run: () => void): void {
    const index = this.#events.findIndex(event => event.at > time)
    this.#events.splice(index < 0 ? this.#events.length : index, 0, { at: time, run })
  }

  async runUntil(end: number, look: () => void): Promise<void> {
    for (let next = this.#events.shift(); next && next.at <= end; next = this.#events.shift()) {
      // What time alone changes shows between two events too.
      for (this.now += 100; this.now < next.at; this.now += 100) look()
      this.now = next.at
      next.run()
      // Lets every promise that this has settled go on.
      await new Promise(resolve => setImmediate(resolve))
      look()
    }
  }
}

/**
 * Processes with clocks of different rates and times of day, which are paused for up to 40 s, over a network that is
 * slow, loses requests and loses answers to requests that were carried out.
 */
export async function simulateElection(options: SimulationOptions): Promise<SimulationResult> {
  const random = randomOf(options.seed)
  const world = new World()
  let stored: StoredLease | null = null
  let version = 0
  const inTrouble = () => world.now < options.troubleMs

  const buildProcess = (identity: string) => {
    const rate = 0.9 + random() / 5
    const offset = random() * 1e9
    let pausedUntil = 0
    /** Goes on at `time`, or when the process is awake again. */
    const resume = (time: number, run: () => void): void =>
      world.at(time, () => (pausedUntil > world.now ? resume(pausedUntil, run) : run()))

    function call<T>(carryOut: () => T): Promise<T> {
      // Mostly fast, sometimes slower than anybody waits.
      const latency = () => random() ** 4 * (inTrouble() ? 12_000 : 100)
      const fate = inTrouble() ? random() : 1
      const arrival = world.now + latency()
      return new Promise((resolve, reject) => {
        const fail = () => resume(arrival + latency(), () => reject(new Error('lost')))
        if (fate < 0.15) return fail()
        world.at(arrival, () => {
          const answer = carryOut()
          if (fate < 0.3) fail()
          else resume(arrival + latency(), () => resolve(answer))
        })
      })
    }
    const write = (record: LeaseRecord): StoredLease => {
      version += 1
      return (stored = { ...record, version: String(version) })
    }
    const store: LeaseStore = {
      read: () => call(() => stored),
      create: record => call(() => (stored === null ? write(record) : null)),
      update: (record, expected) =>
        call(() => (stored?.version === expected ? write(record) : null)),
    }
    const election = new LeaseElection({
      store,
      identity,
      leaseMs: options.leaseMs,
      termMs: options.termMs,
      monotonic: () => offset + world.now * rate,
      wall: () => new Date(Date.UTC(2026, 0, 1) + offset),
    })
    const { signal } = new AbortController()
    const again = () => resume(world.now + (1000 + random() * 1000) / rate, step)
    const step = () => {
      // Some go in peace: the next one need not wait.
      const leaves = election.holds() && random() < 0.02
      const work = leaves ? election.release(signal) : election.attempt(signal)
      work.catch(() => {}).finally(again)
    }
    const sleep = () => {
      if (inTrouble() && random() < 0.3) pausedUntil = world.now + random() * 40_000
      world.at(world.now + 10_000, sleep)
    }
    step()
    sleep()
    return election
  }

  const elections = Array.from({ length: options.processes }, (_, index) =>
    buildProcess(`process-${index}`),
  )
  let mostHolders = 0
  let terms = 0
  let held = new Set<LeaseElection>()
  await world.runUntil(options.troubleMs + 120_000, () => {
    const holders = new Set(elections.filter(election => election.holds()))
    for (const holder of holders) if (!held.has(holder)) terms += 1
    held = holders
    mostHolders = Math.max(mostHolders, holders.size)
  })
  return { mostHolders, holdersAtTheEnd: held.size, terms }
}
