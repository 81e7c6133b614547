import { escapeIdentifier } from 'pg'
import { identifierVersion, revisionsTable, type Revision } from '../../atlas/engine/revision.js'
import type { TextRow } from '../wire/session.js'
import { malformed } from './answer-json.js'

/**
 * What `migrate status` does about a missing column before it reads, because it migrates the table:
 * it adds the column, or fails.
 */
type Missing = 'added' | 'fails'

/**
 * Columns that a verdict needs, in the order of a row. Atlas adds a missing column that may be null
 * or has a default. Adding one of the others fails once there are rows (v1.2.3).
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

/** The columns to expect of a table that was not seen before: those that Atlas creates. */
export const usualColumns: readonly string[] = columnNames

/** The columns that matter here, out of those present. */
export function neededColumns(present: readonly string[]): readonly string[] {
  return columnNames.filter(name => present.includes(name))
}

/** The defaults that Atlas gives columns when it adds them. */
const defaults: Readonly<Partial<Record<Column, string>>> = { type: '2', applied: '0', total: '0' }

/**
 * Reads the rows in the database's own order, as the engine does, up to a limit. `present` are the
 * columns of the table.
 */
export function rowsQuery(schema: string, present: readonly string[], limit: number): string {
  const values = columnNames.map(name =>
    present.includes(name) ? `r.${name}` : `'${defaults[name] ?? ''}'`,
  )
  const table = `${escapeIdentifier(schema)}.${revisionsTable}`
  return `SELECT ${values.join(', ')} FROM ${table} r ORDER BY r.version LIMIT ${limit}`
}

/** @throws DatabaseFault when the table lacks a column that Atlas cannot add. */
export function checkColumns(present: readonly string[], hasRows: boolean): void {
  const missing = columnNames.find(name => !present.includes(name) && columns[name] === 'fails')
  if (missing !== undefined && (hasRows || missing === 'version')) {
    throw malformed(`it has no column ${missing}`)
  }
}

/**
 * Reads an integer as Go does: it fails beyond 64 bits, and null is zero. Beyond 53 bits the number
 * here is not exact, but no count and no type of a row is that large.
 */
function parseInteger(text: string | null, column: Column): number {
  if (text === null) return 0
  const value = /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw malformed(`${column} is not an integer in a row`)
  return value
}

/**
 * A time in PostgreSQL's ISO style and UTC as RFC 3339; empty for null, and for what is no time,
 * such as infinity.
 */
function parseTime(text: string | null): string {
  const [, date, time] =
    /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00|Z)?$/.exec(text ?? '') ?? []
  return date === undefined ? '' : `${date}T${time}Z`
}

/**
 * Most characters of partial hashes in all rows together. Only failed rows have any, and a file of
 * 20,000 statements has 1 MiB of them. A byte of JSON becomes up to eight in memory.
 */
const maxHashesLength = 4 * 1024 * 1024

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Whether a text is a flat list. Nested lists and objects take many times the memory of their text,
 * and no hash has their characters.
 */
function isFlatList(text: string): boolean {
  return text.lastIndexOf('[') === text.indexOf('[') && !text.includes('{')
}

/** Reads a list of texts as Go does: JSON's null, and a missing value, are an empty list. */
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

/** Longest identifier. A UUID has 36 characters, and nothing longer is remembered. */
const maxIdentifierLength = 64

/** The rows of the table without the row of Atlas Cloud's identifier, and the UUID in that row. */
export interface RevisionRows {
  readonly revisions: readonly Revision[]
  readonly identifier: string | null
}

/**
 * @throws DatabaseFault for a value that Atlas could not read either, and for one that no
 * PostgreSQL server sends.
 */
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
