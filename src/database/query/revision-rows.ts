import { escapeIdentifier } from 'pg'
import { identifierVersion, revisionsTable, type Revision } from '../../atlas/engine/revision.js'
import type { TextRow } from '../wire/session.js'
import { malformed } from './answer-json.js'

/** What `migrate status` does about a column that is not there, before it reads: it migrates the table. */
type Missing = 'added' | 'fails'

/**
 * Columns that a verdict needs, in the order of a row. Atlas adds a column that may be null or has a default;
 * adding one of the others fails once there are rows (v1.2.3).
 */
const columns = {
  version: 'fails',
  description: 'fails',
  type: 'added',
  applied: 'added',
  total: 'added',
  executed_at: 'fails',
  error: 'added',
  error_stmt: 'added',
  hash: 'fails',
  partial_hashes: 'added',
  operator_version: 'fails',
} as const satisfies Readonly<Record<string, Missing>>

type Column = keyof typeof columns

const columnNames = Object.keys(columns) as readonly Column[]

/** What to expect of a table that was never seen: that it is as Atlas makes it. */
export const usualColumns: readonly string[] = columnNames

/** Those of the columns that matter here. */
export function neededColumns(present: readonly string[]): readonly string[] {
  return columnNames.filter(name => present.includes(name))
}

/** Columns with values that Atlas would put there when it adds them (their defaults). */
const defaults: Readonly<Partial<Record<Column, string>>> = { type: '2', applied: '0', total: '0' }

/**
 * Reads the rows in the database's own order, as the engine does, up to a limit. `present`:
 * columns of the table.
 */
export function rowsQuery(schema: string, present: readonly string[], limit: number): string {
  const values = columnNames.map(name =>
    present.includes(name) ? `r.${name}` : `'${defaults[name] ?? ''}'`,
  )
  const table = `${escapeIdentifier(schema)}.${revisionsTable}`
  return `SELECT ${values.join(', ')} FROM ${table} r ORDER BY r.version LIMIT ${limit}`
}

/** @throws DatabaseFault when the table lacks a column that Atlas cannot add, too. */
export function checkColumns(present: readonly string[], hasRows: boolean): void {
  const missing = columnNames.find(name => !present.includes(name) && columns[name] === 'fails')
  if (missing !== undefined && (hasRows || missing === 'version')) {
    throw malformed(`it has no column ${missing}`)
  }
}

/**
 * Go scans an integer, and fails beyond 64 bits; null is its zero. Beyond 53 bits a number here is another one, which
 * no count and no type of a row ever is.
 */
function parseInteger(text: string | null, column: Column): number {
  if (text === null) return 0
  const value = /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw malformed(`${column} is not an integer in a row`)
  return value
}

/** PostgreSQL's ISO style in UTC to RFC 3339; empty for null and for what is no time, such as infinity. */
function parseTime(text: string | null): string {
  const [, date, time] =
    /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00|Z)?$/.exec(text ?? '') ?? []
  return date === undefined ? '' : `${date}T${time}Z`
}

/**
 * Characters of partial hashes in all rows: only rows that failed have any, a file of 20,000 statements 1 MiB of them.
 * A byte of JSON becomes up to eight in memory.
 */
const maxHashesLength = 4 * 1024 * 1024

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Nested lists and objects cost many times their text, and no hash has such a character. */
function isFlatList(text: string): boolean {
  return text.lastIndexOf('[') === text.indexOf('[') && !text.includes('{')
}

/** Go decodes into a list of texts; JSON's null and an absent value are an empty one. */
function parsePartialHashes(text: string | null): readonly string[] {
  if (text === null || text === '' || text === 'null') return []
  const value = isFlatList(text) ? parseJson(text) : undefined
  if (Array.isArray(value) && value.every(entry => typeof entry === 'string')) return value
  throw malformed('partial_hashes is no list of texts in a row')
}

function parseRevision(row: TextRow): Revision {
  const text = (column: Column) => row[columnNames.indexOf(column)] ?? null
  return {
    version: text('version') ?? '',
    description: text('description') ?? '',
    type: parseInteger(text('type'), 'type'),
    applied: parseInteger(text('applied'), 'applied'),
    total: parseInteger(text('total'), 'total'),
    executedAt: parseTime(text('executed_at')),
    error: text('error') ?? '',
    errorStatement: text('error_stmt') ?? '',
    hash: text('hash') ?? '',
    partialHashes: parsePartialHashes(text('partial_hashes')),
    operatorVersion: text('operator_version') ?? '',
  }
}

/** A UUID has 36; what is longer is remembered of no database. */
const maxIdentifierLength = 64

/** Rows of the table, without the identifier row, and that row's UUID. */
export interface RevisionRows {
  readonly revisions: readonly Revision[]
  readonly identifier: string | null
}

/** @throws DatabaseFault for a value that Atlas could not read either, and for what no server answers. */
export function parseRevisionRows(rows: readonly TextRow[]): RevisionRows {
  checkExtent(rows)
  const identifierRow = rows.find(([version]) => version === identifierVersion)
  const identifier = identifierRow?.[1] ?? null
  return {
    revisions: rows.filter(row => row !== identifierRow).map(parseRevision),
    identifier: identifier !== null && identifier.length <= maxIdentifierLength ? identifier : null,
  }
}

const hashesColumn = columnNames.indexOf('partial_hashes')

function checkExtent(rows: readonly TextRow[]): void {
  let hashesLength = 0
  for (const row of rows) {
    if (row.length !== columnNames.length) throw malformed('a row has other columns')
    hashesLength += row[hashesColumn]?.length ?? 0
  }
  if (hashesLength > maxHashesLength) throw malformed('partial_hashes has more than 4 MiB')
}
