import type { TableExport } from '../facts/exported-table.js'
import { blocks, note, type Difference } from './difference.js'
import { placeDifferences, schemaNotes } from './place-differences.js'
import { compareRows, type RowComparison } from './row-comparison.js'
import { orderDifferences, rowDifferences } from './row-differences.js'
import { serverNotes } from './server-notes.js'

/**
 * The comparison of two revisions tables for a move of a database. FROM is the database that the
 * operator leaves, TO the one it goes on with.
 */
export interface TableComparison {
  /** safe: nothing in TO is worse than in FROM. */
  readonly verdict: 'safe' | 'unsafe'
  /**
   * Whether both are one database, or one is a physical copy of the other; null when a side does
   * not tell.
   */
  readonly sameDatabase: boolean | null
  /** The differences, those that block the move first. */
  readonly differences: readonly Difference[]
  /** Every version that has a row, in bytewise order. */
  readonly rows: readonly RowComparison[]
}

/** Compares the database that an operator leaves with the one it goes on with. Pure. */
export function compareTables(from: TableExport, to: TableExport): TableComparison {
  const [rowsFrom, rowsTo] = [from.table.revisions ?? [], to.table.revisions ?? []]
  const rows = compareRows(rowsFrom, rowsTo)
  const sameDatabase = isSameDatabase(from, to)
  const place = placeDifferences(from, to)
  const differences = [
    ...place,
    // Where TO has no rows at all, one difference says so, and one for each missing row would only
    // repeat it.
    ...(place.length > 0 ? [] : rowDifferences(rows)),
    ...orderDifferences(rowsFrom, rowsTo),
    ...locks(from, to),
    ...(sameDatabase ? [sameDatabaseNote] : []),
    ...schemaNotes(from, to),
    ...serverNotes(from, to),
  ]
  const blocking = differences.filter(({ weight }) => weight === 'blocks')
  const notes = differences.filter(({ weight }) => weight === 'note')
  return {
    verdict: blocking.length > 0 ? 'unsafe' : 'safe',
    sameDatabase,
    differences: [...blocking, ...notes],
    rows,
  }
}

const sameDatabaseNote = note(
  'FROM and TO are one database, or one is a physical copy of the other: system identifier and oid are the same',
)

/**
 * Whether the servers say that both are one database. The row of Atlas Cloud's identifier proves
 * nothing, because it moves with the table.
 */
function isSameDatabase(from: TableExport, to: TableExport): boolean | null {
  const [a, b] = [from.table.identity, to.table.identity]
  if (a.system === '' || b.system === '') return null
  return a.system === b.system && a.database === b.database
}

/** A lock means that a migration is running. Rows that are being written cannot be compared. */
function locks(from: TableExport, to: TableExport): readonly Difference[] {
  return [...(from.table.locked ? ['FROM'] : []), ...(to.table.locked ? ['TO'] : [])].map(side =>
    blocks('migration-in-progress', {
      found: `a migration runs in ${side}`,
      remedy: 'wait for its end, then compare again',
    }),
  )
}
