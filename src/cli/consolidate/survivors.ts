import type { PlanOptions } from '../../atlas/engine/plan.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { FoundTable } from './databases.js'
import type { DatabaseUser } from './users.js'
import { UsageError } from '../line/usage-error.js'

/** Which AtlasMigration of a table goes on, and which ones end. */
export interface Succession {
  readonly table: FoundTable
  /** Keeps its name, and with it the dir-state that the operator stored; null where none is known. */
  readonly survivor: AtlasMigration | null
  readonly others: readonly AtlasMigration[]
}

export interface SuccessionChoice {
  /** `namespace/name` of objects that are to survive. */
  readonly keep: readonly string[]
  /** Files in the directory of an AtlasMigration: who has more, has the larger dir-state. */
  readonly fileCount: (migration: AtlasMigration) => number
}

/** @throws UsageError for a name to keep that uses none of the sources, or two of one table. */
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

/** The first of the largest, in the order of their names. */
function largest(
  users: readonly AtlasMigration[],
  fileCount: (migration: AtlasMigration) => number,
): AtlasMigration | null {
  return users.reduce<AtlasMigration | null>(
    (best, migration) => (best && fileCount(best) >= fileCount(migration) ? best : migration),
    null,
  )
}

/** What the operator plans with there. */
export function planOptionsOf({ table, survivor }: Succession): PlanOptions {
  const { spec } = survivor ?? (table.users[0] as DatabaseUser).migration
  return {
    execOrder: spec.execOrder ?? 'linear',
    baseline: spec.baseline ?? '',
    allowDirty: false,
  }
}
