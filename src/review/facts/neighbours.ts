import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { NeighbouringMigration, TableFacts, Target } from '../../policy/facts/facts.js'
import { isSameMigration, migrationName } from '../../policy/facts/migration-name.js'
import { mapBounded } from '../limits/bounded.js'
import type { ClusterView } from './cluster-view.js'
import { databaseKey, tableKey, type TargetIndex } from './target-index.js'
import { resolveTarget } from './target-resolution.js'

/**
 * Most neighbours that are looked at. One is enough to know that the database is not for this
 * AtlasMigration alone.
 */
const maxNeighbours = 50

const atOnce = 10

export interface Household {
  readonly migration: AtlasMigration
  readonly target: Target
  readonly table: Extract<TableFacts, { readonly kind: 'read' }>
}

/**
 * Finds other AtlasMigrations in this database that keep their revisions in another table. They are
 * told by the address of their URL, or by a table that is there under the schema that they name.
 * Asks no database.
 */
export async function findNeighbours(
  { migration, target, table }: Household,
  { targets, view }: { readonly targets: TargetIndex; readonly view: ClusterView },
): Promise<readonly NeighbouringMigration[]> {
  // Once there are rows, nothing that others do keeps this one from starting.
  if (table.revisions?.length) return []
  const owners = table.elsewhere.map(revisionsSchema =>
    targets.candidates({ ...target, revisionsSchema }, view),
  )
  const known = await Promise.all([targets.neighbours(target, view), ...owners])
  const others = [...new Set([...known.flat(), ...view.arriving()])].filter(
    other => !isSameMigration(other, migration) && !other.metadata.deletionTimestamp,
  )
  const keys = new Set([
    databaseKey(target),
    ...table.elsewhere.map(revisionsSchema => tableKey({ ...target, revisionsSchema })),
  ])
  const found: NeighbouringMigration[] = []
  await mapBounded(others.slice(0, maxNeighbours), atOnce, async other => {
    const { facts } = await resolveTarget(view, other).catch(() => ({ facts: null }))
    if (facts?.kind !== 'resolved') return
    const { revisionsSchema } = facts.target
    if (revisionsSchema === target.revisionsSchema) return
    if (![databaseKey, tableKey].some(key => keys.has(key(facts.target)))) return
    const isNear = other.metadata.namespace === migration.metadata.namespace
    found.push({ name: isNear ? migrationName(other) : null, revisionsSchema })
  })
  return found.toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? ''))
}
