import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Leadership, Term } from '../../review/audit/audit-ports.js'
import type { ClusterError } from '../../review/ports/cluster-error.js'
import type { ApiClient } from '../api/api-client.js'
import { jittered } from '../api/back-off.js'
import { LeaseElection } from './lease-election.js'
import { ApiLeaseStore, type LeaseName } from './lease-store.js'

export interface LeaseTiming {
  readonly leaseMs: number
  readonly termMs: number
  /** Pause between two attempts to get the Lease or to renew it. */
  readonly retryMs: number
}

/** 15 s, 10 s and 2 s, as client-go and kube-scheduler use them. */
export const leaseTiming: LeaseTiming = { leaseMs: 15_000, termMs: 10_000, retryMs: 2000 }

export interface LeaseOptions {
  readonly client: ApiClient
  readonly lease: LeaseName
  readonly timing?: LeaseTiming
  /**
   * Told why the Lease cannot be read or written, in words fit for a log. Called when the reason
   * changes.
   */
  readonly onProblem: (reason: string) => void
}

/**
 * Leadership by a Lease: its holder leads. Without the rights on the Lease nobody leads, and
 * `onProblem` names the missing right.
 */
export function leaseLeadership(options: LeaseOptions): Leadership {
  return {
    async run(lead, stop) {
      const { leaseMs, termMs, retryMs } = options.timing ?? leaseTiming
      const campaign = new Campaign(options, {
        leaseMs,
        termMs,
        // The name of the pod alone would not do, because a restarted container keeps it.
        identity: `${hostname()}_${randomUUID()}`,
      })
      while (!stop.aborted) {
        await campaign.attempt(lead, stop)
        // Jitter keeps replicas that started in the same second from asking at the same time.
        await sleep(jittered(retryMs), undefined, { signal: stop, ref: false }).catch(() => {})
      }
      await campaign.end()
    },
  }
}

/**
 * Time limit for giving the Lease back after a stop. If that fails, the other replicas only wait
 * until the Lease runs out.
 */
const releaseMs = 2000

class Campaign {
  readonly #options: LeaseOptions
  readonly #election: LeaseElection
  #term: RunningTerm | null = null
  #problem: string | null = null

  constructor(
    options: LeaseOptions,
    timing: { readonly leaseMs: number; readonly termMs: number; readonly identity: string },
  ) {
    this.#options = options
    this.#election = new LeaseElection({
      ...timing,
      store: new ApiLeaseStore(options.client, options.lease),
      monotonic: () => performance.now(),
      wall: () => new Date(),
    })
  }

  async attempt(lead: (term: Term) => Promise<void>, stop: AbortSignal): Promise<void> {
    try {
      await this.#election.attempt(stop)
      this.#problem = null
    } catch (error) {
      if (stop.aborted) return
      this.#complain(error)
    }
    // A term that has run out stays over, even if the Lease could be renewed after all.
    if (!this.#election.holds() || this.#term?.isOver) await this.#endTerm()
    if (!this.#election.holds() || stop.aborted) return
    this.#term ??= new RunningTerm(lead, () => this.#election.holds())
    this.#term.endIn(this.#election.remaining())
  }

  /** Ends what runs under the Lease, and then gives the Lease back. */
  async end(): Promise<void> {
    await this.#endTerm()
    try {
      await this.#election.release(AbortSignal.timeout(releaseMs))
    } catch (error) {
      this.#complain(error)
    }
  }

  async #endTerm(): Promise<void> {
    await this.#term?.end()
    this.#term = null
  }

  #complain(error: unknown): void {
    // The store rejects with no other error.
    const { reason } = error as ClusterError
    if (reason !== this.#problem) this.#options.onProblem(reason)
    this.#problem = reason
  }
}

/** One call of `lead`, which ends when the Lease is lost. */
class RunningTerm {
  readonly #controller = new AbortController()
  readonly #done: Promise<void>
  #timer: NodeJS.Timeout | undefined

  constructor(lead: (term: Term) => Promise<void>, holds: () => boolean) {
    const { signal } = this.#controller
    this.#done = lead({ signal, holds: () => holds() && !signal.aborted })
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted
  }

  endIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#controller.abort(), ms)
    this.#timer.unref()
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    this.#controller.abort()
    await this.#done
  }
}
