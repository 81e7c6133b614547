import { compareBytewise, quoteGo } from '../text/go-string.js'
import { revisionsTable } from './revision.js'
import type { StatementDialect } from '../statement/dialect.js'

/** A schema with the names of its tables. */
export interface SchemaTables {
  readonly name: string
  readonly tables: readonly string[]
}

export interface CleanCheckInput {
  readonly dialect: StatementDialect
  /**
   * What the engine's inspection lists: every schema but the system's and extensions' (PostgreSQL also
   * without pg_toast and temporary ones), with ordinary and partitioned tables, no views, no partitions,
   * nothing an extension owns. The order does not matter.
   */
  readonly schemas: readonly SchemaTables[]
  /** Schema of a schema-bound URL, or null. */
  readonly boundSchema: string | null
  /** Where the revisions table is, or will be. */
  readonly revisionsSchema: string
}

/**
 * Why the engine would not start on a database without revisions, or null when it is clean (Atlas
 * v1.2.3, `CheckClean`). The check always runs on a database that has a revisions table, since
 * `migrate apply` creates it before it plans: when there is none yet, it is counted in.
 */
export function checkClean(input: CleanCheckInput): string | null {
  const { dialect, boundSchema } = input
  // SQLite has one schema, which holds the revisions table, too.
  const revisionsSchema = dialect === 'sqlite' ? 'main' : input.revisionsSchema
  const schemas = withRevisionsTable(input.schemas, revisionsSchema)
  if (boundSchema !== null) {
    const bound = schemas.find(schema => schema.name === boundSchema)
    return bound === undefined ? null : checkBound(bound, revisionsSchema)
  }
  return dialect === 'postgres'
    ? checkDatabase(schemas, revisionsSchema)
    : checkServer(schemas, revisionsSchema)
}

function withRevisionsTable(
  schemas: readonly SchemaTables[],
  revisionsSchema: string,
): readonly SchemaTables[] {
  const others = schemas.filter(schema => schema.name !== revisionsSchema)
  const tables = schemas.find(schema => schema.name === revisionsSchema)?.tables ?? []
  const complete = { name: revisionsSchema, tables: [...new Set([...tables, revisionsTable])] }
  return [...others, complete]
    .map(({ name, tables }) => ({ name, tables: tables.toSorted(compareBytewise) }))
    .sort((a, b) => compareBytewise(a.name, b.name))
}

function checkBound({ name, tables }: SchemaTables, revisionsSchema: string): string | null {
  const [first] = tables
  if (first === undefined) return null
  if (name === revisionsSchema && tables.length === 1 && first === revisionsTable) return null
  return `found table ${quoteGo(first)} in schema ${quoteGo(name)}`
}

/** PostgreSQL: the first schema that is too much decides; an empty `public` is not. */
function checkDatabase(schemas: readonly SchemaTables[], revisionsSchema: string): string | null {
  for (const { name, tables } of schemas) {
    if (tables.length === 0 && name === 'public') continue
    if (name !== revisionsSchema) return `found schema ${quoteGo(name)}`
    if (tables.length > 1) return `found ${tables.length} tables in schema ${quoteGo(name)}`
  }
  return null
}

/** MySQL without a database in the URL, and SQLite. */
function checkServer(schemas: readonly SchemaTables[], revisionsSchema: string): string | null {
  if (schemas.length > 1) return `found multiple schemas: ${schemas.length}`
  const { tables } = schemas.find(schema => schema.name === revisionsSchema)!
  return tables.length > 1 ? `found multiple tables: ${tables.length}` : null
}
