import { networkInterfaces } from 'node:os'
import { urlParameter } from '../../policy/url/database-url.js'
import type { DatabaseLimits } from '../../policy/settings/settings.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import { buildAddressGuard } from '../address/address-guard.js'
import { FairLookups, lookupPlaces } from '../address/fair-lookups.js'
import {
  connectGuardedSocket,
  systemResolver,
  type ResolveHost,
} from '../address/guarded-socket.js'
import { readSslAttempts, rootsFor } from '../address/ssl-options.js'
import { connectFault, noneFree } from '../fault/database-fault.js'
import { type BreakerUse, CircuitBreaker } from '../pool/circuit-breaker.js'
import { ConnectionPool } from '../pool/connection-pool.js'
import { answerBounds } from '../wire/answer-bounds.js'
import { AnswerShare } from '../wire/answer-share.js'
import { borrowedPasswordPolicy, checkBorrowedUser } from '../wire/borrowed-password.js'
import { openSession, type Session } from '../wire/session.js'
import type { LoginTarget } from './login-target.js'
import { isDeath, type QuerySession } from './session-death.js'

/**
 * Time that a query may take beyond the server's own limit for a statement, before this process
 * ends it. A server that does not keep that limit then holds a connection hardly longer, however
 * much time the call has left.
 */
const queryGraceMs = 500

/** Addresses of every interface of this machine; in a pod those of the pod. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(
    addresses => addresses?.map(({ address }) => address.replace(/%.*/, '')) ?? [],
  )
}

/**
 * Lends sessions: within the limits on connections, only to addresses that are allowed, and not at
 * all for a while to a login that keeps failing.
 */
export class Sessions {
  readonly #limits: DatabaseLimits
  readonly #pool: ConnectionPool<Session>
  readonly #breaker = new CircuitBreaker()
  readonly #guard
  readonly #lookups: FairLookups
  readonly #answers: AnswerShare

  constructor(limits: DatabaseLimits, resolveHost: ResolveHost = systemResolver) {
    this.#limits = limits
    this.#guard = buildAddressGuard(limits, ownAddresses())
    const places = lookupPlaces(process.env['UV_THREADPOOL_SIZE'])
    this.#lookups = new FairLookups(resolveHost, places)
    this.#answers = new AnswerShare(answerBounds(limits))
    this.#pool = new ConnectionPool({
      perTarget: limits.maxConnectionsPerTarget,
      total: limits.maxConnections,
      idleMs: limits.idleTimeoutMs,
    })
  }

  /** Number of connections that are open or being opened. */
  get size(): number {
    return this.#pool.size
  }

  /** Ends idle connections. One in use ends when its use does. */
  close(): void {
    this.#pool.close()
  }

  async use<R>(target: LoginTarget, work: (session: QuerySession) => Promise<R>): Promise<R> {
    const { breakerKey, isBackground, deadline } = target
    const use: BreakerUse = { key: breakerKey, isBackground, signal: deadline.signal }
    return this.#breaker.run(use, () => this.#lend(target, work))
  }

  /**
   * Lends a session. A session that died in the pool is noticed only when it is used. Then the next
   * one is tried, and at last a fresh one.
   */
  async #lend<R>(target: LoginTarget, work: (session: QuerySession) => Promise<R>): Promise<R> {
    for (;;) {
      const { connection, reused } = await this.#take(target)
      try {
        return await work(this.#limited(connection))
      } catch (error) {
        if (!reused || !isDeath(error)) throw error
      } finally {
        void this.#pool.giveBack(target, connection)
      }
    }
  }

  /**
   * The session with this process's own time limit for each query, because a server may not keep
   * its own.
   */
  #limited(session: Session): QuerySession {
    const ms = this.#limits.statementTimeoutMs + queryGraceMs
    return {
      address: () => session.address(),
      query: (text, parent) =>
        withTimeLimit({ ms, parent }, ({ signal }) => session.query(text, signal)),
    }
  }

  async #take(target: LoginTarget) {
    const { signal } = target.deadline
    try {
      return await this.#pool.take(target, () => this.#open(target), signal)
    } catch (error) {
      // Only waiting for a free connection ends with the signal's own reason.
      throw error === signal.reason ? noneFree() : connectFault(error)
    }
  }

  async #open({ parts, borrowed, deadline, namespace }: LoginTarget): Promise<Session> {
    const trust = { isAllowed: this.#limits.allowedHosts.length > 0 }
    checkBorrowedUser(borrowed, trust)
    const attempts = parts.host.startsWith('/')
      ? [false as const]
      : await readSslAttempts(urlParameter(parts, 'sslmode'), rootsFor(parts.host, this.#limits))
    const resolveHost = this.#lookups.of(namespace)
    const connect = () => connectGuardedSocket(parts, this.#guard, resolveHost)
    const { connectTimeoutMs } = this.#limits
    const passwordPolicy = (isVerified: boolean) =>
      borrowedPasswordPolicy(borrowed, trust, isVerified)
    const options = { parts, connect, connectTimeoutMs, answers: this.#answers, passwordPolicy }
    return openSession(options, attempts, deadline.signal)
  }
}
