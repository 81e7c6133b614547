import { isPartial, RevisionType } from '../../atlas/engine/revision.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { listNames } from '../../atlas/text/name-list.js'
import { note, type Difference } from './difference.js'
import type { RowComparison } from './row-comparison.js'

/**
 * A database whose data was restored without its revisions table begins with a baseline, whose row stands
 * for every file up to it. That is right where each of them ran in FROM, and a baseline is how it is said.
 */
export function explainBaselineStart(rows: readonly RowComparison[]): {
  readonly notes: readonly Difference[]
  /** The rows that no baseline explains. */
  readonly rows: readonly RowComparison[]
} {
  const start = rows.find(row => row.to !== null)
  const isBaseline = (type: number) => (type & RevisionType.baseline) !== 0
  const isBegun = start?.from && start.to && isBaseline(start.to.type)
  if (!isBegun || isBaseline(start.from.type) || isPartial(start.from)) return { notes: [], rows }
  const stoodFor = rows.filter(({ version }) => compareBytewise(version, start.version) < 0)
  if (stoodFor.some(({ from }) => from !== null && isPartial(from))) return { notes: [], rows }
  const versions = [...stoodFor, start].map(({ version }) => version)
  return {
    notes: [
      note(
        `TO begins with the baseline ${start.version}, which stands for ${listNames(versions)} of FROM`,
        '',
        versions,
      ),
    ],
    rows: rows.filter(({ version }) => compareBytewise(version, start.version) > 0),
  }
}
