import type { PlanOptions } from '../../atlas/engine/plan.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { FoundTable } from './databases.js'
import type { DatabaseUser } from './users.js'
import { UsageError } from '../line/usage-error.js'

/** Which AtlasMigration of a table remains after the merge, and which ones are deleted. */
export interface Succession {
  readonly table: FoundTable
  /**
   * It keeps its name, and so the dir-state that the operator stored under it. null when no
   * AtlasMigration is known.
   */
  readonly survivor: AtlasMigration | null
  readonly others: readonly AtlasMigration[]
}

export interface SuccessionChoice {
  /** `namespace/name` of objects that are to remain. */
  readonly keep: readonly string[]
  /**
   * Number of files in the directory of an AtlasMigration. The one with the most has the largest
   * dir-state.
   */
  readonly fileCount: (migration: AtlasMigration) => number
}

/** @throws UsageError for a name to keep that uses none of the sources, or for two of one table. */
export function chooseSurvivors(
  tables: readonly FoundTable[],
  { keep, fileCount }: SuccessionChoice,
): readonly Succession[] {
  const open = new Set(keep)
  const successions = tables.map(table => {
    const users = table.users.filter(({ exists }) => exists).map(({ migration }) => migration)
    const kept = users.filter(migration => open.delete(migrationName(migration)))
    if (kept.length > 1)
      throw new UsageError(
        `--keep: ${kept.map(migrationName).join(' and ')} use one table; only one of them can survive`,
      )
    const survivor = kept[0] ?? largest(users, fileCount)
    const name = survivor ? migrationName(survivor) : table.name
    return {
      table: { ...table, name },
      survivor,
      others: users.filter(migration => migration !== survivor),
    }
  })
  const [unknown] = open
  if (unknown !== undefined)
    throw new UsageError(
      `--keep ${unknown}: no AtlasMigration of that name uses one of the sources`,
    )
  return successions
}

/** The first of those with the most files, in the order of their names. */
function largest(
  users: readonly AtlasMigration[],
  fileCount: (migration: AtlasMigration) => number,
): AtlasMigration | null {
  return users.reduce<AtlasMigration | null>(
    (best, migration) => (best && fileCount(best) >= fileCount(migration) ? best : migration),
    null,
  )
}

/** The options with which the operator plans for the AtlasMigration that remains. */
export function planOptionsOf({ table, survivor }: Succession): PlanOptions {
  const { spec } = survivor ?? (table.users[0] as DatabaseUser).migration
  return {
    execOrder: spec.execOrder ?? 'linear',
    baseline: spec.baseline ?? '',
    allowDirty: false,
  }
}
