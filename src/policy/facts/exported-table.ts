import type { TableFacts } from './facts.js'

/** How a database orders texts, in PostgreSQL's terms. */
export interface Collation {
  /** `libc`, `icu` or `builtin`. */
  readonly provider: string
  /**
   * For libc the locale of LC_COLLATE (`C`, `en_US.UTF-8`), else the provider's own name of the
   * locale.
   */
  readonly name: string
  /**
   * Version of the provider's rules when the database was made; null where there are no versions,
   * as for C.
   */
  readonly version: string | null
  /**
   * The version that the server uses now. If it is another one, it may order texts otherwise than
   * the indexes do.
   */
  readonly actualVersion: string | null
}

/** What a comparison of two databases needs to know of a server. */
export interface ServerFacts {
  /** Such as `16.4`. */
  readonly version: string
  /** The collation of the database. */
  readonly collation: Collation
  /**
   * Schemas with a revisions table, in bytewise order, the one that the operator uses among them.
   */
  readonly tableSchemas: readonly string[]
}

/** The revisions table of a database at some time. Holds no URL, no address and no SQL. */
export interface TableExport {
  /** RFC 3339 in UTC; null for rows that another tool wrote. */
  readonly exportedAt: string | null
  /** Name of the database; empty for rows that another tool wrote. */
  readonly database: string
  /** null for rows that another tool wrote, since they may be of any schema. */
  readonly revisionsSchema: string | null
  /** The schema that the URL binds to, or null. */
  readonly boundSchema: string | null
  /** null for rows that another tool wrote. */
  readonly server: ServerFacts | null
  /** The texts of errors and failed statements are empty, because no prediction needs them. */
  readonly table: Extract<TableFacts, { readonly kind: 'read' }>
}

/** What was read from a server itself, not from a file. */
export interface LiveTable extends TableExport {
  readonly exportedAt: string
  readonly revisionsSchema: string
  readonly server: ServerFacts
}
