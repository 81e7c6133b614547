import type { TableFacts } from './facts.js'

/** How a database orders texts, in PostgreSQL's words. */
export interface Collation {
  /** `libc`, `icu` or `builtin`. */
  readonly provider: string
  /** Of libc the locale of LC_COLLATE (`C`, `en_US.UTF-8`), else the provider's own name of the locale. */
  readonly name: string
  /** Version of the provider's rules when the database was made; null where they have none, as of C. */
  readonly version: string | null
  /** The version that the server has now: another one may order texts otherwise than the indexes do. */
  readonly actualVersion: string | null
}

/** What only a comparison of two databases needs to know of a server. */
export interface ServerFacts {
  /** Such as `16.4`. */
  readonly version: string
  /** Of the database. */
  readonly collation: Collation
  /** Schemas with a revisions table, the operator's own one among them; bytewise order. */
  readonly tableSchemas: readonly string[]
}

/** The revisions table of a database as it was at some time. Holds no URL, no address and no SQL. */
export interface TableExport {
  /** RFC 3339, UTC; null for rows that another tool wrote. */
  readonly exportedAt: string | null
  /** Name of the database; empty for rows that another tool wrote. */
  readonly database: string
  /** null for rows that another tool wrote: they may be of any schema. */
  readonly revisionsSchema: string | null
  /** Schema that the URL binds to, or null. */
  readonly boundSchema: string | null
  /** null for rows that another tool wrote. */
  readonly server: ServerFacts | null
  /** Texts of errors and failed statements are empty in it: nothing is predicted from them. */
  readonly table: Extract<TableFacts, { readonly kind: 'read' }>
}

/** What was read of a server itself. */
export interface LiveTable extends TableExport {
  readonly exportedAt: string
  readonly revisionsSchema: string
  readonly server: ServerFacts
}
