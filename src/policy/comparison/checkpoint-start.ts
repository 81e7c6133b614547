import type { MigrationFile } from '../../atlas/directory/file.js'
import { isPartial } from '../../atlas/engine/revision.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { listNames } from '../../atlas/text/name-list.js'
import { note, type Difference } from './difference.js'
import type { RowComparison } from './row-comparison.js'

/** Differences that come from one side having begun at a later checkpoint, and what is left. */
export interface WithoutCheckpointStart {
  readonly notes: readonly Difference[]
  /** The rows that nothing of this kind explains. */
  readonly rows: readonly RowComparison[]
}

type Side = 'from' | 'to'

/**
 * A database that was built by running the directory began at its last checkpoint, whose row stands
 * for every file before it. One that ran file by file has the rows of those files, and never the
 * checkpoint's. Both hold the same, provided that the second has run every one of the files.
 */
export function explainCheckpointStart(
  rows: readonly RowComparison[],
  files: readonly MigrationFile[],
): WithoutCheckpointStart {
  const unexplained = { notes: [], rows }
  const [from, to] = [startOf(rows, 'from', files), startOf(rows, 'to', files)]
  if (from === to) return unexplained
  const began: Side = compareBytewise(from ?? '', to ?? '') < 0 ? 'to' : 'from'
  const other: Side = began === 'to' ? 'from' : 'to'
  const [checkpoint, earlier] = began === 'to' ? [to!, from] : [from!, to]
  const isBefore = ({ version }: { readonly version: string }) =>
    compareBytewise(version, checkpoint) < 0
  const ran = rows.filter(row => row[other] !== null)
  const stoodFor = ran.filter(isBefore).map(({ version }) => version)
  if (stoodFor.length === 0 || isBehind({ files, ran, earlier, isBefore })) return unexplained
  const explained = new Set([checkpoint, ...stoodFor])
  const found = `${nameOf(began)} began at the checkpoint ${checkpoint}, which stands for ${listNames(stoodFor)} of ${nameOf(other)}`
  return {
    notes: [note(found, '', [...stoodFor, checkpoint])],
    rows: rows.filter(row => !explained.has(row.version) || (row.from !== null && row.to !== null)),
  }
}

interface Progress {
  readonly files: readonly MigrationFile[]
  readonly ran: readonly RowComparison[]
  /** The checkpoint that this side began at; null for none. */
  readonly earlier: string | null
  readonly isBefore: (file: MigrationFile) => boolean
}

/** Whether a side that ran file by file has not run all that the checkpoint stands for. */
function isBehind({ files, ran, earlier, isBefore }: Progress): boolean {
  const done = new Set(ran.map(({ version }) => version))
  return files.some(
    file =>
      !file.checkpoint &&
      isBefore(file) &&
      !done.has(file.version) &&
      (earlier === null || compareBytewise(file.version, earlier) > 0),
  )
}

function nameOf(side: Side): string {
  return side === 'from' ? 'FROM' : 'TO'
}

/** Version of the checkpoint whose row is the first of this side; null when another row is. */
function startOf(
  rows: readonly RowComparison[],
  side: Side,
  files: readonly MigrationFile[],
): string | null {
  const first = rows.find(row => row[side] !== null)?.[side]
  if (!first || isPartial(first)) return null
  const isStart = files.some(file => file.checkpoint && file.version === first.version)
  return isStart ? first.version : null
}
