import { revisionsTable } from '../../atlas/engine/revision.js'
import { parseDatabaseUrl, type DatabaseUrlParts } from '../../policy/url/database-url.js'
import type { LiveTable, ServerFacts } from '../../policy/facts/exported-table.js'
import type { Sameness, TableFacts } from '../../policy/facts/facts.js'
import { ConcealedUrl } from '../../review/url/concealed-url.js'
import type { DatabaseComparison, DatabaseUrl, Deadline } from '../../review/ports/ports.js'
import type { PooledReader } from '../../gate/pooled-reader.js'
import { DatabaseReadError } from '../input/database-read-error.js'

/** A reader that also tells about the server, and proves which databases are one. */
export interface ServerReader extends PooledReader {
  compareDatabases(question: DatabaseComparison, deadline: Deadline): Promise<Sameness>
  /** null when the server cannot tell in time. */
  readServer(url: DatabaseUrl, deadline: Deadline): Promise<ServerFacts | null>
}

/** Which revisions table is to be read. */
export interface LiveTableChoice {
  /** Where its URL came from, for messages, such as `env:SHOP_URL`. */
  readonly source: string
  readonly url: string
  /** The schema of the revisions table; null: the one that the operator uses by default. */
  readonly revisionsSchema: string | null
}

/**
 * Reads a revisions table as the operator would see it, and facts about its server.
 * @throws DatabaseReadError
 */
export async function readLiveTable(
  choice: LiveTableChoice,
  reader: ServerReader,
  deadline: Deadline,
): Promise<LiveTable> {
  const { source } = choice
  const parts = parsePostgresUrl(choice)
  const { boundSchema, database } = parts
  const url = new ConcealedUrl(choice.url)
  // The operator's order: spec.revisionsSchema, then the schema of the URL, then Atlas's own name.
  const revisionsSchema = choice.revisionsSchema ?? boundSchema ?? revisionsTable
  const question = { url, boundSchema, revisionsSchema }
  const revisionsSchemaIsSet = choice.revisionsSchema !== null
  const table = await reader.readTable({ ...question, revisionsSchemaIsSet }, deadline)
  if (table.kind !== 'read') throw new DatabaseReadError(source, failureOf(table))
  const server = await reader.readServer(url, deadline)
  if (server === null) throw new DatabaseReadError(source, 'its server did not tell about itself')
  const exportedAt = new Date().toISOString()
  return { exportedAt, database, revisionsSchema, boundSchema, server, table }
}

function failureOf(table: Exclude<TableFacts, { readonly kind: 'read' }>): string {
  return table.kind === 'failed' ? table.message : 'nothing was read of the database'
}

/** Names of databases that Atlas knows and this program does not read. */
const otherDatabases: Readonly<Record<string, string>> = {
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  sqlite: 'SQLite',
  other: 'another database',
}

function parsePostgresUrl({ source, url }: LiveTableChoice): DatabaseUrlParts {
  const parts = parseDatabaseUrl(url)
  if (parts.kind === 'invalid') throw new DatabaseReadError(source, parts.problem)
  const other = otherDatabases[parts.dialect]
  if (other === undefined) return parts
  throw new DatabaseReadError(source, `the URL is one of ${other}; only PostgreSQL is read so far`)
}
