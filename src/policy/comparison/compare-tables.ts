import type { MigrationFile } from '../../atlas/directory/file.js'
import type { TableExport } from '../facts/exported-table.js'
import type { Sameness } from '../facts/facts.js'
import { contradicts } from '../facts/same-database.js'
import { explainBaselineStart } from './baseline-start.js'
import { explainCheckpointStart } from './checkpoint-start.js'
import { blocks, note, type Difference } from './difference.js'
import { placeDifferences, schemaNotes } from './place-differences.js'
import { compareRows, type RowComparison } from './row-comparison.js'
import { orderDifferences, otherHistory, rowDifferences } from './row-differences.js'
import { serverNotes } from './server-notes.js'

/**
 * The comparison of two revisions tables for a move of a database. FROM is the database that the
 * operator leaves, TO the one it goes on with.
 */
export interface TableComparison {
  /** safe: nothing in TO is worse than in FROM. */
  readonly verdict: 'safe' | 'unsafe'
  /** Whether both are one running database; null when that is neither proven nor refuted. */
  readonly sameDatabase: boolean | null
  /** The differences, those that block the move first. */
  readonly differences: readonly Difference[]
  /** Every version that has a row, in bytewise order. */
  readonly rows: readonly RowComparison[]
}

/** What is known besides the two tables. */
export interface KnownOfBoth {
  /** What came of asking both servers, where both can be asked. */
  readonly proof?: Sameness
  /** The files of the directory that is meant for both, where it is given. */
  readonly files?: readonly MigrationFile[]
}

/** Compares the database that an operator leaves with the one it goes on with. Pure. */
export function compareTables(
  from: TableExport,
  to: TableExport,
  { proof = 'unknown', files = [] }: KnownOfBoth = {},
): TableComparison {
  const [rowsFrom, rowsTo] = [from.table.revisions ?? [], to.table.revisions ?? []]
  const rows = compareRows(rowsFrom, rowsTo)
  const sameDatabase = isSameDatabase([from, to], proof)
  const place = placeDifferences(from, to)
  const checkpoint = explainCheckpointStart(rows, files)
  const baseline = explainBaselineStart(checkpoint.rows)
  const startNotes = [...checkpoint.notes, ...baseline.notes]
  const differences = [
    ...place,
    // Where TO has no rows at all, one difference says so, and one for each missing row would only
    // repeat it.
    ...(place.length > 0
      ? []
      : (otherHistory(rows) ?? [...startNotes, ...rowDifferences(baseline.rows)])),
    ...orderDifferences(rowsFrom, rowsTo),
    ...locks(from, to),
    ...sameDatabaseNotes([from, to], sameDatabase),
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

type Sides = readonly [TableExport, TableExport]

/** A copy says the same as its original, so what a server says only refutes. */
function isSameDatabase([from, to]: Sides, proof: Sameness): boolean | null {
  if (proof === 'same') return true
  const isRefuted = contradicts(from.table.identity, to.table.identity) || proof === 'different'
  return isRefuted ? false : null
}

/** The row of Atlas Cloud's identifier does not count, because it moves with the table. */
function sameDatabaseNotes([from, to]: Sides, isSame: boolean | null): readonly Difference[] {
  if (isSame) return [note('FROM and TO are the same running database')]
  const [a, b] = [from.table.identity, to.table.identity]
  const isSaid = a.system !== '' && a.system === b.system && a.database === b.database
  if (!isSaid) return []
  const said = 'system identifier and oid are the same'
  return isSame === false
    ? [note(`TO is a physical copy of FROM, or FROM one of TO: ${said}, but the servers are two`)]
    : [note(`FROM and TO are one database, or one is a physical copy of the other: ${said}`)]
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
