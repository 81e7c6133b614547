import { compareBytewise } from '../atlas/go-string.js'
import type { Revision } from '../atlas/revision.js'
import type { Facts } from './facts.js'
import type { LiveHistory } from './live-history.js'
import { versionsOf } from './live-history.js'
import { listNames } from '../atlas/name-list.js'

/** Why rows have no file, and the way out. `found` is a clause without its consequence. */
export interface UnmatchedCause {
  readonly kind: UnmatchedKind
  readonly found: string
  readonly remedy: string
  readonly details: readonly string[]
}

type Origin = 'shared' | 'squashed' | 'removed' | 'unknown'

/** emptied: no file at all. late: no row is without a file, but a file came too late. */
export type UnmatchedKind = Origin | 'emptied' | 'late'

/** Another directory that may write into the same table is the most misleading cause, so it is named first. */
const origins: readonly Origin[] = ['shared', 'squashed', 'removed', 'unknown']

/** What the rows without a file most probably are; empty when every row has one. */
export function explainUnmatchedRows(
  facts: Facts,
  history: LiveHistory,
): readonly UnmatchedCause[] {
  const { files, unmatched } = history
  if (unmatched.length > 0 && files.length === 0) return [emptied(unmatched)]
  return origins.flatMap(origin => {
    const rows = unmatched.filter(row => originOf(row, facts, history) === origin)
    return rows.length > 0 ? [describe(origin, rows, facts)] : []
  })
}

function originOf(row: Revision, facts: Facts, history: LiveHistory): Origin {
  const own = wasOwn(row, facts)
  if (!own && ownersOf([row], facts).length > 0) return 'shared'
  if (isSquashed(row, history)) return 'squashed'
  return own ? 'removed' : 'unknown'
}

/** The directory before this write, or the one of the last successful reconcile, still has the file. */
function wasOwn({ version }: Revision, { before, dirState }: Facts): boolean {
  return [before?.directory, dirState].some(
    source => source?.kind === 'read' && versionsOf(source.directory.files).has(version),
  )
}

/** Other AtlasMigrations on this table whose directory has one of these versions. */
function ownersOf(rows: readonly Revision[], { sharing }: Facts): readonly string[] {
  return sharing
    .filter(({ directory }) => {
      const versions = versionsOf(directory?.files ?? [])
      return rows.some(row => versions.has(row.version))
    })
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

/** A checkpoint that is not older stands for the file; databases that ran the file still count its row. */
export function isSquashed({ version }: Revision, { files }: LiveHistory): boolean {
  return files.some(file => file.checkpoint && compareBytewise(version, file.version) <= 0)
}

function emptied(rows: readonly Revision[]): UnmatchedCause {
  const count = rows.length === 1 ? 'one row' : `${rows.length} rows`
  return {
    kind: 'emptied',
    found: `the directory has no migration file, the revisions table ${count}`,
    remedy: 'put the migration files back',
    details: [],
  }
}

function describe(origin: Origin, rows: readonly Revision[], facts: Facts): UnmatchedCause {
  const versions = listNames(rows.map(row => row.version))
  if (origin === 'shared') {
    const owners = listNames(ownersOf(rows, facts))
    return {
      kind: origin,
      found: `rows of ${owners} in the same table: ${versions}`,
      remedy: 'merge the directories: atlas-admission consolidate',
      details: [
        'Two directories cannot share a revisions table: the operator compares how many files and rows there are',
      ],
    }
  }
  if (origin === 'squashed')
    return {
      kind: origin,
      found: `files before a checkpoint are gone, but ran here: ${versions}`,
      remedy: 'keep the old files beside the checkpoint',
      details: [],
    }
  if (origin === 'removed')
    return {
      kind: origin,
      found: `applied files were removed: ${versions}`,
      remedy: 'put the removed files back',
      details: [],
    }
  return {
    kind: origin,
    found: `rows without a file: ${versions}`,
    remedy: 'put their files into the directory and rehash',
    details: [
      'Such rows come with a restored or moved database, or from another directory on the same table: use the directory that ran here',
    ],
  }
}
