import type { DatabaseAccess } from '../../policy/facts/database-access.js'
import type { DatabaseFailure } from '../../policy/facts/facts.js'

/**
 * Why a database could not be read. `message` is one fixed sentence for users, without address,
 * URL, user or SQL. Whoever may write an AtlasMigration can have this process connect anywhere, so
 * no message tells an open port from a closed one. `failure` does, and is for log and metrics only.
 */
export class DatabaseFault extends Error {
  readonly failure: DatabaseFailure
  /** Which rights are missing, where that is the reason and the server said it; null otherwise. */
  readonly access: DatabaseAccess | null

  constructor(
    failure: DatabaseFailure,
    message: string,
    options: ErrorOptions & Partial<Pick<DatabaseFault, 'access'>> = {},
  ) {
    super(message, options)
    this.name = 'DatabaseFault'
    this.failure = failure
    this.access = options.access ?? null
  }
}

/**
 * One message for a closed port, a silent one, an unknown host, a server of another kind and a
 * refused address.
 */
export const noConnection = 'no PostgreSQL server could be reached with the URL'

const timedOut = 'the database did not answer in time'
const tlsFailed =
  'no TLS connection of the kind that the sslmode of the URL asks for could be made to the database'

const wrongPassword: [DatabaseFailure, string] = [
  'authentication',
  'the database refused the user name or password of the URL',
]

/** Fixed sentences for the errors of a server that speaks PostgreSQL's protocol, by SQLSTATE. */
const serverFaults: ReadonlyMap<string, [DatabaseFailure, string]> = new Map(
  Object.entries<[DatabaseFailure, string]>({
    '28P01': wrongPassword,
    '28000': ['authentication', 'the database refused the login of the URL'],
    '3D000': ['database-missing', 'the database that the URL names does not exist'],
    '42501': ['permission', 'the role of the URL has no CONNECT right on the database'],
    '53300': ['too-many-connections', 'the database has no connection left'],
    '57014': ['timeout', timedOut],
    '55P03': ['timeout', 'a table that has to be read is locked by another session'],
    '57P03': ['unreachable', 'the database is starting up or shutting down'],
    // undefined_function: a server that speaks PostgreSQL's protocol but is another product.
    '42883': ['unsupported', 'the server lacks functions of PostgreSQL 12'],
  }),
)

/**
 * The server's answer is not PostgreSQL's protocol. Users are told the same as when a server hangs
 * up: before the login that none could be reached, and after it that the database failed.
 */
export class ProtocolError extends Error {
  constructor(options?: ErrorOptions) {
    super('the server broke the protocol of PostgreSQL', options)
    this.name = 'ProtocolError'
  }
}

/** Node's codes for a certificate that is not valid. */
const certificateCode = /^(?:ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/

/** The SQLSTATE or Node's code of an error; empty when it has none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

/** Whether the server itself answered with the error. The session can then go on. */
export function isServerAnswer(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(errorCode(error)) && !/^(?:08|57P)/.test(errorCode(error))
}

/** Whether TLS could not be agreed upon. sslmode `prefer` then goes on without TLS. */
export function isTlsError(error: unknown): boolean {
  if (error instanceof DatabaseFault) return error.failure === 'tls'
  return (
    certificateCode.test(errorCode(error)) ||
    errorCode(error) === 'EPROTO' ||
    (error instanceof Error && /SSL connection/.test(error.message))
  )
}

function serverFault(error: unknown): DatabaseFault | null {
  const known = serverFaults.get(errorCode(error))
  return known === undefined ? null : new DatabaseFault(...known, { cause: error })
}

/** The fault of a failed attempt to connect. */
export function connectFault(error: unknown): DatabaseFault {
  if (error instanceof DatabaseFault) return error
  const fault = serverFault(error)
  if (fault !== null) return fault
  // Only a server that speaks PostgreSQL gets as far as a certificate, or answers `N` to a request
  // for TLS.
  if (
    certificateCode.test(errorCode(error)) ||
    (error instanceof Error && error.message === 'The server does not support SSL connections')
  ) {
    return new DatabaseFault('tls', tlsFailed, { cause: error })
  }
  // An error of the driver: the server asks for a password and there is none, or the server cannot
  // prove that it knows the password.
  if (error instanceof Error && error.message.startsWith('SASL')) {
    return new DatabaseFault(...wrongPassword, { cause: error })
  }
  const refused = errorCode(error) === 'ECONNREFUSED'
  return new DatabaseFault(refused ? 'refused' : 'unreachable', noConnection, { cause: error })
}

/** The server says that it has no TLS. */
export function noTls(): DatabaseFault {
  return new DatabaseFault('tls', tlsFailed)
}

/** No connection was made in time. The message is the one of a refused connection. */
export function connectTimeout(): DatabaseFault {
  return new DatabaseFault('timeout', noConnection)
}

/** All connections that the settings allow were in use. */
export function noneFree(): DatabaseFault {
  return new DatabaseFault('timeout', 'all connections that the settings allow were in use')
}

/** The fault of a query on a connection that worked. */
export function queryFault(error: unknown): DatabaseFault {
  if (error instanceof DatabaseFault) return error
  return (
    serverFault(error) ??
    new DatabaseFault('other', 'the database failed while it was read', { cause: error })
  )
}

/** The answer to a query is too large and was cut off, see {@link answerBounds}. */
export function answerTooLarge(): DatabaseFault {
  return new DatabaseFault(
    'unsupported',
    'the database answers with more than database.maxRows of the settings allows for',
  )
}

export function queryTimeout(): DatabaseFault {
  return new DatabaseFault('timeout', timedOut)
}
