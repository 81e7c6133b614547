import { Client } from 'pg'
import {
  parseDatabaseUrl,
  urlParameter,
  type DatabaseUrlParts,
} from '../../policy/url/database-url.js'
import { CodedError } from '../../review/ports/coded-error.js'
import type { DatabaseUrl } from '../../review/ports/ports.js'
import { connectFault, isTlsError } from '../fault/database-fault.js'
import { readSslAttempts, type SslOptions } from '../address/ssl-options.js'

/** The server for a replay cannot be used. Exit code 2. */
export class ReplayError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_REPLAY'
}

/** A server on which a database is made for a replay. */
export interface ReplayServer {
  readonly create: (database: string) => Promise<void>
  readonly connect: (database: string) => Promise<Client>
  /** Drops the database, and ends connections to it. */
  readonly drop: (database: string) => Promise<void>
}

/** PostgreSQL's own tools wait as long for a server that is starting. */
const connectTimeoutMs = 10_000

/** @throws ReplayError for a URL that is not one of PostgreSQL. */
export async function openServer(url: DatabaseUrl): Promise<ReplayServer> {
  const parts = parseDatabaseUrl(url.reveal())
  if (parts.kind === 'invalid') throw new ReplayError(`the URL to replay on: ${parts.problem}`)
  if (parts.dialect !== 'postgres')
    throw new ReplayError('the URL to replay on: expected one of PostgreSQL, found another scheme')
  const attempts = await readSslAttempts(urlParameter(parts, 'sslmode'), '')
  const connect = (database: string) => connectTo({ ...parts, database }, attempts)
  return {
    connect,
    create: database =>
      administer(() => connect(parts.database), 'make', [
        `CREATE DATABASE "${database}" TEMPLATE template0`,
      ]),
    drop: database =>
      administer(() => connect(parts.database), 'drop', [
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`,
        `DROP DATABASE "${database}"`,
      ]),
  }
}

async function administer(
  connect: () => Promise<Client>,
  verb: 'make' | 'drop',
  statements: readonly string[],
): Promise<void> {
  const client = await connect()
  try {
    for (const statement of statements) await client.query(statement)
  } catch (error) {
    throw new ReplayError(
      `cannot ${verb} a database for the replay: ${(error as Error).message}; the role needs the right CREATEDB`,
      { cause: error },
    )
  } finally {
    await client.end()
  }
}

/** Connects by the first way that works, as lib/pq does for the sslmode. */
async function connectTo(
  parts: DatabaseUrlParts,
  [ssl = false, ...others]: readonly SslOptions[],
): Promise<Client> {
  const { host, port, user, password, database } = parts
  const client = new Client({
    host,
    port,
    user,
    database,
    // It is a function, because an empty text would make pg read PGPASSWORD and the password file.
    password: () => password,
    ssl,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'atlas-admission replay',
  })
  // A replay that is interrupted ends its own connection, so its end is no error.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    if (others.length > 0 && (ssl === false || isTlsError(error))) return connectTo(parts, others)
    throw new ReplayError(`the server to replay on: ${connectFault(error).message}`, {
      cause: error,
    })
  }
}
