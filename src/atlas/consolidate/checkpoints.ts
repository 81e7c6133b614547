import type { Refusal } from './consolidation.js'
import { describeCandidate, type MergeCandidate } from './merge-candidate.js'
import { listNames } from '../text/name-list.js'

/**
 * Refuses checkpoints that are spread over several directories. A new database starts at the last
 * checkpoint of the merged directory, so the files that an earlier checkpoint of another directory
 * stands for would never run on it.
 */
export function refuseCheckpoints(kept: readonly MergeCandidate[]): readonly Refusal[] {
  const checkpoints = kept.filter(({ file }) => file.checkpoint)
  const isInAll = (source: string) => checkpoints.every(({ sources }) => sources.includes(source))
  if (checkpoints.length < 2 || checkpoints[0]!.sources.some(isInAll)) return []
  return [
    {
      reason: 'several-checkpoints',
      found: `checkpoints are in more than one directory: ${listNames(checkpoints.map(describeCandidate))}`,
      remedy:
        'take those out that no database has run, keep the files that they stand for, and rehash',
      subjects: checkpoints.map(({ file }) => file.name),
      database: null,
    },
  ]
}
