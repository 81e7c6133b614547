import type { TableExport } from '../facts/exported-table.js'
import { blocks, note, type Difference } from './difference.js'
import { placeDifferences, schemaNotes } from './place-differences.js'
import { compareRows, type RowComparison } from './row-comparison.js'
import { orderDifferences, rowDifferences } from './row-differences.js'
import { serverNotes } from './server-notes.js'

/** Two revisions tables, and whether an operator that goes on with TO finds what it left in FROM. */
export interface TableComparison {
  /** safe: nothing in TO is worse than in FROM. */
  readonly verdict: 'safe' | 'unsafe'
  /** Both are one database, or one is a physical copy of the other; null when a side does not tell. */
  readonly sameDatabase: boolean | null
  /** What blocks first. */
  readonly differences: readonly Difference[]
  /** Every version, in bytewise order. */
  readonly rows: readonly RowComparison[]
}

/** Compares the database that an operator leaves with the one it is going to. Pure. */
export function compareTables(from: TableExport, to: TableExport): TableComparison {
  const [rowsFrom, rowsTo] = [from.table.revisions ?? [], to.table.revisions ?? []]
  const rows = compareRows(rowsFrom, rowsTo)
  const sameDatabase = isSameDatabase(from, to)
  const place = placeDifferences(from, to)
  const differences = [
    ...place,
    // Where there are no rows at all, each that is missing would only say it again.
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

/** The identifier row does not count: it moves with the table. */
function isSameDatabase(from: TableExport, to: TableExport): boolean | null {
  const [a, b] = [from.table.identity, to.table.identity]
  if (a.system === '' || b.system === '') return null
  return a.system === b.system && a.database === b.database
}

/** Rows that are being written cannot be compared. */
function locks(from: TableExport, to: TableExport): readonly Difference[] {
  return [...(from.table.locked ? ['FROM'] : []), ...(to.table.locked ? ['TO'] : [])].map(side =>
    blocks('migration-in-progress', {
      found: `a migration runs in ${side}`,
      remedy: 'wait for its end, then compare again',
    }),
  )
}
