import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'

/** How an AtlasMigration of another namespace is called, of which nothing may be told. */
export const elsewhereName = 'an AtlasMigration of another namespace'

/** The other AtlasMigrations of this database, each once. */
export function neighbourNames({ neighbours = [] }: Facts): readonly string[] {
  return [...new Set(neighbours.map(({ name }) => name ?? elsewhereName))]
}

/** Says whom the database is shared with; empty where nobody else is known. */
export function neighbourDetails(facts: Facts): readonly string[] {
  const names = neighbourNames(facts)
  if (names.length === 0) return []
  const verb = names.length === 1 ? 'uses' : 'use'
  return [`${listNames(names)} ${verb} this database too, with a revisions table in another schema`]
}
