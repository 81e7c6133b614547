import { identifierVersion } from '../../atlas/engine/revision.js'
import { formatFieldPath } from '../../policy/text/field-path.js'
import {
  fitShape,
  type ObjectShape,
  type Shape,
  type ShapeMistake,
} from '../../review/object/shape.js'
import { RowsError } from './rows-error.js'

/**
 * A row of the revisions table, by the names of its columns. A row of psql's `json_agg` reads the
 * same.
 */
export interface ExportedRow {
  readonly version: string
  readonly description?: string
  readonly type?: number
  readonly applied: number
  readonly total: number
  readonly executed_at?: string
  readonly hash: string
  readonly partial_hashes?: readonly string[]
  readonly operator_version?: string
}

/** The whole file. A key whose value is null may be missing, except for the rows. */
export interface ExportFile {
  readonly format: 'atlas-admission/revisions'
  readonly formatVersion: number
  readonly exportedAt: string
  readonly database: {
    readonly dialect: 'postgres'
    readonly name: string
    readonly system: string
    readonly oid: string
    /** The UUID in the table's row of Atlas Cloud's identifier. */
    readonly identifier?: string | null
  }
  readonly server: {
    readonly version: string
    readonly collation: { readonly provider: string; readonly name: string } & Versions
    readonly tableSchemas: readonly string[]
  }
  readonly boundSchema?: string | null
  readonly revisionsSchema: string
  readonly ambiguous: boolean
  readonly elsewhere: readonly string[]
  readonly notClean?: string | null
  readonly locked: boolean
  /** The rows in the order in which the database returned them; null for no table. */
  readonly revisions?: readonly ExportedRow[] | null
}

interface Versions {
  readonly version?: string | null
  readonly actualVersion?: string | null
}

const text: Shape = { type: 'string' }
const whole: Shape = { type: 'integer' }
const flag: Shape = { type: 'boolean' }
const texts: Shape = { type: 'array', items: text }

function all(
  properties: Readonly<Record<string, Shape>>,
  optional: readonly string[],
): ObjectShape {
  const required = Object.keys(properties).filter(key => !optional.includes(key))
  return { type: 'object', properties, required }
}

const row = all(
  {
    version: text,
    description: text,
    type: whole,
    applied: whole,
    total: whole,
    executed_at: text,
    hash: text,
    partial_hashes: texts,
    operator_version: text,
  },
  ['description', 'type', 'executed_at', 'partial_hashes', 'operator_version'],
)

const rows: Shape = { type: 'array', items: row }

const collation = all({ provider: text, name: text, version: text, actualVersion: text }, [
  'version',
  'actualVersion',
])

const exportFile = all(
  {
    format: { type: 'string', enum: ['atlas-admission/revisions'] },
    formatVersion: whole,
    exportedAt: text,
    database: all(
      {
        dialect: { type: 'string', enum: ['postgres'] },
        name: text,
        system: text,
        oid: text,
        identifier: text,
      },
      ['identifier'],
    ),
    server: all({ version: text, collation, tableSchemas: texts }, []),
    boundSchema: text,
    revisionsSchema: text,
    ambiguous: flag,
    elsewhere: texts,
    notClean: text,
    locked: flag,
    revisions: rows,
  },
  ['boundSchema', 'notClean', 'revisions'],
)

/**
 * Parses an untrusted text and checks its fields.
 * @throws RowsError
 */
export function parseExportText(
  text: string,
  file: string,
): { readonly file: ExportFile } | { readonly rows: readonly ExportedRow[] } {
  const value = parseJson(text, file)
  if (Array.isArray(value)) return { rows: checkBareRows(fitted(value, rows, file), file) }
  const parsed = fitted(value, exportFile, file) as ExportFile
  const { formatVersion, revisions } = parsed
  if (formatVersion !== 1)
    throw wrong(file, [
      `formatVersion: expected 1, found ${formatVersion}; use a newer atlas-admission`,
    ])
  // If the rows were left out by mistake, the export would look like a database that has run
  // nothing.
  if (!Object.hasOwn(value as object, 'revisions'))
    throw wrong(file, ['revisions: expected array, or null for no table, found nothing'])
  checkVersions(revisions ?? [], { file, field: 'revisions' })
  return { file: parsed }
}

function parseJson(text: string, file: string): unknown {
  try {
    // An editor or PowerShell may have put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    // The parser's own message would quote the text.
    throw new RowsError(`${file}: expected JSON as ${origin} writes it, found other text`, {
      cause: error,
    })
  }
}

const origin = '`atlas-admission export`'

function fitted(value: unknown, shape: Shape, file: string): unknown {
  const { value: fit, mistakes } = fitShape(value, shape)
  if (mistakes.length > 0) throw wrong(file, mistakes.map(printMistake))
  return fit
}

function printMistake({ path, expected, found }: ShapeMistake): string {
  return `${formatFieldPath(path) || 'the whole'}: expected ${expected}, found ${found}`
}

function wrong(file: string, mistakes: readonly string[]): RowsError {
  const lines = mistakes.map(mistake => `  ${mistake}`)
  return new RowsError(
    [`${file}: expected rows of a revisions table as ${origin} writes them`, ...lines].join('\n'),
  )
}

/**
 * Refuses a bare array without rows. Without rows the engine looks at the rest of the database, of
 * which a bare array tells nothing.
 */
function checkBareRows(value: unknown, file: string): readonly ExportedRow[] {
  const rows = value as readonly ExportedRow[]
  if (!rows.some(({ version }) => version !== identifierVersion))
    throw new RowsError(
      `${file}: expected at least one row, found none; what else is in the database decides then: use ${origin}`,
    )
  checkVersions(rows, { file, field: '' })
  return rows
}

/** Refuses versions that stand twice: the version is the table's primary key. */
function checkVersions(
  rows: readonly ExportedRow[],
  { file, field }: { readonly file: string; readonly field: string },
): void {
  const seen = new Set<string>()
  for (const [index, { version }] of rows.entries()) {
    if (seen.has(version))
      throw wrong(file, [`${field}[${index}].version: expected each version once, found it before`])
    seen.add(version)
  }
}
