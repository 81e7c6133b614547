import type { ConsolidationInput, MergedFile } from './consolidation.js'
import { inExecutionOrder } from '../engine/execution-order.js'
import { parseFileName } from '../directory/file.js'
import type { MergeTable } from './merge-table.js'

/** Notes that no database has run the files in the order of their names, as a new database will. */
export function noteOrder(
  files: readonly MergedFile[],
  tables: readonly MergeTable[],
  { sources }: ConsolidationInput,
): readonly string[] {
  if (sources.length < 2 || tables.some(table => ranInOrder(table, files))) return []
  return [
    'no database has run these files in this order, as a new one will: replay the directory from empty before it is used',
  ]
}

/**
 * Whether the rows of the database are the first files of the merged directory, in the same order.
 */
function ranInOrder({ rows }: MergeTable, files: readonly MergedFile[]): boolean {
  if (rows.length === 0) return false
  const versions = files.map(({ name }) => parseFileName(name).version)
  return inExecutionOrder(rows).every((row, i) => row.version === versions[i])
}
