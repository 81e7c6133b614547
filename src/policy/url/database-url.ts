import { parameterProblem } from './driver-parameters.js'
import type { Dialect } from '../facts/facts.js'
import { mysqlParameterProblem } from './mysql-parameters.js'
import { parseGoUrl, type GoUrl } from './go-url.js'

/**
 * A database URL, taken apart as Atlas and its driver do. It holds the password, so it must never
 * be logged.
 */
export interface DatabaseUrlParts {
  readonly kind: 'parsed'
  readonly dialect: Dialect
  /** In lower case, such as `postgres`. */
  readonly scheme: string
  /**
   * A name or address, the folder of a Unix socket (`/…`), or a list separated by commas; may be
   * empty.
   */
  readonly host: string
  /** The dialect's default when the URL has none; 0 when that is not known. */
  readonly port: number
  readonly user: string
  readonly password: string
  /** The name of the database; for SQLite the path of the file. */
  readonly database: string
  /** The schema that the URL binds to (for PostgreSQL the raw `search_path`), or null. */
  readonly boundSchema: string | null
  /** In the order of the URL, without the malformed ones, which Go drops. */
  readonly parameters: readonly (readonly [string, string])[]
}

export interface InvalidDatabaseUrl {
  readonly kind: 'invalid'
  /** A sentence without any part of the URL. */
  readonly problem: string
  /** Whether the problem is a parameter, so that the rest of the URL was read. */
  readonly ofParameter?: true
}

/**
 * The schemes that Atlas documents (atlasgo.io/concepts/url, 2026). The build that the operator
 * ships knows more dialects than the open one. The further ones only have to be recognized.
 */
const dialects: ReadonlyMap<string, Dialect> = new Map(
  Object.entries<Dialect>({
    postgres: 'postgres',
    postgresql: 'postgres',
    mysql: 'mysql',
    'mysql+unix': 'mysql',
    maria: 'mariadb',
    'maria+unix': 'mariadb',
    mariadb: 'mariadb',
    'mariadb+unix': 'mariadb',
    sqlite: 'sqlite',
    sqlite3: 'sqlite',
    file: 'sqlite',
  }),
)

const otherScheme =
  /^(?:libsql|sqlserver|azuresql|clickhouse|redshift|snowflake|databricks|spanner|oracle|tidb|crdb|cockroach|cockroachdb|aurora|dsql|ydb|vertica|docker|rds|atlas|env|cloudsql|mssql)(?:\+[a-z0-9+.-]+)?$/

const defaultPorts: Readonly<Partial<Record<Dialect, number>>> = {
  postgres: 5432,
  mysql: 3306,
  mariadb: 3306,
}

/** The first value of a parameter (Go's `url.Values.Get`), or null. */
export function urlParameter(
  parts: Pick<DatabaseUrlParts, 'parameters'>,
  name: string,
): string | null {
  return parts.parameters.find(([key]) => key === name)?.[1] ?? null
}

/**
 * Whether a part that is sent to the server has a line break or another control character.
 * Percent-encoded, such a character passes every parser, and a server that does not speak
 * PostgreSQL may take what follows for a command of its own.
 */
export function hasControlCharacter({
  user,
  password,
  host,
  database,
  parameters,
}: DatabaseUrlParts): boolean {
  return [user, password, host, database, ...parameters.flat()].some(isControlled)
}

