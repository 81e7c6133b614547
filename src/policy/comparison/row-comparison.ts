import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Revision } from '../../atlas/engine/revision.js'

/** The columns that Atlas or the lineage goes by, by the names of the table. */
const columns = {
  description: 'description',
  type: 'type',
  applied: 'applied',
  total: 'total',
  hash: 'hash',
  partialHashes: 'partial_hashes',
} as const satisfies Partial<Readonly<Record<keyof Revision, string>>>

/** A version that has a row in at least one of the tables. */
export interface RowComparison {
  readonly version: string
  readonly from: Revision | null
  readonly to: Revision | null
  /**
   * Names of the columns that differ, when both tables have the row. The time and the operator's
   * version are left out.
   */
  readonly columns: readonly string[]
}

/** Every version of the two tables, in bytewise order. */
export function compareRows(
  from: readonly Revision[],
  to: readonly Revision[],
): readonly RowComparison[] {
  const [rowsFrom, rowsTo] = [byVersion(from), byVersion(to)]
  const versions = [...new Set([...rowsFrom.keys(), ...rowsTo.keys()])].sort(compareBytewise)
  return versions.map(version => {
    const sides = { from: rowsFrom.get(version) ?? null, to: rowsTo.get(version) ?? null }
    return { version, ...sides, columns: differingColumns(sides.from, sides.to) }
  })
}

function byVersion(rows: readonly Revision[]): ReadonlyMap<string, Revision> {
  return new Map(rows.map(row => [row.version, row]))
}

function differingColumns(from: Revision | null, to: Revision | null): readonly string[] {
  if (from === null || to === null) return []
  const keys = Object.keys(columns) as readonly (keyof typeof columns)[]
  return keys.filter(key => String(from[key]) !== String(to[key])).map(key => columns[key])
}
