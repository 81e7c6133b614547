import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { fromByteText, toByteText } from '../../atlas/text/byte-text.js'
import { fileDirectives } from '../../atlas/directory/directive.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { printScanError, scanByteTexts } from '../../atlas/statement/statement.js'
import type { DatabaseUrl } from '../../review/ports/ports.js'
import { openServer, type ReplayServer } from './replay-server.js'

/** Where a replay stopped, and why. */
export interface ReplayFailure {
  readonly kind: 'failed'
  readonly file: string
  /**
   * Number of the statement in its file, 1-based; null when the file cannot be split into
   * statements.
   */
  readonly statement: number | null
  /** Line of the file where the statement begins; 1-based. */
  readonly line: number
  /** The error in the database's words. */
  readonly message: string
  /** The whole statement. */
  readonly text: string
}

export type ReplayOutcome =
  { readonly kind: 'done'; readonly files: number; readonly statements: number } | ReplayFailure

export interface ReplayOptions {
  /**
   * URL of a server on which a database may be created. The database that it names is only
   * connected to.
   */
  readonly url: DatabaseUrl
  /** The files that Atlas runs on an empty database, in its order. */
  readonly files: readonly MigrationFile[]
  /** Ends the replay. The database is dropped all the same. */
  readonly signal: AbortSignal
  readonly onFile: (index: number) => void
}

/**
 * Runs files as `migrate apply` does: one statement after the other, and one transaction per file
 * (none with `atlas:txmode none`). They run in a new database, which is dropped at the end however
 * that comes about.
 * @throws ReplayError when the database cannot be created or dropped.
 */
export async function replay(options: ReplayOptions): Promise<ReplayOutcome> {
  const server = await openServer(options.url)
  const database = `atlas_admission_replay_${randomBytes(8).toString('hex')}`
  await server.create(database)
  try {
    return await replayIn(server, database, options)
  } finally {
    await server.drop(database)
  }
}

async function replayIn(
  server: ReplayServer,
  database: string,
  { files, signal, onFile }: ReplayOptions,
): Promise<ReplayOutcome> {
  const client = await server.connect(database)
  const stop = () => void client.end()
  signal.addEventListener('abort', stop, { once: true })
  let statements = 0
  try {
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted()
      onFile(index)
      const outcome = await replayFile(client, file)
      signal.throwIfAborted()
      if (typeof outcome !== 'number') return outcome
      statements += outcome
    }
    return { kind: 'done', files: files.length, statements }
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end()
  }
}

/**
 * Runs one file. Returns the number of its statements, or where it failed. The connection is of no
 * further use then, because its transaction stays open.
 */
export async function replayFile(
  client: Client,
  file: MigrationFile,
): Promise<number | ReplayFailure> {
  const scan = scanByteTexts(file.content, 'postgres')
  if ('error' in scan) {
    const { error } = scan
    const message = `the file cannot be split into statements: ${printScanError(error)}`
    return { kind: 'failed', file: file.name, statement: null, line: error.line, message, text: '' }
  }
  const inTransaction = fileDirectives(file.content, 'txmode')[0] !== 'none'
  const steps = scan.statements.map(fromByteText)
  if (inTransaction) await client.query('BEGIN')
  for (const [index, text] of steps.entries()) {
    const message = await attempt(client, text)
    if (message !== null) return { ...placeOf(file, scan.statements, index), message, text }
  }
  const message = inTransaction ? await attempt(client, 'COMMIT') : null
  if (message === null) return steps.length
  return { ...placeOf(file, scan.statements, steps.length - 1), message, text: 'COMMIT' }
}

/** Runs one statement. Returns the database's error, or null when it succeeded. */
async function attempt(client: Client, text: string): Promise<string | null> {
  try {
    await client.query(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function placeOf({ name, content }: MigrationFile, statements: readonly string[], index: number) {
  const bytes = toByteText(content)
  let start = 0
  let end = 0
  for (const statement of statements.slice(0, index + 1)) {
    start = bytes.indexOf(statement, end)
    end = start + statement.length
  }
  const line = bytes.slice(0, start).split('\n').length
  return { kind: 'failed', file: name, statement: index + 1, line } as const
}
