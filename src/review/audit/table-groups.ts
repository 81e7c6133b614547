import type { Directory } from '../../atlas/directory/directory.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { configReach } from '../../policy/facts/custom-config.js'
import { directoryName } from '../../policy/facts/directory-name.js'
import type {
  DatabaseIdentity,
  DirectoryFacts,
  MissingReference,
  TableFacts,
  TargetFacts,
} from '../../policy/facts/facts.js'
import { contradicts } from '../../policy/facts/same-database.js'
import { describeMissing } from '../../policy/facts/missing-reference.js'
import { buildClusterView, type ClusterView } from '../facts/cluster-view.js'
import { readConfig } from '../facts/config-source.js'
import { readDirectorySource } from '../facts/read-directory.js'
import { groupBy } from '../verdict/group-by.js'
import type { Cluster, Deadline, RevisionsReader } from '../ports/ports.js'
import type { ServerTurns } from '../limits/server-turns.js'
import {
  groupByTable,
  type IsProven,
  namesakes,
  serverOf,
  type TableGroup,
  type TableUser,
} from './table-grouping.js'
import { TableReads } from '../facts/table-reads.js'
import { tableKey } from '../facts/target-index.js'
import { resolveTarget } from '../facts/target-resolution.js'
import { withTimeLimit } from '../limits/time-limit.js'

/** An AtlasMigration whose revisions table cannot be told. */
export interface UnplacedMigration {
  readonly migration: AtlasMigration
  /** Why, as a clause without a secret. */
  readonly reason: string
}

export interface TableGroups {
  readonly groups: readonly TableGroup[]
  readonly apart: readonly UnplacedMigration[]
}

