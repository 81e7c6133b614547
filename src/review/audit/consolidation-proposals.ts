import type {
  ConsolidationDatabase,
  ConsolidationSource,
} from '../../atlas/consolidate/consolidation.js'
import type { Revision } from '../../atlas/engine/revision.js'
import { type Proposal, propose } from '../../policy/consolidation/consolidation-proposal.js'
import { namesakeTest } from '../../policy/history/namesake-directories.js'
import { versionsOf } from '../../policy/history/live-history.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { mapBounded } from '../limits/bounded.js'
import { connectGroups, directoriesOf } from './connected-groups.js'
import { groupBy } from '../verdict/group-by.js'
import { RowOrigins } from './row-origins.js'
import { describeTable, type TableGroup, type TableUser } from './table-grouping.js'
import { type ReadGroup, readGroup, type TableSources, type UsedDirectory } from './table-groups.js'

/** A proposal to merge directories, because rows of several of them are in one revisions table. */
export interface GroupProposal {
  /** The revisions tables with rows of several directories; at least one. */
  readonly groups: readonly TableGroup[]
  /** The directories, named as the command `consolidate` takes them. */
  readonly sources: readonly string[]
  readonly proposal: Proposal
  /**
   * Whether some of the directories hold other files under the same versions, as two services do
   * that both number from 1.
   */
  readonly hasNamesakes: boolean
}

export interface ProposalOptions {
  /**
   * False for an AtlasMigration that is alone on its table and whose rows are known to have a file
   * each. Its table need not be read again.
   */
  readonly isSuspect: (user: TableUser) => boolean
}

/** Sets of tables that are read at a time. This bounds the files and rows in memory. */
const setsAtOnce = 4

/**
 * Finds the revisions tables that several AtlasMigrations use with different files, or that have
 * rows from the directory of another AtlasMigration. Tells for each whether the directories can
 * become one as they are, on every database that uses any of them.
 */
export async function proposeConsolidations(
  groups: readonly TableGroup[],
  sources: TableSources,
  { isSuspect }: ProposalOptions,
): Promise<readonly GroupProposal[]> {
  const worthReading = connectGroups(groups).filter(set =>
    set.some(group => group.length > 1 || isSuspect(group[0])),
  )
  const origins = new RowOrigins(sources)
  const search = { all: groups, sources, origins }
  const found = await mapBounded(worthReading, setsAtOnce, set => proposeForSet(set, search))
  return uniqueProposals(found.filter(proposal => proposal !== null))
}

interface Search {
  readonly all: readonly TableGroup[]
  readonly sources: TableSources
  readonly origins: RowOrigins
}

async function proposeForSet(
  set: readonly TableGroup[],
  search: Search,
): Promise<GroupProposal | null> {
  const read = await readGroups(set, search)
  const traced = await Promise.all(read.map(group => search.origins.find(unmatchedRows(group))))
  const strangers = traced.flat()
  const tied = search.all.filter(
    group => !set.includes(group) && group.some(({ migration }) => strangers.includes(migration)),
  )
  const complete = [...read, ...(await readGroups(tied, search))]
  const troubled = read.filter(
    (group, index) => hasDifferentFiles(group) || hasNamesakes(group) || traced[index]!.length > 0,
  )
  if (troubled.length === 0) return null
  return {
    groups: troubled.map(({ group }) => group),
    sources: [...new Set(complete.flatMap(({ group }) => [...directoriesOf(group)]))],
    proposal: proposalOf(complete),
    hasNamesakes: troubled.some(hasNamesakes),
  }
}

function readGroups(
  groups: readonly TableGroup[],
  { sources }: Search,
): Promise<readonly ReadGroup[]> {
  return Promise.all(groups.map(group => readGroup(group, sources)))
}

/** Joins sets of tables that lead to the same directories, since one proposal says all. */
function uniqueProposals(proposals: readonly GroupProposal[]): readonly GroupProposal[] {
  const same = groupBy(proposals, ({ sources }) => sources.toSorted().join(' '))
  return Array.from(same.values(), found => ({
    ...(found[0] as GroupProposal),
    groups: found.flatMap(({ groups }) => groups),
    hasNamesakes: found.some(proposal => proposal.hasNamesakes),
  }))
}

function unmatchedRows({ table, directories }: ReadGroup): readonly Revision[] {
  if (table.kind !== 'read') return []
  const versions = new Set(
    directories.flatMap(used =>
      used.kind === 'read' ? [...versionsOf(used.directory.files)] : [],
    ),
  )
  return (table.revisions ?? []).filter(row => !versions.has(row.version))
}

/**
 * Whether the AtlasMigrations use different files. A directory that cannot be read counts as
 * different.
 */
function hasDifferentFiles({ directories }: ReadGroup): boolean {
  const sets = directories.map(used =>
    used.kind === 'read' ? [...versionsOf(used.directory.files)].toSorted().join('\n') : null,
  )
  return new Set(sets).size > 1
}

/** Whether two of the directories hold other files under the same versions. */
function hasNamesakes({ directories }: ReadGroup): boolean {
  const read = new Set(directories.filter(isRead).map(({ directory }) => directory.files))
  return [...read].some((files, index, all) =>
    all.slice(index + 1).some(other => namesakeTest(files)(other)),
  )
}

function proposalOf(read: readonly ReadGroup[]): Proposal {
  const reasons = read.flatMap(unknownParts)
  if (reasons.length > 0) return { kind: 'undecided', reasons }
  return propose({ sources: sourcesOf(read), databases: read.map(databaseOf) })
}

function unknownParts({ group, table, directories }: ReadGroup): readonly string[] {
  const files = directories.flatMap((used, index) =>
    used.kind === 'unknown' ? `${nameAt(group, index)}: ${used.reason}` : [],
  )
  const where = describeTable(group)
  if (table.kind === 'failed') return [...files, `${where}: ${table.message}`]
  if (table.kind === 'unread') return [...files, `${where}: no database was asked`]
  return table.ambiguous
    ? [...files, `${where}: the revisions table is ambiguous, there is one in two schemas`]
    : files
}

function nameAt(group: TableGroup, index: number): string {
  return migrationName((group[index] as TableUser).migration)
}

function sourcesOf(read: readonly ReadGroup[]): readonly ConsolidationSource[] {
  const used = read.flatMap(({ directories }) => directories).filter(isRead)
  return [...new Map(used.map(({ name, directory }) => [name, { name, directory }])).values()]
}

type ReadDirectory = Extract<UsedDirectory, { readonly kind: 'read' }>

function isRead(used: UsedDirectory): used is ReadDirectory {
  return used.kind === 'read'
}

/**
 * The database for a merge of directories that could all be read. It is planned with the spec of
 * the AtlasMigration with the most files, which is the one that `consolidate` keeps.
 */
function databaseOf({ group, table, directories }: ReadGroup): ConsolidationDatabase {
  const counts = directories.filter(isRead).map(({ directory }) => directory.files.length)
  const { spec } = (group[counts.indexOf(Math.max(...counts))] as TableUser).migration
  const { revisions, notClean } = table as Extract<typeof table, { kind: 'read' }>
  return {
    name: describeTable(group),
    state: { revisions, notClean },
    options: {
      execOrder: spec.execOrder ?? 'linear',
      baseline: spec.baseline ?? '',
      allowDirty: false,
    },
  }
}
