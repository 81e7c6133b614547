import { createHmac, randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { LRUCache } from 'lru-cache'
import {
  type DatabaseUrlParts,
  hasControlCharacter,
  isControlled,
  parseDatabaseUrl,
  urlParameter,
} from '../policy/facts/database-url.js'
import type { AskedObject, CatalogObjects } from '../policy/facts/catalog-objects.js'
import type { ServerFacts } from '../policy/facts/exported-table.js'
import type {
  DatabaseFailure,
  DatabaseIdentity,
  Sameness,
  TableFacts,
} from '../policy/facts/facts.js'
import type { DatabaseLimits } from '../policy/settings/settings.js'
import type {
  BorrowedLogin,
  DatabaseComparison,
  DatabaseUrl,
  Deadline,
  ObjectsQuery,
  RevisionsReader,
  TableQuery,
} from '../review/ports/ports.js'
import { withTimeLimit } from '../review/limits/time-limit.js'
import { buildAddressGuard } from './address/address-guard.js'
import { answerBounds } from './wire/answer-bounds.js'
import { AnswerShare } from './wire/answer-share.js'
import { borrowedPasswordPolicy, checkBorrowedUser } from './wire/borrowed-password.js'
import { parseIdentityRow } from './query/catalog-facts.js'
import { identityQuery } from './query/catalog-query.js'
import { type BreakerUse, CircuitBreaker } from './pool/circuit-breaker.js'
import { ConnectionPool, type PoolTarget } from './pool/connection-pool.js'
import {
  connectFault,
  DatabaseFault,
  errorCode,
  isServerAnswer,
  noneFree,
  queryFault,
} from './fault/database-fault.js'
import { FairLookups, lookupPlaces } from './address/fair-lookups.js'
import { connectGuardedSocket, systemResolver, type ResolveHost } from './address/guarded-socket.js'
import { ParameterFault } from './fault/refused-parameter.js'
import { proveSameDatabase } from './query/database-proof.js'
import { usualColumns } from './query/revision-rows.js'
import { parseObjectRows } from './query/objects-facts.js'
import { objectsStatements } from './query/objects-query.js'
import { openSession, type Session } from './wire/session.js'
import { parseServerRow, serverQuery } from './query/server-query.js'
import { readSslAttempts, rootsFor } from './address/ssl-options.js'
import {
  readRevisionsTable,
  timeoutsWithin,
  transaction,
  type TableGuess,
} from './query/table-read.js'

export interface PostgresReaderOptions {
  readonly limits: DatabaseLimits
  /**
   * Told of every failure, for log and metrics. `code` is an SQLSTATE or a code of Node, or empty.
   */
  readonly onFailure?: (failure: DatabaseFailure, code: string) => void
  /**
   * How long a database's identity is remembered. Default: one minute, since a URL rarely comes to
   * lead to another database.
   */
  readonly identityTtlMs?: number
  readonly resolveHost?: ResolveHost
}

export interface PostgresReader extends RevisionsReader {
  compareDatabases(question: DatabaseComparison, deadline: Deadline): Promise<Sameness>
  readObjects(query: ObjectsQuery, deadline: Deadline): Promise<CatalogObjects | null>
  /** Reads what only a comparison of databases needs; null when it cannot be read in time. */
  readServer(url: DatabaseUrl, deadline: Deadline): Promise<ServerFacts | null>
  /** Number of connections that are open or being opened. */
  connections(): number
  /** Ends idle connections. One in use ends when its use does. */
  close(): Promise<void>
}

/** Most targets that are remembered. A cluster has some hundreds of databases. */
const rememberedTargets = 1000
const minute = 60_000

/**
 * Time that a query may take beyond the server's own limit for a statement, before this process
 * ends it. A server that does not keep that limit then holds a connection hardly longer, however
 * much time the call has left.
 */
const queryGraceMs = 500

/** One use of a database. `key` is equal for equal URLs, and reveals nothing of them. */
interface Target extends PoolTarget {
  readonly parts: DatabaseUrlParts
  /** Key of the login at a server, whatever the database. */
  readonly breakerKey: string
  readonly isBackground: boolean
  readonly borrowed: BorrowedLogin | null
  readonly deadline: Deadline
}

type QuerySession = Pick<Session, 'query' | 'address'>

/**
 * Why a URL is not read, as a sentence; null when it is. lib/pq would try several hosts in turn,
 * and would take the operator's own user when the URL has none.
 */
function unsupported(parts: DatabaseUrlParts): string | null {
  if (parts.dialect !== 'postgres') return 'only PostgreSQL databases are read'
  if (parts.host.includes(',') || urlParameter(parts, 'hostaddr') !== null) {
    return 'URLs with several hosts or a hostaddr are not followed'
  }
  if (hasControlCharacter(parts)) {
    return 'a part of the URL has a line break or another control character, which is sent to no server'
  }
  return parts.user === '' ? 'the URL names no user' : null
}

/**
 * Refuses a schema name with a control character. It comes from the spec, where JSON allows every
 * character, also NUL, which would end the query's text.
 */
function checkSchemaName(schema: string): void {
  if (!isControlled(schema)) return
  throw new DatabaseFault('unsupported', 'the name of the revisions schema has a control character')
}

/** Addresses of every interface of this machine; in a pod those of the pod. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(
    addresses => addresses?.map(({ address }) => address.replace(/%.*/, '')) ?? [],
  )
}

