import type { Refusal } from './consolidation.js'
import { describeCandidate, type MergeCandidate } from './merge-candidate.js'
import { isSummarized, type LateFile, type Obstacle } from './merge-late.js'
import type { MergeTable } from './merge-table.js'
import { listNames } from '../text/name-list.js'

const obstacles: readonly (Obstacle | null)[] = [null, 'ran', 'summarized', 'checkpoint']

/** Refuses the late files, with one refusal for each database and obstacle. */
export function refuseLateFiles(
  stuck: readonly LateFile[],
  tables: readonly MergeTable[],
): readonly Refusal[] {
  return tables.flatMap(table =>
    obstacles.flatMap(obstacle => {
      const late = stuck.filter(file => file.table === table && file.obstacle === obstacle)
      return late.length === 0 ? [] : [refuse(table, obstacle, late)]
    }),
  )
}

function refuse(table: MergeTable, obstacle: Obstacle | null, late: readonly LateFile[]): Refusal {
  const names = late.map(({ candidate }) => candidate.file.name)
  const database = table.database.name
  const { but, remedy } = waysOut[obstacle ?? 'unasked']
  const found = `${listNames(names)} would never run on ${database}, ${reasonOf(table)}${but}`
  return { reason: 'late-file', found, remedy, subjects: names, database }
}

function reasonOf({ rows, covering, database }: MergeTable): string {
  const last = rows.at(-1)
  if (last !== undefined) return `whose last row is ${last.version}`
  if (database.options.baseline !== '') return `whose baseline is ${database.options.baseline}`
  return `which starts at the checkpoint ${covering.map(({ file }) => file.name).join('')}`
}

const mark =
  'or, if what it does is there already, mark it applied (atlas migrate set, to the version before it and then to the last)'

const waysOut: Readonly<Record<Obstacle | 'unasked', { but: string; remedy: string }>> = {
  unasked: {
    but: '',
    remedy: `rename it to a newer version and rehash, or have pending files renamed; ${mark}`,
  },
  ran: {
    but: ', but another database has it',
    remedy: `put what it does into a new file that may run twice, ${mark}`,
  },
  summarized: {
    but: ', and a later checkpoint of its directory stands for it',
    remedy: 'take the checkpoint out of its directory and rehash',
  },
  checkpoint: {
    but: ': a checkpoint runs only where there are no rows',
    remedy: 'put the files that the checkpoint stands for back beside it and rehash',
  },
}

/**
 * Refuses the files whose version another file keeps and which cannot have a new version either.
 */
export function refuseSummarized(
  displaced: readonly MergeCandidate[],
  kept: readonly MergeCandidate[],
): readonly Refusal[] {
  const checkpoints = kept.filter(({ file }) => file.checkpoint)
  const found = displaced.filter(
    candidate => candidate.file.checkpoint || isSummarized(candidate, checkpoints),
  )
  if (found.length === 0) return []
  return [
    {
      reason: 'version-collision',
      found: `${listNames(found.map(describeCandidate))} cannot have a new version: a checkpoint of its directory stands for it`,
      remedy: waysOut.summarized.remedy,
      subjects: found.map(({ file }) => file.name),
      database: null,
    },
  ]
}
