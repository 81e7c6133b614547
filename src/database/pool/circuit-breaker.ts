import { LRUCache } from 'lru-cache'
import { type DatabaseFault, isServerAnswer, queryFault } from '../fault/database-fault.js'

/** One use of a database. */
export interface BreakerUse {
  /** Whose, and by which login at which server: what fails for one says nothing about another. */
  readonly key: string
  /** Nobody waits for it, or it is about another's database: it is not tried again and again. */
  readonly isBackground: boolean
  readonly signal: AbortSignal
}

/** A login that failed. */
interface Circuit {
  readonly failures: number
  /** When something in the background may try again, in milliseconds of the process. */
  readonly retryAt: number
  readonly fault: DatabaseFault
  /** Settles with the attempt that is under way; never rejects. */
  attempt: Promise<void> | null
}

/** Failing logins that are remembered; whoever makes up more only makes us forget some of them. */
const remembered = 1000

/** From the length of a failover that nobody notices to that of an outage. */
const firstPauseMs = 1000
const longestPauseMs = 60_000

/**
 * Keeps a database that does not answer from being asked over and over. After a failure the background waits, longer
 * each time, and then makes one attempt. A review of the database itself never goes without an attempt: one is made
 * at a time, and whoever comes meanwhile shares its end.
 */
export class CircuitBreaker {
  readonly #now: () => number
  readonly #failed = new LRUCache<string, Circuit>({ max: remembered })

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @throws what `work` throws, or the DatabaseFault that is known of the login. */
  async run<R>(use: BreakerUse, work: () => Promise<R>): Promise<R> {
    for (;;) {
      const circuit = this.#failed.get(use.key)
      if (circuit === undefined) return this.#observe(use, work)
      const mustWait = circuit.attempt !== null || this.#now() < circuit.retryAt
      if (use.isBackground && mustWait) throw circuit.fault
      if (circuit.attempt === null) return this.#attempt(circuit, use, work)
      await untilAborted(circuit.attempt, use.signal)
      const known = this.#failed.get(use.key)
      if (known !== undefined && (known !== circuit || use.signal.aborted)) throw known.fault
    }
  }

  #attempt<R>(circuit: Circuit, use: BreakerUse, work: () => Promise<R>): Promise<R> {
    const running = this.#observe(use, work)
    const end = () => void (circuit.attempt = null)
    circuit.attempt = running.then(end, end)
    return running
  }

  async #observe<R>(use: BreakerUse, work: () => Promise<R>): Promise<R> {
    const before = this.#failed.peek(use.key)
    try {
      const result = await work()
      this.#failed.delete(use.key)
      return result
    } catch (error) {
      this.#note(use, before, queryFault(error))
      throw error
    }
  }

  #note({ key, signal }: BreakerUse, before: Circuit | undefined, fault: DatabaseFault): void {
    // Cut short by whoever asked: that says nothing about the database.
    if (signal.aborted) return
    if (!isFailure(fault)) this.#failed.delete(key)
    // Of several that failed at the same time the first one counts.
    else if (this.#failed.peek(key) === before) {
      const failures = (before?.failures ?? 0) + 1
      const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs)
      this.#failed.set(key, { failures, retryAt: this.#now() + pauseMs, fault, attempt: null })
    }
  }
}

/** Nobody there, nobody who answers, or nobody who lets us in; a server that says what is wrong is there. */
function isFailure({ failure, cause }: DatabaseFault): boolean {
  if (failure === 'timeout') return !isServerAnswer(cause)
  return ['unreachable', 'refused', 'tls', 'authentication', 'too-many-connections'].includes(
    failure,
  )
}

function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    void work.then(end)
  })
}
