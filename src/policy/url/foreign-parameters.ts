import type { Dialect } from '../facts/facts.js'

/** A parameter that another driver or tool reads in its own URLs. */
export interface ForeignParameter {
  /** Whose it is, as a genitive: `Prisma's`. */
  readonly owner: string
  /** The parameter to write instead; null where it only has to go. */
  readonly write: string | null
}

interface Owner {
  readonly owner: string
  /** By its name, what to write instead. */
  readonly instead?: Readonly<Record<string, string>>
  /** Names of those that have no counterpart, separated by blanks. */
  readonly drop: string
}

/** Of owners with one name, the first counts. */
const postgresOwners: readonly Owner[] = [
  {
    owner: "Prisma's",
    instead: { schema: 'search_path' },
    drop: 'pgbouncer connection_limit pool_timeout sslaccept sslidentity socket_timeout statement_cache_size single_use_connections max_connection_lifetime max_idle_connection_lifetime',
  },
  {
    owner: "asyncpg's or node-postgres's",
    instead: { ssl: 'sslmode', uselibpqcompat: 'sslmode' },
    drop: 'command_timeout prepared_statement_cache_size prepared_statement_name_func server_settings max_cacheable_statement_size max_cached_statement_lifetime idletimeoutmillis connectiontimeoutmillis',
  },
  {
    owner: "JDBC's",
    instead: {
      currentschema: 'search_path',
      applicationname: 'application_name',
      connecttimeout: 'connect_timeout',
      logintimeout: 'connect_timeout',
      targetservertype: 'target_session_attrs',
      loadbalancehosts: 'load_balance_hosts',
    },
    drop: 'sslfactory sslhostnameverifier rewritebatchedinserts preparethreshold sockettimeout tcpkeepalive stringtype preferquerymode defaultrowfetchsize readonly binarytransfer binarytransferenable autosave cancelsignaltimeout escapesyntaxcallmode loggerlevel assumeminserverversion servertimezone allowpublickeyretrieval usessl',
  },
  {
    owner: "libpq's",
    drop: 'channel_binding gssencmode gsslib gssdelegation keepalives keepalives_idle keepalives_interval keepalives_count requirepeer require_auth sslcompression sslcrl sslcrldir sslcertmode sslpassword requiressl',
  },
  {
    owner: "Rails'",
    instead: { schema_search_path: 'search_path' },
    drop: 'adapter pool encoding reaping_frequency checkout_timeout prepared_statements statement_limit min_messages variables advisory_locks idle_timeout insert_returning',
  },
  {
    owner: "pgx's",
    drop: 'pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter pool_max_conn_idle_time pool_health_check_period default_query_exec_mode statement_cache_capacity statement_cache_mode description_cache_capacity prefer_simple_protocol',
  },
  { owner: "sqlx's", instead: { 'ssl-mode': 'sslmode' }, drop: 'statement-cache-capacity' },
  {
    owner: "SQLAlchemy's",
    drop: 'async_fallback charset pool_size max_overflow pool_recycle pool_pre_ping executemany_mode',
  },
  { owner: "Django's", drop: 'conn_max_age conn_health_checks disable_server_side_cursors' },
  {
    owner: "Npgsql's",
    instead: { searchpath: 'search_path', timeout: 'connect_timeout' },
    drop: 'pooling maxpoolsize minpoolsize commandtimeout trustservercertificate includeerrordetail multiplexing',
  },
  { owner: "Ecto's", drop: 'queue_target queue_interval' },
  { owner: "postgres.js's", drop: 'max max_lifetime prepare fetch_types' },
  { owner: "Supabase's or Vercel's", drop: 'supa workaround' },
  {
    owner: "golang-migrate's",
    drop: 'x-migrations-table x-migrations-table-quoted x-multi-statement x-multi-statement-max-size x-statement-timeout x-lock-strategy x-lock-table x-no-lock',
  },
  { owner: "MySQL's", drop: 'tls parsetime multistatements' },
]

const mysqlOwners: readonly Owner[] = [
  {
    owner: "Prisma's",
    drop: 'connection_limit pool_timeout sslaccept sslidentity sslcert sslpassword socket_timeout statement_cache_size',
  },
  {
    owner: "JDBC's",
    instead: { usessl: 'tls', sslmode: 'tls', connecttimeout: 'timeout' },
    drop: 'servertimezone allowpublickeyretrieval characterencoding useunicode autoreconnect requiressl verifyservercertificate rewritebatchedstatements zerodatetimebehavior cacheprepstmts useserverprepstmts nullcatalogmeanscurrent createdatabaseifnotexist uselegacydatetimecode',
  },
  {
    owner: "another client's",
    instead: { ssl: 'tls', 'ssl-mode': 'tls', ssl_mode: 'tls' },
    drop: '',
  },
  { owner: "Rails'", drop: 'adapter pool encoding reconnect prepared_statements' },
  { owner: "SQLAlchemy's", drop: 'pool_size max_overflow pool_recycle' },
  { owner: "golang-migrate's", drop: 'x-migrations-table x-no-lock x-statement-timeout x-tls' },
]

function byName(owners: readonly Owner[]): ReadonlyMap<string, ForeignParameter> {
  const known = new Map<string, ForeignParameter>()
  const add = (name: string, parameter: ForeignParameter) =>
    known.has(name) ? known : known.set(name, parameter)
  for (const { owner, instead = {}, drop } of owners) {
    for (const [name, write] of Object.entries(instead)) add(name, { owner, write })
    for (const name of drop.split(' ').filter(Boolean)) add(name, { owner, write: null })
  }
  return known
}

const ofPostgres = byName(postgresOwners)
const ofMysql = byName(mysqlOwners)

/**
 * Whose parameter this is, if it is known for another driver or tool and neither the operator's
 * driver nor the server takes it. Case does not matter, as in the names of a server's settings.
 */
export function foreignParameter(name: string, dialect: Dialect): ForeignParameter | null {
  const known = dialect === 'postgres' ? ofPostgres : ofMysql
  return known.get(name.toLowerCase()) ?? null
}