export interface TableSources {
  readonly cluster: Cluster
  readonly reader: RevisionsReader
  readonly turns: ServerTurns
  /** Time limit for reading what belongs to one AtlasMigration or one table. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

/**
 * Finds which AtlasMigrations of the whole cluster use one revisions table: the same schema of the
 * same database, however the host is spelled. Only databases whose name leaves that open are asked.
 * Neither files nor rows are kept; {@link readGroup} reads them. Objects that are being deleted are
 * left out.
 */
export async function findTableGroups(sources: TableSources): Promise<TableGroups> {
  const migrations = sources.cluster
    .migrations()
    .filter(({ metadata }) => !metadata.deletionTimestamp)
  const placed = await Promise.all(migrations.map(migration => locate(migration, sources)))
  const users = placed.flatMap(found => ('target' in found ? [found] : []))
  const identities = await readIdentities(users, sources)
  const identified = users.map(user => ({
    ...user,
    identity: identities.get(serverKey(user)) ?? null,
  }))
  return {
    groups: groupByTable(identified, await findProof(identified, sources)),
    apart: placed.flatMap(found => ('reason' in found ? [found] : [])),
  }
}

function locate(
  migration: AtlasMigration,
  sources: TableSources,
): Promise<TableUser | UnplacedMigration> {
  return inTurn(null, sources, deadline =>
    place(migration, buildClusterView(sources.cluster, deadline)),
  ).catch(() => ({
    migration,
    reason: 'atlas-admission failed at it, which is a mistake of its own',
  }))
}

async function place(
  migration: AtlasMigration,
  view: ClusterView,
): Promise<TableUser | UnplacedMigration> {
  const config = await readConfig(view, migration)
  if (configReach({ config: config.facts, migration }).target)
    return { migration, reason: 'a custom atlas.hcl decides which database it is' }
  const { facts, url, missing } = await resolveTarget(view, migration)
  if (facts.kind !== 'resolved' || url === null)
    return { migration, reason: missingTarget(facts, missing) }
  const { target } = facts
  if (target.dialect !== 'postgres')
    return { migration, reason: `only PostgreSQL databases are read, its is ${target.dialect}` }
  return { migration, target, url, identity: null }
}

function missingTarget(facts: TargetFacts, [first]: readonly MissingReference[]): string {
  if (facts.kind === 'invalid') return `its database URL cannot be used: ${facts.problem}`
  return first === undefined ? 'it names no database' : describeMissing(first)
}

/** A key for each database of each server address. */
function serverKey(user: TableUser): string {
  return JSON.stringify([serverOf(user), user.target.database])
}

async function readIdentities(
  users: readonly TableUser[],
  sources: TableSources,
): Promise<ReadonlyMap<string, DatabaseIdentity | null>> {
  const byServer = groupBy(namesakes(users), serverKey)
  const entries = [...byServer].map(
    async ([key, same]) => [key, await readIdentity(same, sources)] as const,
  )
  return new Map(await Promise.all(entries))
}

type Compare = NonNullable<RevisionsReader['compareDatabases']>

/** Where nobody is connected to, nothing can be proven: then the address has to do. */
async function findProof(users: readonly TableUser[], sources: TableSources): Promise<IsProven> {
  const { reader } = sources
  if (reader.compareDatabases === undefined) return (a, b) => serverOf(a) === serverOf(b)
  const proven = await proveSame(users, sources, reader.compareDatabases.bind(reader))
  return (a, b) => proven.has(pairKey(a, b))
}

function pairKey({ target: a }: TableUser, { target: b }: TableUser): string {
  return JSON.stringify([tableKey(a), ...[a.fingerprint, b.fingerprint].toSorted()])
}

/**
 * The pairs of URLs that were proven to lead to one database, as {@link pairKey} writes them. What
 * the servers say of themselves can only refute that.
 */
async function proveSame(
  users: readonly TableUser[],
  sources: TableSources,
  compare: Compare,
): Promise<ReadonlySet<string>> {
  const pairs = new Map<string, readonly [TableUser, TableUser]>()
  const byName = groupBy(namesakes(users), ({ target }) => tableKey(target))
  for (const same of byName.values())
    for (const [index, a] of same.entries())
      for (const b of same.slice(index + 1))
        if (a.target.fingerprint !== b.target.fingerprint && mayBeSame(a, b))
          pairs.set(pairKey(a, b), [a, b])
  const found = await Promise.all(
    [...pairs].map(async ([key, [a, b]]) => {
      const question = { urls: [a.url, b.url] as const, revisionsSchema: a.target.revisionsSchema }
      return [key, await inTurn(a, sources, deadline => compare(question, deadline))] as const
    }),
  )
  return new Set(found.flatMap(([key, sameness]) => (sameness === 'same' ? [key] : [])))
}

function mayBeSame({ identity: a }: TableUser, { identity: b }: TableUser): boolean {
  return a !== null && b !== null && !contradicts(a, b)
}

/**
 * What the database says of itself, asked through the first user whose login works: another may
 * have a wrong password.
 */
async function readIdentity(
  users: readonly TableUser[],
  sources: TableSources,
): Promise<DatabaseIdentity | null> {
  for (const user of users) {
    const identity = await inTurn(user, sources, deadline =>
      sources.reader.readIdentity(user.url, deadline),
    )
    if (identity !== null) return identity
  }
  return null
}

/** A group with the rows and files that the operator would read. */
export interface ReadGroup {
  readonly group: TableGroup
  /** The table as the first user that could read it found it; else what the last one found. */
  readonly table: TableFacts
  /** One for each user, in the order of the group. */
  readonly directories: readonly UsedDirectory[]
}

/**
 * The directory whose files the operator runs for an AtlasMigration, or why that cannot be told.
 */
export type UsedDirectory =
  | { readonly kind: 'read'; readonly name: string; readonly directory: Directory }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Reads the rows of the group's table once, and the directory of each user. */
export async function readGroup(group: TableGroup, sources: TableSources): Promise<ReadGroup> {
  const [table, directories] = await Promise.all([
    readTable(group, sources),
    inTurn(null, sources, deadline => {
      const view = buildClusterView(sources.cluster, deadline)
      return Promise.all(group.map(({ migration }) => readUsedDirectory(migration, view)))
    }),
  ])
  return { group, table, directories }
}

export async function readUsedDirectory(
  migration: AtlasMigration,
  view: ClusterView,
): Promise<UsedDirectory> {
  const config = await readConfig(view, migration)
  if (configReach({ config: config.facts, migration }).plan)
    return { kind: 'unknown', reason: 'a custom atlas.hcl decides how it migrates' }
  const facts = await readDirectorySource(view, migration)
  if (facts.kind !== 'read') return { kind: 'unknown', reason: unknownDirectory(facts) }
  // A directory that can be read always has a name.
  return {
    kind: 'read',
    name: directoryName(migration) as string,
    directory: facts.directory,
  }
}

function unknownDirectory(facts: Exclude<DirectoryFacts, { readonly kind: 'read' }>): string {
  if (facts.kind === 'configmap-missing') return `ConfigMap ${facts.name} is not there`
  if (facts.kind === 'unreadable') return `ConfigMap ${facts.name} cannot be read: ${facts.reason}`
  return unnamed[facts.kind]
}

const unnamed = {
  none: 'it names no directory',
  remote: 'its directory is in Atlas Cloud and cannot be read here',
  conflicting: 'it names two directories, local and configMapRef',
} as const

async function readTable(group: TableGroup, sources: TableSources): Promise<TableFacts> {
  let table: TableFacts = { kind: 'unread' }
  for (const user of group) {
    table = await inTurn(user, sources, deadline => askTable(user, sources.reader, deadline))
    if (table.kind === 'read') return table
  }
  return table
}

function askTable(
  { migration, target, url }: TableUser,
  reader: RevisionsReader,
  deadline: Deadline,
): Promise<TableFacts> {
  const isSet = Boolean(migration.spec.revisionsSchema)
  return new TableReads(reader, deadline).readTable(url, target, isSet)
}

function inTurn<T>(
  user: TableUser | null,
  { turns, limitMs, signal }: TableSources,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  return turns.use(
    async () => user && serverOf(user),
    () => withTimeLimit({ ms: limitMs, parent: signal }, work),
  )
}
