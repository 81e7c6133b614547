import { checkClean } from '../../atlas/engine/clean-check.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import type { TableFacts } from '../../policy/facts/facts.js'
import type { DatabaseLimits } from '../../policy/settings/settings.js'
import type { TableQuery } from '../../review/ports/ports.js'
import { catalogQuery, usualQuery } from './catalog-query.js'
import {
  parseCatalogRow,
  parseUsualRow,
  type CatalogFacts,
  type UsualFacts,
} from './catalog-facts.js'
import { misdescribed } from './answer-json.js'
import { DatabaseFault, errorCode } from '../fault/database-fault.js'
import { checkColumns, parseRevisionRows, rowsQuery, type RevisionRows } from './revision-rows.js'
import type { Session, TextRow } from '../wire/session.js'

/** Columns of the revisions table; null: there is no table. */
export type TableShape = readonly string[] | null

/** How the table was at the last read. It is only a guess at what to ask for. */
export interface TableGuess {
  readonly shape: TableShape
  /** Whether it had rows. The catalog then need not be asked what else the database holds. */
  readonly hasRows: boolean
}

/** What is asked of a database, without its URL. */
export type TableQuestion = Omit<TableQuery, 'url'>

export type ReadTable = Extract<TableFacts, { kind: 'read' }>

/**
 * undefined_table, invalid_schema_name, undefined_column, insufficient_privilege: they tell that
 * the guess was wrong.
 */
const otherShape = ['42P01', '3F000', '42703', '42501']

/**
 * Most round trips: one for the guess, one for the catalog, and one to read what the catalog says.
 * More are needed only when the table changes meanwhile.
 */
const maxTrips = 4

/**
 * One transaction in one message, so that it takes one round trip. It works through a pooler, which
 * would refuse start-up parameters. REPEATABLE READ shows one state to all its statements; the
 * search path keeps users' objects from standing in for those of the system.
 */
export function transaction(statements: readonly string[], timeouts: Timeouts): string {
  return [beginTransaction(timeouts), ...statements, 'COMMIT'].join('; ')
}

/**
 * The start of a transaction, with further settings that end with it. Their values are constants of
 * this program, so nothing is escaped.
 */
