import { fitShape, type ObjectShape, type Shape } from '../../review/object/shape.js'
import { DatabaseFault } from '../fault/database-fault.js'
import type { TextRow } from '../wire/session.js'

/**
 * Longest answer in JSON: 30,000 names of tables fit. A byte of nested JSON becomes some thirty
 * bytes of objects, so a server whose answer is made to be large occupies 32 MiB for a moment.
 */
export const maxJsonLength = 1024 * 1024

/**
 * Longest name. PostgreSQL cuts a name off at 63 bytes (NAMEDATALEN), but a build of one's own may
 * allow more.
 */
const maxNameLength = 256

export const text: Shape = { type: 'string' }
export const flag: Shape = { type: 'boolean' }
export const texts: Shape = { type: 'array', items: text }

/** The shape of an object. `optional` are keys that may be missing or null. */
export function object(
  properties: Readonly<Record<string, Shape>>,
  ...optional: readonly string[]
): ObjectShape {
  const required = Object.keys(properties).filter(key => !optional.includes(key))
  return { type: 'object', properties, required }
}

/** The fault for an answer that cannot come from a revisions table, or describe one. */
export function malformed(what: string): DatabaseFault {
  return new DatabaseFault('malformed-table', `the revisions table is malformed: ${what}`)
}

export function misdescribed(): DatabaseFault {
  return malformed('the server describes it and its database as no PostgreSQL does')
}

/**
 * The only value of the only row. It is untrusted, and nulls are left out where the shape describes
 * it.
 * @throws DatabaseFault when it is of another shape.
 */
export function parseAnswer(rows: readonly TextRow[] | undefined, shape: Shape): unknown {
  const { value, mistakes } = fitShape(parseJson(rows?.[0]?.[0] ?? null), shape)
  if (mistakes.length > 0) throw misdescribed()
  return value
}

/** The parsed value; undefined for none, or for one that is too long to be read. */
function parseJson(json: string | null): unknown {
  if (json === null || json.length > maxJsonLength) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** @throws DatabaseFault for more names, or longer ones, than the query can return. */
export function checkNames(names: readonly string[], most = Number.POSITIVE_INFINITY): void {
  if (names.length > most || names.some(name => name.length > maxNameLength)) throw misdescribed()
}
