import type { ConsolidationDatabase, ConsolidationInput } from './consolidation.js'
import { compareBytewise } from '../text/go-string.js'
import { compareCandidates, shareSource } from './merge-candidate.js'
import type { CandidatesByVersion, MergeCandidate } from './merge-candidate.js'
import { readRows, type RowReadings } from './merge-row.js'
import { RevisionType, type Revision } from '../engine/revision.js'

/** The revisions table of one database, read against the files of all sources. */
export interface MergeTable {
  readonly database: ConsolidationDatabase
  /** The rows of the table; empty also when the table does not exist. */
  readonly rows: readonly Revision[]
  readonly readings: RowReadings
  /**
   * Files of baselines and checkpoints that ran on the database, or will. Each stands for the older
   * files of its own directory.
   */
  readonly covering: readonly MergeCandidate[]
}

export function readTables(
  { databases, sources }: ConsolidationInput,
  groups: CandidatesByVersion,
): readonly MergeTable[] {
  return databases.map(database => {
    const rows = database.state.revisions ?? []
    const readings = readRows(rows, { groups, sources })
    const table = { database, rows, readings }
    return { ...table, covering: coveringOf(table, Array.from(groups.values()).flat()) }
  })
}

function coveringOf(
  { database, rows, readings }: Omit<MergeTable, 'covering'>,
  candidates: readonly MergeCandidate[],
): readonly MergeCandidate[] {
  if (rows.length === 0) return startOf(database, candidates)
  return rows.flatMap(({ version, type }) => {
    const reading = readings.get(version)
    if (reading?.kind !== 'ran') return []
    const { candidate } = reading
    return (type & RevisionType.baseline) !== 0 || candidate.file.checkpoint ? [candidate] : []
  })
}

/**
 * Where a database without rows starts: at the baseline of its AtlasMigration, or else at the last
 * checkpoint.
 */
function startOf(
  { options: { baseline } }: ConsolidationDatabase,
  candidates: readonly MergeCandidate[],
): readonly MergeCandidate[] {
  if (baseline !== '') {
    return candidates.filter(({ file }) => file.version === baseline && !file.checkpoint)
  }
  return candidates
    .filter(({ file }) => file.checkpoint)
    .sort(compareCandidates)
    .slice(-1)
}

/** How a file of the merged directory relates to one database. */
export type FileState =
  /** It has a row in the revisions table. */
  | 'applied'
  /** It has no row and needs none: a baseline or a checkpoint of its directory stands for it. */
  | 'covered'
  /** The engine would never run it, or would run it out of order. */
  | 'late'
  /** It is new, and runs at the first reconcile. */
  | 'pending'

/** Tells how each file relates to a database. `files` are all files of the merged directory. */
export function fileStatesOf(
  table: MergeTable,
  files: readonly MergeCandidate[],
): ReadonlyMap<MergeCandidate, FileState> {
  const sorted = files.toSorted(compareCandidates)
  const passed = new Set(sorted.slice(0, passedCount(table, sorted)))
  const state = (candidate: MergeCandidate): FileState => {
    if (hasRun(table, candidate)) return 'applied'
    if (isCovered(table, candidate) || isReplaced(table, candidate, sorted)) return 'covered'
    const isSkipped = candidate.file.checkpoint && table.rows.length > 0
    return isSkipped || passed.has(candidate) ? 'late' : 'pending'
  }
  return new Map(sorted.map(candidate => [candidate, state(candidate)]))
}

export function hasRun({ readings }: MergeTable, { file }: MergeCandidate): boolean {
  return readings.has(file.version)
}

/**
 * How many files lie before the point from which the engine looks for new ones. The engine finds it
 * by name, not by version (Atlas v1.2.3, `Executor.Pending`).
 */
function passedCount(
  { rows, covering, database }: MergeTable,
  sorted: readonly MergeCandidate[],
): number {
  const last = rows.at(-1)
  if (last === undefined) {
    const start = sorted.findIndex(candidate => covering.includes(candidate))
    return database.options.baseline === '' ? Math.max(start, 0) : start + 1
  }
  const isPassed = ({ file }: MergeCandidate) =>
    !file.checkpoint && compareBytewise(file.version, last.version) <= 0
  return 1 + sorted.findLastIndex(isPassed)
}

/**
 * Whether a baseline or a checkpoint of the file's own directory stands for it on this database.
 */
export function isCovered(
  { covering, rows, database }: MergeTable,
  candidate: MergeCandidate,
): boolean {
  const { version, checkpoint } = candidate.file
  if (rows.length === 0 && version === database.options.baseline) return !checkpoint
  return covering.some(other => isOlder(candidate, other))
}

function isOlder(candidate: MergeCandidate, other: MergeCandidate): boolean {
  return compareCandidates(candidate, other) < 0 && shareSource(candidate, other)
}

/**
 * Whether older files of its directory take a checkpoint's place. On a database with rows a
 * checkpoint never runs, so these files run, or ran, instead.
 */
function isReplaced(
  { rows }: MergeTable,
  candidate: MergeCandidate,
  sorted: readonly MergeCandidate[],
): boolean {
  if (!candidate.file.checkpoint || rows.length === 0) return false
  return sorted.some(other => !other.file.checkpoint && isOlder(other, candidate))
}
