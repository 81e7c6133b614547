import type { MigrationFile } from '../../atlas/directory/file.js'
import { baselineTest } from '../../atlas/engine/revision.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Facts } from '../facts/facts.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { type LiveHistory, versionsOf } from './live-history.js'
import { comparedStatements, isLasting } from '../statements/ran-statements.js'

/** Files that were still to run here, and that this write removes in favour of a checkpoint. */
export interface LostToCheckpoint {
  /** The files that would have run. */
  readonly lost: readonly MigrationFile[]
  /** Every file that the write removes and the checkpoint stands for, those that ran among them. */
  readonly removed: readonly MigrationFile[]
  readonly checkpoint: MigrationFile
}

/**
 * A checkpoint stands for the files before it, but only on a database without rows: one that lags
 * behind runs neither the checkpoint nor the files (Atlas v1.2.3, `Executor.Pending`). null when
 * nothing is lost in this way, or the directory before this write is not known.
 */
export function lostToCheckpoint(facts: Facts, history: LiveHistory): LostToCheckpoint | null {
  const old = facts.before?.directory
  const dialect = statementDialect(facts)
  const applied = versionsOf(history.rows)
  const last = history.rows.at(-1)
  const checkpoint = history.files.findLast(file => file.checkpoint)
  if (old?.kind !== 'read' || !dialect || !last || !checkpoint) return null
  if (applied.has(checkpoint.version)) return null
  const present = new Set(history.files.map(({ name }) => name))
  const removed = old.directory.files.filter(
    file =>
      !file.checkpoint &&
      !present.has(file.name) &&
      compareBytewise(file.version, checkpoint.version) <= 0,
  )
  const baselined = baselineTest(history.rows)
  const open = removed.filter(
    file =>
      !applied.has(file.version) &&
      !baselined(file) &&
      // To remove a late file is a repair, because it could not run.
      compareBytewise(file.version, last.version) > 0,
  )
  const lost = open.length === 0 ? [] : withoutOthers(open, history, dialect)
  return lost.length === 0 ? null : { lost, removed, checkpoint }
}

/** Leaves out files that do nothing lasting, or whose statements another pending file has now. */
function withoutOthers(
  open: readonly MigrationFile[],
  { files, rows }: LiveHistory,
  dialect: StatementDialect,
): readonly MigrationFile[] {
  const applied = versionsOf(rows)
  const pending = files.filter(file => !file.checkpoint && !applied.has(file.version))
  const still = new Set(
    pending.flatMap(({ content }) => comparedStatements(content, dialect) ?? []),
  )
  return open.filter(({ content }) =>
    comparedStatements(content, dialect)?.some(
      statement => isLasting(statement, dialect) && !still.has(statement),
    ),
  )
}
