import type { Collation, ServerFacts } from '../../policy/facts/exported-table.js'
import { lazily, revisionsTables } from './catalog-query.js'
import type { TextRow } from '../wire/session.js'

interface ServerRow {
  readonly version: string
  /** The row of pg_database: which columns it has depends on the version. */
  readonly database: {
    readonly datcollate: string
    /** PostgreSQL 15 and newer. */
    readonly datlocprovider?: string
    readonly datcollversion?: string | null
    /** PostgreSQL 17 and newer; `daticulocale` in 15 and 16. */
    readonly datlocale?: string | null
    readonly daticulocale?: string | null
  }
  readonly actualVersion: string | null
  readonly tableSchemas: readonly string[]
}

/** Of PostgreSQL 15 and newer. */
const actualVersion = `CASE WHEN to_regprocedure('pg_catalog.pg_database_collation_actual_version(oid)') IS NOT NULL
  THEN substring(${lazily("format('SELECT pg_catalog.pg_database_collation_actual_version(%s) AS v', d.oid)")} FROM '<v>(.*)</v>') END`

/** One row, one column: {@link ServerRow}. Its rights (datacl) are nobody's business here. */
export const serverQuery = `SELECT json_build_object(
    'version', current_setting('server_version'),
    'database', to_jsonb(d) - 'datacl',
    'actualVersion', ${actualVersion},
    'tableSchemas', coalesce((SELECT json_agg(n.nspname ORDER BY n.nspname COLLATE "C") FROM ${revisionsTables}
      AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'), '[]'))
  FROM pg_database d WHERE d.datname = current_database()`

/** The only row of the only column, decoded. */
export function parseServerRow(rows: readonly TextRow[]): ServerFacts {
  const row = JSON.parse(rows[0]![0]!) as ServerRow
  return {
    // Distributions write more behind it, such as `16.4 (Debian 16.4-1)`.
    version: row.version.replace(/ .*/s, ''),
    collation: collationOf(row),
    tableSchemas: row.tableSchemas,
  }
}

const providers: ReadonlyMap<string, string> = new Map(
  Object.entries({ c: 'libc', i: 'icu', b: 'builtin' }),
)

/** Before PostgreSQL 15 a database had the collation of libc, and kept no version of it. */
function collationOf({ database, actualVersion }: ServerRow): Collation {
  const { datlocprovider = 'c', datcollate, datlocale, daticulocale } = database
  const own = datlocprovider === 'c' ? null : (datlocale ?? daticulocale)
  return {
    provider: providers.get(datlocprovider) ?? datlocprovider,
    name: own ?? datcollate,
    version: database.datcollversion ?? null,
    actualVersion,
  }
}
