import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Test } from 'tap'
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/database/embedded/embedded-postgres.js'

/** Runs statements of a test's own making, as the superuser, on one connection. */
export async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  await withClient(url, async client => {
    for (const statement of statements) await client.query(statement)
  })
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  // The server may end the session when a test stops it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** A server for one test file: ends with the file's test. One start costs about a second. */
export async function startTestPostgres(
  t: Test,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options)
  t.teardown(() => server.stop())
  return server
}

/** A fresh database, some 40 ms. Resolves to its URL, for the superuser. */
export async function createDatabase(server: EmbeddedPostgres): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await execute(server.url('postgres'), `CREATE DATABASE ${name} STRATEGY = FILE_COPY`)
  return server.url(name)
}

/** A row of the revisions table; what is left out is as the engine writes it after a success. */
export interface TestRevision {
  readonly version: string
  readonly description?: string
  readonly type?: number
  readonly applied?: number
  readonly total?: number
  readonly executedAt?: string
  readonly error?: string | null
  readonly errorStatement?: string | null
  readonly hash?: string
  /** `null` is SQL's NULL (the identifier row); the engine writes JSON's null after a success. */
  readonly partialHashes?: readonly string[] | 'json-null' | null
  readonly operatorVersion?: string
}

/** As Atlas v1.2.3 creates it on PostgreSQL. */
function tableDefinition(schema: string): string {
  return `CREATE TABLE ${quote(schema)}.atlas_schema_revisions (
    version character varying NOT NULL,
    description character varying NOT NULL,
    type bigint NOT NULL DEFAULT 2,
    applied bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    executed_at timestamptz NOT NULL,
    execution_time bigint NOT NULL,
    error text NULL,
    error_stmt text NULL,
    hash character varying NOT NULL,
    partial_hashes jsonb NULL,
    operator_version character varying NOT NULL,
    PRIMARY KEY (version))`
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Creates schema and table as `migrate apply` does. */
export async function createRevisionsTable(
  url: string,
  schema = 'atlas_schema_revisions',
): Promise<void> {
  await execute(url, `CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`, tableDefinition(schema))
}

function partialHashesJson(hashes: TestRevision['partialHashes']): string | null {
  if (hashes === null) return null
  return hashes === undefined || hashes === 'json-null' ? 'null' : JSON.stringify(hashes)
}

/** Writes rows as the engine does, in one statement. */
export async function insertRevisions(
  url: string,
  revisions: readonly TestRevision[],
  schema = 'atlas_schema_revisions',
): Promise<void> {
  const rows = revisions.map(row => ({
    version: row.version,
    description: row.description ?? '',
    type: row.type ?? 2,
    applied: row.applied ?? 1,
    total: row.total ?? 1,
    executed_at: row.executedAt ?? '2024-01-02T03:04:05.678901Z',
    execution_time: 1_234_567,
    error: row.error === undefined ? '' : row.error,
    error_stmt: row.errorStatement === undefined ? '' : row.errorStatement,
    hash: row.hash ?? '',
    operator_version: row.operatorVersion ?? 'Atlas CLI v1.2.3',
  }))
  const hashes = revisions.map(row => partialHashesJson(row.partialHashes))
  const table = `${quote(schema)}.atlas_schema_revisions`
  await withClient(url, client =>
    client.query(
      `INSERT INTO ${table} SELECT r.version, r.description, r.type, r.applied, r.total, r.executed_at,
         r.execution_time, r.error, r.error_stmt, r.hash, h.partial_hashes::jsonb, r.operator_version
       FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb) WITH ORDINALITY AS r
       JOIN unnest($2::text[]) WITH ORDINALITY AS h(partial_hashes, n) ON h.n = r.ordinality`,
      [JSON.stringify(rows), hashes],
    ),
  )
}
