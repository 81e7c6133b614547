/**
 * Something that Atlas needs for its revisions table, and that the role of the session lacks.
 * - `CREATE`: on the database to make the schema, on the schema to make the table in it;
 * - `USAGE`: on the schema;
 * - `SELECT`, `INSERT`, `UPDATE`: on the table;
 * - `OWNER`: the table lacks a column that Atlas would add, which only its owner may do;
 * - `POLICY`: row level security holds for the role, and no policy lets it read, add and change rows.
 */
export interface LackingRight {
  readonly right: 'CREATE' | 'USAGE' | 'SELECT' | 'INSERT' | 'UPDATE' | 'OWNER' | 'POLICY'
  readonly on: 'database' | 'schema' | 'table'
}

/** What a session may do, as its server says. The operator logs in with the same URL. */
export interface DatabaseAccess {
  /** The role in force, which `role` of the URL or a setting of the login role may have changed. */
  readonly role: string
  /** Whether the server is a standby, which takes no writes until it is promoted. */
  readonly standby: boolean
  /** `default_transaction_read_only`: set for the server, the database, the role or in the URL. */
  readonly readOnly: boolean
  /** Whether there is no schema for the revisions table yet, so that Atlas makes it first. */
  readonly schemaMissing: boolean
  /** Empty when the role may make, read and write the revisions table. */
  readonly lacking: readonly LackingRight[]
}
