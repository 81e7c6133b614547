import type { Collation, ServerFacts } from '../../policy/facts/exported-table.js'
import { checkNames, object, parseAnswer, text, texts } from './answer-json.js'
import { revisionsTables } from './catalog-query.js'
import { lazily } from './lazily.js'
import type { TextRow } from '../wire/session.js'

/** The answer; fields that are null are left out. */
interface ServerRow {
  readonly version: string
  /** The row of pg_database, whose columns depend on the version. */
  readonly database: {
    readonly datcollate: string
    /** Only PostgreSQL 15 and newer. */
    readonly datlocprovider?: string
    readonly datcollversion?: string
    /** Only PostgreSQL 17 and newer; `daticulocale` in 15 and 16. */
    readonly datlocale?: string
    readonly daticulocale?: string
  }
  readonly actualVersion?: string
  readonly tableSchemas: readonly string[]
}

const ofVersions = ['datlocprovider', 'datcollversion', 'datlocale', 'daticulocale'] as const

const rowShape = object(
  {
    version: text,
    database: object(
      Object.fromEntries(['datcollate', ...ofVersions].map(name => [name, text])),
      ...ofVersions,
    ),
    actualVersion: text,
    tableSchemas: texts,
  },
  'actualVersion',
)

/** Only PostgreSQL 15 and newer have the function. */
const actualVersion = `CASE WHEN to_regprocedure('pg_catalog.pg_database_collation_actual_version(oid)') IS NOT NULL
  THEN substring(${lazily("format('SELECT pg_catalog.pg_database_collation_actual_version(%s) AS v', d.oid)")} FROM '<v>(.*)</v>') END`

/**
 * Asks for a {@link ServerRow}: one row with one column. The database's rights (datacl) are not
 * needed, so they are left out.
 */
export const serverQuery = `SELECT json_build_object(
    'version', current_setting('server_version'),
    'database', to_jsonb(d) - 'datacl',
    'actualVersion', ${actualVersion},
    'tableSchemas', coalesce((SELECT json_agg(n.nspname ORDER BY n.nspname COLLATE "C") FROM ${revisionsTables}
      AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'), '[]'))
  FROM pg_database d WHERE d.datname = current_database()`

/** @throws DatabaseFault for an answer that is not of the shape of the query. */
export function parseServerRow(rows: readonly TextRow[] | undefined): ServerFacts {
  const row = parseAnswer(rows, rowShape) as ServerRow
  checkNames(row.tableSchemas)
  return {
    // Distributions write more behind the version, such as `16.4 (Debian 16.4-1)`.
    version: row.version.replace(/ .*/s, ''),
    collation: collationOf(row),
    tableSchemas: row.tableSchemas,
  }
}

const providers: ReadonlyMap<string, string> = new Map(
  Object.entries({ c: 'libc', i: 'icu', b: 'builtin' }),
)

/**
 * The collation of the database. Before PostgreSQL 15 it always came from libc, and no version was
 * kept.
 */
function collationOf({ database, actualVersion }: ServerRow): Collation {
  const { datlocprovider = 'c', datcollate, datlocale, daticulocale } = database
  const own = datlocprovider === 'c' ? null : (datlocale ?? daticulocale)
  return {
    provider: providers.get(datlocprovider) ?? datlocprovider,
    name: own ?? datcollate,
    version: database.datcollversion ?? null,
    actualVersion: actualVersion ?? null,
  }
}
