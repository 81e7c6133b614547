import { readFile } from 'node:fs/promises'
import { ownValue } from '../../atlas/text/own-value.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { TableFacts } from '../../policy/facts/facts.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { claimsToBeSame } from '../../policy/facts/same-database.js'
import type { DatabaseUrl, RevisionsReader, TableQuery } from '../../review/ports/ports.js'
import type { Arguments } from '../line/arguments.js'
import type { CommandOption } from '../line/command.js'
import { UsageError } from '../line/usage-error.js'

/** Options for databases that are asked in place of those that the objects name. */
export const databaseOptions: readonly CommandOption[] = [
  {
    name: 'url',
    value: '[NAME=]env:VAR|file:PATH',
    repeatable: true,
    help: 'where the database URL of AtlasMigration NAME (or NAMESPACE/NAME) stands; without NAME of all',
  },
  {
    name: 'rows',
    value: '[NAME=]FILE',
    repeatable: true,
    help: 'rows of its revisions table as `atlas-admission export` writes them, in place of a database',
  },
  { name: 'offline', help: 'ask no database: what needs one is left out' },
]

/** Something that replaces the database of one AtlasMigration, or of all. */
interface Named {
  /** `name` or `namespace/name`; null for all. */
  readonly name: string | null
  /**
   * The option as it was given, for messages. It names a variable or a file, and never holds a URL.
   */
  readonly given: string
}

export type UrlPlace = { readonly kind: 'env' | 'file'; readonly place: string }

export interface DatabaseChoice {
  readonly offline: boolean
  readonly urls: readonly (Named & UrlPlace)[]
  readonly rows: readonly (Named & { readonly file: string })[]
}

/** The rows of a revisions table, read at another time. */
export interface ExportedTable {
  /** Name of the database they come from. */
  readonly database: string
  /** null when it is not known. The rows then count as those of the schema that is asked for. */
  readonly revisionsSchema: string | null
  readonly boundSchema: string | null
  readonly table: Extract<TableFacts, { readonly kind: 'read' }>
}

/** @throws UsageError for a text that names neither a variable nor a file. */
export function parseDatabaseChoice(args: Arguments): DatabaseChoice {
  return {
    offline: args.isSet('offline'),
    urls: args.values('url').map(parseUrlOption),
    rows: args.values('rows').map(parseRowsOption),
  }
}

const urlPattern = /^(?:([^=]+)=)?(env|file):(.+)$/s

function parseUrlOption(text: string): DatabaseChoice['urls'][number] {
  const [, name = null, kind, place] = urlPattern.exec(text) ?? []
  // The text may be a URL with a password, so it is not repeated.
  if (kind === undefined || place === undefined)
    throw new UsageError(
      '--url: expected [NAME=]env:VARIABLE or [NAME=]file:PATH; a URL itself would show in the process list',
    )
  return { name, given: `--url ${text}`, kind: kind as UrlPlace['kind'], place }
}

function parseRowsOption(text: string): DatabaseChoice['rows'][number] {
  const given = `--rows ${text}`
  const separator = text.indexOf('=')
  if (separator < 1) return { name: null, given, file: text }
  return { name: text.slice(0, separator), given, file: text.slice(separator + 1) }
}

/**
 * The URL in a variable or a file, without white space around it.
 * @throws UsageError when there is none; `option` is the option that named the place.
 */
export async function readUrlText(
  { kind, place }: UrlPlace,
  {
    option,
    environment,
  }: { readonly option: string; readonly environment: Arguments['environment'] },
): Promise<string> {
  const text = kind === 'env' ? ownValue(environment, place) : await readUrlFile(place, option)
  const url = text?.trim()
  if (url) return url
  const where = kind === 'env' ? `the variable ${place}` : `the file ${place}`
  const what = text === undefined ? 'is not set' : 'is empty'
  throw new UsageError(`${option}: ${where} ${what}; expected a database URL in it`)
}

async function readUrlFile(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`${option}: the file ${path} cannot be read (${code})`, { cause: error })
  }
}

export interface ChosenDatabases {
  /** The object with the database that was chosen for it; the same object where none was. */
  readonly substitute: (migration: AtlasMigration) => AtlasMigration
  /** Answers from the given rows, or asks a database, or knows nothing where none may be asked. */
  readonly reader: RevisionsReader
  /** The options whose name no object had, as they were given. */
  readonly unused: () => readonly string[]
}