export function beginTransaction(
  timeouts: Timeouts,
  more: Readonly<Record<string, string>> = {},
): string {
  const settings = {
    search_path: 'pg_catalog, pg_temp',
    statement_timeout: `${timeouts.statementMs}`,
    lock_timeout: `${timeouts.lockMs}`,
    timezone: 'UTC',
    datestyle: 'ISO, YMD',
    ...more,
  }
  const set = Object.entries(settings).map(
    ([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`,
  )
  return `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SELECT ${set.join(', ')}`
}

/** In milliseconds; at least 1, because 0 would mean "no limit" to the server. */
export interface Timeouts {
  readonly statementMs: number
  readonly lockMs: number
}

export function timeoutsWithin(limits: DatabaseLimits, remainingMs: number): Timeouts {
  const within = (limit: number) => Math.max(1, Math.min(limit, Math.floor(remainingMs)))
  return { statementMs: within(limits.statementTimeoutMs), lockMs: within(limits.lockTimeoutMs) }
}

export interface TableReading {
  readonly session: Pick<Session, 'query'>
  readonly question: TableQuestion
  readonly limits: DatabaseLimits
  readonly signal: AbortSignal
  /** The time left, asked for at each round trip. */
  readonly remainingMs: () => number
}

interface Trip {
  readonly facts: UsualFacts
  /** null when the catalog was not asked. */
  readonly catalog: CatalogFacts | null
  readonly rows: readonly TextRow[]
}

/** null: the table does not have the columns that were asked for. */
async function makeTrip(
  reading: TableReading,
  { shape, hasRows }: TableGuess,
): Promise<Trip | null> {
  const { session, question, limits, signal } = reading
  const statements = [hasRows ? usualQuery(question) : catalogQuery(question)]
  // One row more than allowed tells that there are too many; another one is that of Atlas Cloud's
  // identifier.
  if (shape !== null)
    statements.push(rowsQuery(question.revisionsSchema, shape, limits.maxRows + 2))
  const timeouts = timeoutsWithin(limits, reading.remainingMs())
  try {
    const [, , facts, rows] = await session.query(transaction(statements, timeouts), signal)
    const catalog = hasRows ? null : parseCatalogRow(facts)
    const texts = shape === null ? [] : rows
    if (texts === undefined) throw misdescribed()
    return { facts: catalog ?? parseUsualRow(facts), catalog, rows: texts }
  } catch (error) {
    if (shape !== null && otherShape.includes(errorCode(error))) return null
    throw error
  }
}

function checkFacts({ facts, catalog }: Trip): void {
  if (facts.cockroach !== null) {
    throw new DatabaseFault('unsupported', 'CockroachDB is not read')
  }
  // Once rows could be read, the rights need no check.
  if (catalog && (!catalog.schemaUsable || !catalog.tableReadable)) {
    // The schema's name may come from the URL, so the message leaves it out.
    const right = catalog.schemaUsable ? 'SELECT on' : 'USAGE on the schema of'
    throw new DatabaseFault(
      'permission',
      `the role of the URL lacks the right ${right} the table ${revisionsTable}`,
      { access: facts.access },
    )
  }
}

function sameShape(a: TableShape, b: TableShape): boolean {
  if (a === null || b === null) return a === b
  return a.join() === b.join()
}

function checkRows(rows: RevisionRows, limits: DatabaseLimits): void {
  if (rows.revisions.length > limits.maxRows) {
    throw new DatabaseFault(
      'unsupported',
      `the revisions table has more than ${limits.maxRows} rows, the limit of the settings`,
    )
  }
}

function toTableFacts(reading: TableReading, { facts, catalog, rows: texts }: Trip): ReadTable {
  const { question, limits } = reading
  if (facts.columns !== null) checkColumns(facts.columns, texts.length > 0)
  const rows = parseRevisionRows(texts)
  checkRows(rows, limits)
  const { boundSchema, revisionsSchema, revisionsSchemaIsSet } = question
  const schemas = catalog?.schemas
  return {
    kind: 'read',
    identity: {
      system: facts.system ?? '',
      database: facts.database,
      identifier: rows.identifier,
    },
    revisions: facts.columns === null ? null : rows.revisions,
    notClean:
      schemas === undefined
        ? null
        : checkClean({ dialect: 'postgres', schemas, boundSchema, revisionsSchema }),
    ambiguous:
      catalog !== null &&
      boundSchema !== null &&
      !revisionsSchemaIsSet &&
      facts.columns === null &&
      catalog.defaultTable,
    elsewhere: catalog?.elsewhere ?? [],
    locked: facts.locked,
    ...(facts.access && { access: facts.access }),
    ...(catalog?.content && { content: catalog.content }),
  }
}

/**
 * Reads everything that a verdict needs. A wrong guess costs further round trips, but never gives
 * an outdated answer.
 * @throws DatabaseFault, or what the session throws.
 */
export async function readRevisionsTable(
  reading: TableReading,
  guess: TableGuess,
): Promise<{ readonly table: ReadTable; readonly guess: TableGuess }> {
  let asked = guess
  for (let count = 0; count < maxTrips; count++) {
    const trip = await makeTrip(reading, asked)
    if (trip === null) asked = { shape: null, hasRows: false }
    else {
      checkFacts(trip)
      const { columns } = trip.facts
      if (sameShape(asked.shape, columns)) {
        const table = toTableFacts(reading, trip)
        const hasRows = table.revisions !== null && table.revisions.length > 0
        if (hasRows || trip.catalog) return { table, guess: { shape: columns, hasRows } }
      }
      asked = { shape: columns, hasRows: false }
      if (columns !== null) checkColumns(columns, false)
    }
  }
  throw new DatabaseFault('other', 'the revisions table changed while it was read')
}