/** Whether a text has a control character (C0, DEL, C1) or one of Unicode's line breaks. */
export function isControlled(text: string): boolean {
  return /[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(text)
}

function invalid(problem: string): InvalidDatabaseUrl {
  return { kind: 'invalid', problem }
}

function schemeDialect(scheme: string): Dialect | null {
  return dialects.get(scheme) ?? (otherScheme.test(scheme) ? 'other' : null)
}

/**
 * The value that wins when both the URL and a parameter give one. lib/pq turns all of them into
 * `key='value'` pairs, sorts these and lets the last one win (`convertURL`, v1.12.3; empty values
 * are left out). So a parameter does not simply override the URL.
 */
function winning(fromUrl: string, fromParameter: string | null): string {
  const escaped = (value: string) => Buffer.from(`${value.replaceAll(/['\\]/g, '\\$&')}'`)
  const values = [fromUrl, fromParameter ?? ''].filter(value => value !== '')
  return values.sort((a, b) => Buffer.compare(escaped(a), escaped(b))).at(-1) ?? ''
}

function parsePostgres(url: GoUrl): DatabaseUrlParts | InvalidDatabaseUrl {
  const get = (name: string) => urlParameter(url, name)
  const port = winning(url.port, get('port')) || '5432'
  // One port for several hosts is fine. A list of ports is not checked.
  if (!port.includes(',') && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    return invalid('the port of the URL is not a number from 1 to 65535')
  }
  const problem = parameterProblem(url.parameters)
  if (problem !== null) return { ...invalid(problem), ofParameter: true }
  // A NUL ends a text in PostgreSQL's protocol, so what follows it would be read as something else.
  const texts = [url.user, url.password, url.host, url.path, ...url.parameters.flat()]
  if (texts.some(text => text.includes('\0'))) return invalid('the URL has an escaped NUL (%00)')
  const user = winning(url.user, get('user'))
  return {
    kind: 'parsed',
    dialect: 'postgres',
    scheme: url.scheme,
    host: winning(url.host, get('host')) || 'localhost',
    port: parseInt(port, 10),
    user,
    password: winning(url.password, get('password')),
    // A database that is not named has the name of the user, as on the server.
    // For lib/pq, a parameter `database` comes after all others.
    database: get('database') || winning(url.path.slice(1), get('dbname')) || user,
    boundSchema: get('search_path') || null,
    parameters: url.parameters,
  }
}

function parseOther(url: GoUrl, dialect: Dialect): DatabaseUrlParts | InvalidDatabaseUrl {
  const { scheme, host, user, password, parameters } = url
  const database = databaseOf(url, dialect)
  const problem =
    dialect === 'mysql' || dialect === 'mariadb' ? mysqlParameterProblem(parameters) : null
  if (problem !== null) return { ...invalid(problem), ofParameter: true }
  return {
    kind: 'parsed',
    dialect,
    scheme,
    host: dialect === 'sqlite' ? '' : host,
    port: url.port === '' ? (defaultPorts[dialect] ?? 0) : Number(url.port),
    user,
    password,
    database,
    boundSchema: boundSchemaOf(dialect, database),
    parameters,
  }
}

function databaseOf(url: GoUrl, dialect: Dialect): string {
  if (dialect === 'sqlite') return url.host + url.path
  // The path of such a URL is that of the socket.
  if (url.scheme.endsWith('+unix')) return urlParameter(url, 'database') ?? ''
  return url.path.slice(1)
}

/**
 * The schema that the URL binds to: for MySQL the database in its path, for SQLite always `main`.
 */
function boundSchemaOf(dialect: Dialect, database: string): string | null {
  if (dialect === 'sqlite') return 'main'
  return (dialect === 'mysql' || dialect === 'mariadb') && database !== '' ? database : null
}

/**
 * Reads a database URL as Atlas v1.2.3 does with lib/pq. Never throws, and reads nothing else: no
 * environment, no password file, no service file.
 */
export function parseDatabaseUrl(text: string): DatabaseUrlParts | InvalidDatabaseUrl {
  if (text === '') return invalid('the URL is empty')
  const url = parseGoUrl(text)
  if ('problem' in url) return invalid(url.problem)
  const dialect = schemeDialect(url.scheme)
  if (dialect === null) return invalid('Atlas knows no database with the scheme of the URL')
  return dialect === 'postgres' ? parsePostgres(url) : parseOther(url, dialect)
}