/** A connection's end, other than an answer of its server or a limit of ours. */
function isDeath(error: unknown): boolean {
  return !(error instanceof DatabaseFault) && !isServerAnswer(error)
}

/** Tells afterwards whether it was this session that ended, where work needs two. */
function watchDeath(session: QuerySession) {
  let death: { readonly error: unknown } | null = null
  const note = (error: unknown): never => {
    if (isDeath(error)) death = { error }
    throw error
  }
  const watched: QuerySession = {
    address: () => session.address(),
    query: (text, signal) => session.query(text, signal).catch(note),
  }
  return { session: watched, death: (): { readonly error: unknown } | null => death }
}

class Reader implements PostgresReader {
  readonly #options: PostgresReaderOptions
  readonly #limits: DatabaseLimits
  readonly #pool: ConnectionPool<Session>
  readonly #breaker = new CircuitBreaker()
  readonly #guard
  readonly #lookups: FairLookups
  readonly #answers: AnswerShare
  readonly #salt = randomBytes(32)
  readonly #guesses = new LRUCache<string, TableGuess>({
    max: rememberedTargets,
  })
  readonly #identities: LRUCache<string, DatabaseIdentity>

  constructor(options: PostgresReaderOptions) {
    const { limits, identityTtlMs = minute } = options
    this.#options = options
    this.#limits = limits
    this.#guard = buildAddressGuard(limits, ownAddresses())
    const places = lookupPlaces(process.env['UV_THREADPOOL_SIZE'])
    this.#lookups = new FairLookups(options.resolveHost ?? systemResolver, places)
    this.#answers = new AnswerShare(answerBounds(limits))
    this.#pool = new ConnectionPool({
      perTarget: limits.maxConnectionsPerTarget,
      total: limits.maxConnections,
      idleMs: limits.idleTimeoutMs,
    })
    this.#identities = new LRUCache({ max: rememberedTargets, ttl: identityTtlMs })
  }

  async readTable(query: TableQuery, deadline: Deadline): Promise<TableFacts> {
    try {
      const target = this.#parseTarget(query.url, deadline)
      checkSchemaName(query.revisionsSchema)
      return await this.#use(target, session => this.#readTable(target, session, query))
    } catch (error) {
      const fault = this.#report(error)
      const { failure, message, access } = fault
      return {
        kind: 'failed',
        failure,
        message,
        ...(access && { access }),
        ...(fault instanceof ParameterFault && { refused: fault.refused }),
      }
    }
  }

  async readIdentity(url: DatabaseUrl, deadline: Deadline): Promise<DatabaseIdentity | null> {
    try {
      const target = this.#parseTarget(url, deadline)
      const known = this.#identities.get(target.key)
      // The identity is asked for the verdict on another object, so it counts as a background use.
      const others = { ...target, isBackground: true }
      return known ?? (await this.#use(others, session => this.#readIdentity(target, session)))
    } catch (error) {
      this.#report(error)
      return null
    }
  }

  async compareDatabases(
    { urls, revisionsSchema }: DatabaseComparison,
    deadline: Deadline,
  ): Promise<Sameness> {
    try {
      checkSchemaName(revisionsSchema)
      // In one order, whoever asks: two that each hold what the other one waits for would wait until their deadlines.
      const targets = urls.map(url => this.#parseTarget(url, deadline))
      const [a, b] = targets.toSorted((one, two) => (one.key < two.key ? -1 : 1)) as [
        Target,
        Target,
      ]
      const side = ({ parts: { database } }: Target, session: QuerySession) => ({
        session,
        database,
      })
      return await this.#use(a, async first => {
        const watched = watchDeath(first)
        const sameness = await this.#use(b, second =>
          proveSameDatabase({
            sides: [side(a, watched.session), side(b, second)],
            revisionsSchema,
            timeouts: () => timeoutsWithin(this.#limits, deadline.at - Date.now()),
            signal: deadline.signal,
          }).catch((error: unknown): Sameness => {
            // The end of the one is none of the other, which would be tried again for it.
            if (watched.death() === null) throw error
            return 'unknown'
          }),
        ).catch((error: unknown): Sameness => {
          // A failure of the second database must not count against the first.
          this.#report(error)
          return 'unknown'
        })
        // As at a restart of its server: the pool may have another one.
        const death = watched.death()
        if (death !== null) throw death.error
        return sameness
      })
    } catch (error) {
      this.#report(error)
      return 'unknown'
    }
  }

  async readObjects(
    { url, objects }: ObjectsQuery,
    deadline: Deadline,
  ): Promise<CatalogObjects | null> {
    try {
      const target = this.#parseTarget(url, deadline)
      return await this.#use(target, session => this.#readObjects(target, session, objects))
    } catch (error) {
      this.#report(error)
      return null
    }
  }

  async readServer(url: DatabaseUrl, deadline: Deadline): Promise<ServerFacts | null> {
    try {
      const target = this.#parseTarget(url, deadline)
      return await this.#use(target, session => this.#readServer(target, session))
    } catch (error) {
      this.#report(error)
      return null
    }
  }

  connections(): number {
    return this.#pool.size
  }

  async close(): Promise<void> {
    this.#pool.close()
  }

  #report(error: unknown): DatabaseFault {
    const fault = queryFault(error)
    this.#options.onFailure?.(fault.failure, errorCode(fault.cause))
    return fault
  }

  /** @throws DatabaseFault for a URL that is not read. */
  #parseTarget(url: DatabaseUrl, deadline: Deadline): Target {
    const text = url.reveal()
    const parts = parseDatabaseUrl(text)
    if (parts.kind === 'invalid') throw new DatabaseFault('unsupported', parts.problem)
    const problem = unsupported(parts)
    if (problem !== null) throw new DatabaseFault('unsupported', problem)
    const { namespace = '' } = url
    const { user, password } = parts
    const host = `${parts.host.toLowerCase()}:${parts.port}`
    const { background: isBackground = false } = deadline
    const breakerKey = this.#digest(JSON.stringify([namespace, host, user, password]))
    const borrowed = url.borrowed ?? null
    // A connection whose login comes from a Secret is not shared with one whose login does not,
    // though the URL is the same: they are opened under different conditions.
    const key = this.#digest(`${borrowed !== null} ${text}`)
    return { parts, borrowed, key, breakerKey, namespace, host, deadline, isBackground }
  }

  #digest(text: string): string {
    return createHmac('sha256', this.#salt).update(text).digest('hex')
  }

  async #use<R>(target: Target, work: (session: QuerySession) => Promise<R>): Promise<R> {
    const { breakerKey, isBackground, deadline } = target
    const use: BreakerUse = { key: breakerKey, isBackground, signal: deadline.signal }
    return this.#breaker.run(use, () => this.#lend(target, work))
  }

  /**
   * Lends a session. A session that died in the pool is noticed only when it is used. Then the next
   * one is tried, and at last a fresh one.
   */
  async #lend<R>(target: Target, work: (session: QuerySession) => Promise<R>): Promise<R> {
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

  async #take(target: Target) {
    const { signal } = target.deadline
    try {
      return await this.#pool.take(target, () => this.#open(target), signal)
    } catch (error) {
      // Only waiting for a free connection ends with the signal's own reason.
      throw error === signal.reason ? noneFree() : connectFault(error)
    }
  }

  async #open({ parts, borrowed, deadline, namespace }: Target): Promise<Session> {
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

  async #readTable(
    target: Target,
    session: QuerySession,
    question: TableQuery,
  ): Promise<TableFacts> {
    const { key, deadline } = target
    const shapeKey = `${key} ${question.revisionsSchema}`
    const guess = this.#guesses.get(shapeKey)
    const reading = {
      session,
      question,
      limits: this.#limits,
      signal: deadline.signal,
      remainingMs: () => deadline.at - Date.now(),
    }
    const { table, guess: learnt } = await readRevisionsTable(
      reading,
      guess ?? { shape: usualColumns, hasRows: true },
    )
    this.#guesses.set(shapeKey, learnt)
    this.#identities.set(key, table.identity)
    return table
  }

  async #readIdentity({ key, deadline }: Target, session: QuerySession): Promise<DatabaseIdentity> {
    const timeouts = timeoutsWithin(this.#limits, deadline.at - Date.now())
    const [, , rows] = await session.query(transaction([identityQuery], timeouts), deadline.signal)
    const { system, database } = parseIdentityRow(rows)
    const identity = { system: system ?? '', database, identifier: null }
    this.#identities.set(key, identity)
    return identity
  }

  async #readObjects(
    { deadline }: Target,
    session: QuerySession,
    objects: readonly AskedObject[],
  ): Promise<CatalogObjects> {
    const timeouts = timeoutsWithin(this.#limits, deadline.at - Date.now())
    const text = transaction(objectsStatements(objects), timeouts)
    const answers = await session.query(text, deadline.signal)
    // The last answer but one: behind it is that of COMMIT.
    return parseObjectRows(answers.at(-2), objects)
  }

  async #readServer({ deadline }: Target, session: QuerySession): Promise<ServerFacts> {
    const timeouts = timeoutsWithin(this.#limits, deadline.at - Date.now())
    const [, , rows] = await session.query(transaction([serverQuery], timeouts), deadline.signal)
    return parseServerRow(rows)
  }
}

/**
 * Builds a reader of revisions tables in PostgreSQL databases. It uses few, short-lived, read-only
 * connections. Waiting for one ends with the deadline.
 */
export function buildPostgresReader(options: PostgresReaderOptions): PostgresReader {
  return new Reader(options)
}
