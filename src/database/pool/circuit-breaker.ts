import { LRUCache } from 'lru-cache'
import { type DatabaseFault, isServerAnswer, queryFault } from '../fault/database-fault.js'

/** One use of a database. */
export interface BreakerUse {
  /** Namespace, server and login. What fails for one of them says nothing about another. */
  readonly key: string
  /**
   * Whether nobody waits for it, or it is for the verdict on another object. It is then not tried
   * again and again.
   */
  readonly isBackground: boolean
  readonly signal: AbortSignal
}

/** A login that failed. */
interface Circuit {
  readonly failures: number
  /** When a background use may try again, in milliseconds of the process's clock. */
  readonly retryAt: number
  readonly fault: DatabaseFault
  /** The attempt under way; settles with it, and never rejects. */
  attempt: Promise<void> | null
}

/**
 * Most failing logins that are remembered. Whoever makes up more only causes some to be forgotten.
 */
const remembered = 1000

/** Pauses from the length of a short failover to that of an outage. */
const firstPauseMs = 1000
const longestPauseMs = 60_000

/**
 * Keeps a database that does not answer from being asked over and over. After a failure, background
 * uses wait, longer each time, and then one attempt is made. A review of the database itself never
 * goes without an attempt: one is made at a time, and those that come meanwhile share its result.
 */
export class CircuitBreaker {
  readonly #now: () => number
  readonly #failed = new LRUCache<string, Circuit>({ max: remembered })

  /** `now` is a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Does the work, or fails at once for a login that is known to fail.
   * @throws what `work` throws, or the DatabaseFault that is known of the login.
   */
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
    // The caller gave up, which says nothing about the database.
    if (signal.aborted) return
    if (!isFailure(fault)) this.#failed.delete(key)
    // Of several uses that failed at the same time, only the first counts.
    else if (this.#failed.peek(key) === before) {
      const failures = (before?.failures ?? 0) + 1
      const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs)
      this.#failed.set(key, { failures, retryAt: this.#now() + pauseMs, fault, attempt: null })
    }
  }
}

/**
 * Whether the server did not answer or did not accept the login. A server that reports another
 * error is working.
 */
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
