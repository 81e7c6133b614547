import { LRUCache } from 'lru-cache'
import { isControlled } from '../policy/url/database-url.js'
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
  DatabaseComparison,
  DatabaseUrl,
  Deadline,
  ObjectsQuery,
  RevisionsReader,
  TableQuery,
} from '../review/ports/ports.js'
import { parseIdentityRow } from './query/catalog-facts.js'
import { identityQuery } from './query/catalog-query.js'
import type { ResolveHost } from './address/guarded-socket.js'
import { compareSessions } from './compare-sessions.js'
import { DatabaseFault, errorCode, queryFault } from './fault/database-fault.js'
import { buildTargetParser, type LoginTarget } from './session/login-target.js'
import type { QuerySession } from './session/session-death.js'
import { Sessions } from './session/sessions.js'
import { ParameterFault } from './fault/refused-parameter.js'
import { usualColumns } from './query/revision-rows.js'
import { parseObjectRows } from './query/objects-facts.js'
import { objectsStatements } from './query/objects-query.js'
import { parseServerRow, serverQuery } from './query/server-query.js'
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
 * Refuses a schema name with a control character. It comes from the spec, where JSON allows every
 * character, also NUL, which would end the query's text.
 */
function checkSchemaName(schema: string): void {
  if (!isControlled(schema)) return
  throw new DatabaseFault('unsupported', 'the name of the revisions schema has a control character')
}

class Reader implements PostgresReader {
  readonly #options: PostgresReaderOptions
  readonly #limits: DatabaseLimits
  readonly #sessions: Sessions
  readonly #parseTarget = buildTargetParser()
  readonly #guesses = new LRUCache<string, TableGuess>({
    max: rememberedTargets,
  })
  readonly #identities: LRUCache<string, DatabaseIdentity>

  constructor(options: PostgresReaderOptions) {
    const { limits, identityTtlMs = minute } = options
    this.#options = options
    this.#limits = limits
    this.#sessions = new Sessions(limits, options.resolveHost)
    this.#identities = new LRUCache({ max: rememberedTargets, ttl: identityTtlMs })
  }

  async readTable(query: TableQuery, deadline: Deadline): Promise<TableFacts> {
    try {
      const target = this.#parseTarget(query.url, deadline)
      checkSchemaName(query.revisionsSchema)
      return await this.#sessions.use(target, session => this.#readTable(target, session, query))
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
      return (
        known ?? (await this.#sessions.use(others, session => this.#readIdentity(target, session)))
      )
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
      return await compareSessions(this.#sessions, {
        targets: urls.map(url => this.#parseTarget(url, deadline)),
        revisionsSchema,
        limits: this.#limits,
        onFailure: error => void this.#report(error),
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
      return await this.#sessions.use(target, session =>
        this.#readObjects(target, session, objects),
      )
    } catch (error) {
      this.#report(error)
      return null
    }
  }

  async readServer(url: DatabaseUrl, deadline: Deadline): Promise<ServerFacts | null> {
    try {
      const target = this.#parseTarget(url, deadline)
      return await this.#sessions.use(target, session => this.#readServer(target, session))
    } catch (error) {
      this.#report(error)
      return null
    }
  }

  connections(): number {
    return this.#sessions.size
  }

  async close(): Promise<void> {
    this.#sessions.close()
  }

  #report(error: unknown): DatabaseFault {
    const fault = queryFault(error)
    this.#options.onFailure?.(fault.failure, errorCode(fault.cause))
    return fault
  }

  async #readTable(
    target: LoginTarget,
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

  async #readIdentity(
    { key, deadline }: LoginTarget,
    session: QuerySession,
  ): Promise<DatabaseIdentity> {
    const timeouts = timeoutsWithin(this.#limits, deadline.at - Date.now())
    const [, , rows] = await session.query(transaction([identityQuery], timeouts), deadline.signal)
    const { system, database } = parseIdentityRow(rows)
    const identity = { system: system ?? '', database, identifier: null }
    this.#identities.set(key, identity)
    return identity
  }

  async #readObjects(
    { deadline }: LoginTarget,
    session: QuerySession,
    objects: readonly AskedObject[],
  ): Promise<CatalogObjects> {
    const timeouts = timeoutsWithin(this.#limits, deadline.at - Date.now())
    const text = transaction(objectsStatements(objects), timeouts)
    const answers = await session.query(text, deadline.signal)
    // The last answer but one: behind it is that of COMMIT.
    return parseObjectRows(answers.at(-2), objects)
  }

  async #readServer({ deadline }: LoginTarget, session: QuerySession): Promise<ServerFacts> {
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
