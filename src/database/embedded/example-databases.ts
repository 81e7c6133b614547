import { Client } from 'pg'
import type { Directory } from '../../atlas/directory/directory.js'
import { parseFileName } from '../../atlas/directory/file.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import { scanStatements } from '../../atlas/statement/statement.js'

/** The revisions table as Atlas v1.2.3 creates it on PostgreSQL. */
const createTable = `
  CREATE SCHEMA ${revisionsTable};
  CREATE TABLE ${revisionsTable}.${revisionsTable} (
    version character varying NOT NULL PRIMARY KEY,
    description character varying NOT NULL,
    type bigint NOT NULL DEFAULT 2,
    applied bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    executed_at timestamptz NOT NULL,
    execution_time bigint NOT NULL,
    error text,
    error_stmt text,
    hash character varying NOT NULL,
    partial_hashes jsonb,
    operator_version character varying NOT NULL
  )`

const insertRow = `
  INSERT INTO ${revisionsTable}.${revisionsTable}
  VALUES ($1, $2, 2, $3, $3, clock_timestamp(), $4, '', '', $5, 'null', 'Atlas CLI v1.2.3')`

/**
 * The owner of the databases, as the example Secrets name it. The server trusts whoever reaches it.
 */
const owner = 'atlas'

export interface ExampleDatabase {
  readonly name: string
  /** The directories to apply one after the other, each from its first file to its last. */
  readonly directories: readonly Directory[]
}

/**
 * Creates databases and brings them to the state in which `atlas migrate apply` would leave them:
 * every statement run, and a row for every file. Only for a server of this process: no other part
 * of the program writes to a database.
 */
export async function createExampleDatabases(
  urlOf: (database: string) => string,
  databases: readonly ExampleDatabase[],
): Promise<void> {
  await withClient(urlOf('postgres'), client => client.query(`CREATE ROLE ${owner} LOGIN`))
  for (const { name, directories } of databases) {
    const create = `CREATE DATABASE "${name}" OWNER ${owner} STRATEGY file_copy`
    await withClient(urlOf('postgres'), client => client.query(create))
    await withClient(urlOf(name), async client => {
      await client.query(`SET ROLE ${owner}; ${createTable}`)
      for (const directory of directories) await applyDirectory(client, directory)
    })
  }
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

async function applyDirectory(client: Client, directory: Directory): Promise<void> {
  const hashes = new Map(directory.sum().lines.map(line => [line.name, line.hash]))
  for (const file of directory.files) {
    const scanned = scanStatements(file.content, 'postgres')
    if ('error' in scanned) throw new Error(`${file.name}: ${scanned.error.what}`)
    const started = process.hrtime.bigint()
    for (const statement of scanned.statements) await client.query(statement)
    const elapsed = process.hrtime.bigint() - started
    const { version, description } = parseFileName(file.name)
    const count = scanned.statements.length
    await client.query(insertRow, [version, description, count, elapsed, hashes.get(file.name)])
  }
}
