import type { Dialect } from './facts.js'
import { parseGoUrl, type GoUrl } from './go-url.js'

/** A database URL, taken apart as Atlas and its driver do. Holds the password: never log it. */
export interface DatabaseUrlParts {
  readonly kind: 'parsed'
  readonly dialect: Dialect
  /** In lower case, such as `postgres`. */
  readonly scheme: string
  /** Name or address, a folder of a Unix socket (`/…`), or a list separated by commas; may be empty. */
  readonly host: string
  /** The dialect's own when the URL has none; 0 when that is not known. */
  readonly port: number
  readonly user: string
  readonly password: string
  /** For SQLite the path of the file. */
  readonly database: string
  /** Schema that the URL binds to (for PostgreSQL the raw `search_path`), or null. */
  readonly boundSchema: string | null
  /** In the order of the URL, without those that Go drops. */
  readonly parameters: readonly (readonly [string, string])[]
}

export interface InvalidDatabaseUrl {
  readonly kind: 'invalid'
  /** A sentence without any part of the URL. */
  readonly problem: string
}

/**
 * Schemes that Atlas documents (atlasgo.io/concepts/url, 2026). The build that the operator ships knows more
 * dialects than the open one, so those are listed that we only have to recognize.
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
 * A line break or another control character in a part that is sent to the server: percent-encoded it passes every
 * parser, and whoever does not speak PostgreSQL may take what follows for a command of its own.
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

/** C0, DEL and C1, and the line breaks of Unicode. */
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
 * lib/pq turns the parts and the parameters of a URL into `key='value'` pairs, sorts them and lets the last
 * one win (`convertURL`, v1.12.3; empty values are left out). So a parameter does not simply override.
 */
function winning(fromUrl: string, fromParameter: string | null): string {
  const escaped = (value: string) => Buffer.from(`${value.replaceAll(/['\\]/g, '\\$&')}'`)
  const values = [fromUrl, fromParameter ?? ''].filter(value => value !== '')
  return values.sort((a, b) => Buffer.compare(escaped(a), escaped(b))).at(-1) ?? ''
}

/** Of lib/pq v1.12.3; v1.10 knows neither `allow` nor `prefer`. Empty means `require`. */
const sslModes = ['', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

function parsePostgres(url: GoUrl): DatabaseUrlParts | InvalidDatabaseUrl {
  const get = (name: string) => urlParameter(url, name)
  const port = winning(url.port, get('port')) || '5432'
  // One port for several hosts is fine, a list of them is not told apart here.
  if (!port.includes(',') && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    return invalid('the port of the URL is not a number from 1 to 65535')
  }
  if (!sslModes.includes(get('sslmode') ?? '')) {
    return invalid(`the sslmode of the URL is none of ${sslModes.slice(1).join(', ')}`)
  }
  // PostgreSQL's protocol ends texts with it: what follows would count as something else.
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
    // The server takes the user's name for a database that is not named.
    database: winning(url.path.slice(1), get('dbname')) || user,
    boundSchema: get('search_path') || null,
    parameters: url.parameters,
  }
}

function parseOther(url: GoUrl, dialect: Dialect): DatabaseUrlParts | InvalidDatabaseUrl {
  const { scheme, host, user, password, parameters } = url
  const database = databaseOf(url, dialect)
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
  // The path of such a URL is the socket's.
  if (url.scheme.endsWith('+unix')) return urlParameter(url, 'database') ?? ''
  return url.path.slice(1)
}

/** Semantics c.1: MySQL binds to the database of its path, SQLite always to `main`. */
function boundSchemaOf(dialect: Dialect, database: string): string | null {
  if (dialect === 'sqlite') return 'main'
  return (dialect === 'mysql' || dialect === 'mariadb') && database !== '' ? database : null
}

/**
 * Reads a database URL as Atlas v1.2.3 with lib/pq does. Never throws and reads nothing else: no
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
