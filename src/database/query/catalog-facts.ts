import type { DatabaseAccess } from '../../policy/facts/database-access.js'
import type { DatabaseContent, SchemaContent } from '../../policy/facts/database-content.js'
import type { TextRow } from '../wire/session.js'
import { accessShape, readAccess, type AccessRow } from './access-facts.js'
import { checkNames, flag, misdescribed, object, parseAnswer, text, texts } from './answer-json.js'
import { maxElsewhere, schemasForCleanCheck } from './catalog-query.js'
import { contentShape, readContent } from './content-facts.js'
import { neededColumns } from './revision-rows.js'

/** What a server says of itself. */
export interface ServerIdentity {
  /** PostgreSQL's system identifier; null when the role may not read it. */
  readonly system: string | null
  /** The oid of the database. */
  readonly database: string
  /** CockroachDB's version; null for any other server. */
  readonly cockroach: string | null
}

/** What every verdict needs besides the rows. */
export interface UsualFacts extends ServerIdentity {
  /** Whether the lock of a running `migrate apply` is held. */
  readonly locked: boolean
  /**
   * Columns of the table that the operator uses, as far as they matter here; null when there is no
   * table.
   */
  readonly columns: readonly string[] | null
  /** What the role may do; null where the server does not say. */
  readonly access: DatabaseAccess | null
}

/** What a verdict needs in addition when there are no rows. */
export interface CatalogFacts extends UsualFacts {
  readonly schemaUsable: boolean
  readonly tableReadable: boolean
  /** Whether there is a revisions table in the schema `atlas_schema_revisions`. */
  readonly defaultTable: boolean
  readonly elsewhere: readonly string[]
  /** The first schemas in the order of names, with what the clean check looks at. */
  readonly schemas: readonly CatalogSchema[]
  /** What the database holds; null where the server does not say. */
  readonly content: DatabaseContent | null
}

export interface CatalogSchema {
  readonly name: string
  /** All tables of the revisions schema; of another schema only the first by name. */
  readonly tables: readonly string[]
}

/** An unsigned integer of 64 bits. */
const systemDigits = /^\d{1,20}$/
/** An unsigned integer of 32 bits. */
const oidDigits = /^\d{1,10}$/

const mayBeNull = ['system', 'cockroach', 'columns', 'access'] as const
const identityProperties = { system: text, database: text, cockroach: text }
const usualProperties = { ...identityProperties, locked: flag, columns: texts, access: accessShape }
const catalogProperties = {
  ...usualProperties,
  schemaUsable: flag,
  tableReadable: flag,
  defaultTable: flag,
  elsewhere: texts,
  schemas: { type: 'array', items: object({ name: text, tables: texts }) },
  content: contentShape,
} as const

const identityShape = object(identityProperties, ...mayBeNull)
const usualShape = object(usualProperties, ...mayBeNull)
const catalogShape = object(catalogProperties, ...mayBeNull, 'content')

/** The type of an answer whose fields are left out when they are null. */
type Fitted<T> = Omit<T, (typeof mayBeNull)[number]> & {
  readonly [K in Exclude<keyof T & (typeof mayBeNull)[number], 'access'>]?: NonNullable<T[K]>
} & { readonly access?: AccessRow }

type CatalogRow = Fitted<Omit<CatalogFacts, 'content'>> & {
  readonly content?: readonly SchemaContent[]
}

/**
 * Reads the answer to the query of which database this is.
 * @throws DatabaseFault for an answer that is not of the shape of the query, as the two functions
 * below do.
 */
export function parseIdentityRow(rows: readonly TextRow[] | undefined): ServerIdentity {
  return checkIdentity(parseAnswer(rows, identityShape) as Fitted<ServerIdentity>)
}

export function parseUsualRow(rows: readonly TextRow[] | undefined): UsualFacts {
  return checkUsual(parseAnswer(rows, usualShape) as Fitted<UsualFacts>)
}

export function parseCatalogRow(rows: readonly TextRow[] | undefined): CatalogFacts {
  const facts = parseAnswer(rows, catalogShape) as CatalogRow
  const { schemaUsable, tableReadable, defaultTable, elsewhere, schemas } = facts
  checkNames(elsewhere, maxElsewhere)
  checkNames(
    schemas.map(({ name }) => name),
    schemasForCleanCheck,
  )
  for (const { tables } of schemas) checkNames(tables)
  const content = facts.content ? readContent(facts.content) : null
  const own = { schemaUsable, tableReadable, defaultTable, elsewhere, schemas, content }
  return { ...checkUsual(facts), ...own }
}

function checkUsual(facts: Fitted<UsualFacts>): UsualFacts {
  const { locked, columns, access } = facts
  return {
    ...checkIdentity(facts),
    locked,
    // Columns that do not matter are dropped, so that what is remembered of a table is never long.
    columns: columns ? neededColumns(columns) : null,
    access: access ? readAccess(access, columns ?? []) : null,
  }
}

/** Refuses an identity that is too long, because it is remembered. */
function checkIdentity(identity: Fitted<ServerIdentity>): ServerIdentity {
  const { system = null, database, cockroach = null } = identity
  if (system !== null && !systemDigits.test(system)) throw misdescribed()
  if (!oidDigits.test(database)) throw misdescribed()
  return { system, database, cockroach }
}
