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
   * What the engine's inspection lists: every schema but those of the system and of extensions (on
   * PostgreSQL also without pg_toast and temporary ones), with its ordinary and partitioned tables.
   * Views, partitions and whatever an extension owns are left out. The order does not matter.
   */
  readonly schemas: readonly SchemaTables[]
  /** The schema that the database URL names, or null when the URL is for the whole database. */
  readonly boundSchema: string | null
  /** Where the revisions table is, or will be. */
  readonly revisionsSchema: string
}

/**
 * Why the engine would not start on a database without revisions, or null when the database counts
 * as clean (Atlas v1.2.3, `CheckClean`). `migrate apply` creates the revisions table before it
 * plans, so the check always sees that table; it is counted in even when it does not exist yet.
 */
export function checkClean(input: CleanCheckInput): string | null {
  const { dialect, boundSchema } = input
  // SQLite has one schema, `main`, which holds the revisions table, too.
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

/**
 * The check on PostgreSQL: the first schema with something in it decides, and an empty `public`
 * does not count.
 */
function checkDatabase(schemas: readonly SchemaTables[], revisionsSchema: string): string | null {
  for (const { name, tables } of schemas) {
    if (tables.length === 0 && name === 'public') continue
    if (name !== revisionsSchema) return `found schema ${quoteGo(name)}`
    if (tables.length > 1) return `found ${tables.length} tables in schema ${quoteGo(name)}`
  }
  return null
}

/** The check on SQLite, and on MySQL with a URL that names no database. */
function checkServer(schemas: readonly SchemaTables[], revisionsSchema: string): string | null {
  if (schemas.length > 1) return `found multiple schemas: ${schemas.length}`
  const { tables } = schemas.find(schema => schema.name === revisionsSchema)!
  return tables.length > 1 ? `found multiple tables: ${tables.length}` : null
}
