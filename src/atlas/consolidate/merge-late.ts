import type { ConsolidationInput } from './consolidation.js'
import { compareCandidates, shareSource, type MergeCandidate } from './merge-candidate.js'
import type { MergeChoice } from './merge-choice.js'
import { fileStatesOf, type MergeTable, type FileState } from './merge-table.js'

/** A late file: the engine would pass it by on this database, or run it out of order. */
export interface LateFile {
  readonly candidate: MergeCandidate
  readonly table: MergeTable
  readonly obstacle: Obstacle | null
}

/**
 * Why a late file cannot get a new version; null when it could and only `renamePending` is off.
 * - ran: another database has run it, or has a baseline or checkpoint that stands for it.
 * - checkpoint: it is a checkpoint, and these run only on an empty database.
 * - summarized: a later checkpoint of its directory does what it does, so a new database would run
 *   both.
 */
export type Obstacle = 'ran' | 'checkpoint' | 'summarized'

export interface LateFiles {
  /** Files to get new versions, in the order that they keep among each other. */
  readonly moved: readonly MergeCandidate[]
  /** Late files that cannot, or must not, get a new version. */
  readonly stuck: readonly LateFile[]
}

/**
 * Finds the files that a database would pass by, decides which of them get new versions, and moves
 * along the files of their directories that may build on them.
 */
export function settleLateFiles(
  choice: MergeChoice,
  tables: readonly MergeTable[],
  { renamePending }: ConsolidationInput,
): LateFiles {
  const states = tables.map(table => ({ table, of: fileStatesOf(table, choice.kept) }))
  const checkpoints = choice.kept.filter(({ file }) => file.checkpoint)
  const obstacleOf = (candidate: MergeCandidate): Obstacle | null => {
    if (candidate.file.checkpoint) return 'checkpoint'
    if (states.some(({ of }) => isThere(of.get(candidate)))) return 'ran'
    return isSummarized(candidate, checkpoints) ? 'summarized' : null
  }
  const late = states.flatMap(({ table, of }) =>
    choice.kept
      .filter(candidate => of.get(candidate) === 'late')
      .map(candidate => ({ candidate, table, obstacle: obstacleOf(candidate) })),
  )
  const stuck = late.filter(({ obstacle }) => obstacle !== null || !renamePending)
  const first = renamePending ? late.filter(({ obstacle }) => obstacle === null) : []
  const start = new Set([...choice.displaced, ...first.map(({ candidate }) => candidate)])
  const movable = choice.kept.filter(candidate => obstacleOf(candidate) === null)
  return { moved: withFollowers(start, [...choice.displaced, ...movable]), stuck }
}

function isThere(state: FileState | undefined): boolean {
  return state === 'applied' || state === 'covered'
}

/**
 * Whether a later checkpoint of its directory does what the file does. A new database would run
 * that checkpoint, and then the file once more under its new version.
 */
export function isSummarized(
  candidate: MergeCandidate,
  checkpoints: readonly MergeCandidate[],
): boolean {
  return checkpoints.some(
    checkpoint =>
      compareCandidates(candidate, checkpoint) < 0 && shareSource(candidate, checkpoint),
  )
}

/**
 * Adds what has to move along: a file may build on any older file of its directory, so a movable
 * file behind a moved one gets a new version too.
 */
function withFollowers(
  start: ReadonlySet<MergeCandidate>,
  movable: readonly MergeCandidate[],
): readonly MergeCandidate[] {
  const sources = new Set<string>()
  const moved: MergeCandidate[] = []
  for (const candidate of movable.toSorted(compareCandidates)) {
    const isFollower = candidate.sources.some(source => sources.has(source))
    if (!isFollower && !start.has(candidate)) continue
    moved.push(candidate)
    for (const source of candidate.sources) sources.add(source)
  }
  return moved
}