export interface DatabaseSources {
  readonly environment: Arguments['environment']
  /** A reader for databases that may be connected to. */
  readonly reader: RevisionsReader
  /** Rejects with a CodedError that names the file and what is wrong with it. */
  readonly readExport: (file: string) => Promise<ExportedTable>
}

/**
 * Reads what the options name, once. Rows win over URLs, and a name with a namespace over one
 * without.
 */
export async function openDatabases(
  choice: DatabaseChoice,
  sources: DatabaseSources,
): Promise<ChosenDatabases> {
  const exported = new Map<string, ExportedTable>()
  const stand: Stand[] = []
  for (const [index, { name, given, file }] of choice.rows.entries()) {
    const table = await sources.readExport(file)
    const url = exportUrl(table, index)
    exported.set(url, table)
    stand.push({ name, given, url })
  }
  for (const { name, given, ...place } of choice.urls) {
    const { environment } = sources
    stand.push({ name, given, url: await readUrlText(place, { option: given, environment }) })
  }
  const used = new Set<Stand>()
  const asked = choice.offline ? silentReader : sources.reader
  return {
    substitute(migration) {
      const found = findStand(stand, migration)
      if (found === undefined) return migration
      used.add(found)
      return withUrl(migration, found.url)
    },
    reader: exported.size === 0 ? asked : buildExportReader(exported, asked),
    unused: () => stand.filter(entry => !used.has(entry)).map(({ given }) => given),
  }
}

interface Stand extends Named {
  readonly url: string
}

function findStand(stand: readonly Stand[], migration: AtlasMigration): Stand | undefined {
  const names = [migrationName(migration), migration.metadata.name, null]
  for (const name of names) {
    const found = stand.find(entry => entry.name === name)
    if (found) return found
  }
  return undefined
}

function withUrl(migration: AtlasMigration, url: string): AtlasMigration {
  const { urlFrom: _from, credentials: _credentials, ...spec } = migration.spec
  return { ...migration, spec: { ...spec, url } }
}

/** A URL that can never exist (RFC 2606), and that tells which rows stand for the database. */
function exportUrl({ database, boundSchema }: ExportedTable, index: number): string {
  const search = boundSchema === null ? '' : `?search_path=${encodeURIComponent(boundSchema)}`
  return `postgres://rows@${index}.rows.invalid/${encodeURIComponent(database)}${search}`
}

/** A reader that connects to nothing and knows nothing. */
export const silentReader: RevisionsReader = {
  readTable: async () => ({ kind: 'unread' }),
  readIdentity: async () => null,
}

function buildExportReader(
  exported: ReadonlyMap<string, ExportedTable>,
  other: RevisionsReader,
): RevisionsReader {
  const known = (url: DatabaseUrl) => exported.get(url.reveal())
  return {
    async readTable(query, deadline) {
      const table = known(query.url)
      return table ? exportedTable(table, query) : other.readTable(query, deadline)
    },
    async readIdentity(url, deadline) {
      return known(url)?.table.identity ?? other.readIdentity(url, deadline)
    },
    async readObjects(query, deadline) {
      return known(query.url) ? null : ((await other.readObjects?.(query, deadline)) ?? null)
    },
    async compareDatabases(question, deadline) {
      const [a, b] = question.urls.map(url => known(url)?.table.identity)
      // Rows from a file prove nothing: a copy of a database says the same of itself.
      if (a && b) return claimsToBeSame(a, b) ? 'alike' : 'different'
      if (a || b) return 'unknown'
      return (await other.compareDatabases?.(question, deadline)) ?? 'unknown'
    },
  }
}

/**
 * The rows, or a failure if they are of another schema: rows of another table would lead to a wrong
 * verdict.
 */
function exportedTable({ table, revisionsSchema }: ExportedTable, query: TableQuery): TableFacts {
  if (revisionsSchema === null || revisionsSchema === query.revisionsSchema) return table
  const message =
    `the rows given are of schema "${revisionsSchema}", the operator looks in "${query.revisionsSchema}"; ` +
    'export that schema'
  return { kind: 'failed', failure: 'other', message }
}
