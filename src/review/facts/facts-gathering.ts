import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { configReach } from '../../policy/facts/custom-config.js'
import type {
  DirectoryFacts,
  DirStateFacts,
  Facts,
  MissingReference,
  NeighbouringMigration,
  OperatorFacts,
  TableFacts,
} from '../../policy/facts/facts.js'
import { predictOperator } from '../../policy/facts/operator-prediction.js'
import { findNeighbours } from './neighbours.js'
import { findMissingVariables, readConfig } from './config-source.js'
import { readPendingObjects } from './pending-objects.js'
import { readDirState } from './dir-state.js'
import { readDirectorySource } from './read-directory.js'
import { findSharing, type Sharing, type SharingSources } from './sharing.js'
import type { TableUse } from './table-reads.js'
import {
  type ResolvedTarget,
  resolveDevTarget,
  resolveTarget,
  unresolved,
} from './target-resolution.js'

export interface FactSources extends SharingSources {
  readonly operator: OperatorFacts
  /** Waits until the thread is free for work that takes a while. */
  readonly turn: () => Promise<void>
  /** The verdict's own use of tables. */
  readonly use: Pick<TableUse, 'readTable' | 'readObjects'>
}

/**
 * Reads everything that a verdict on this AtlasMigration rests on. Reads that do not depend on each
 * other run at the same time.
 */
export async function gatherFacts(
  migration: AtlasMigration,
  sources: FactSources,
): Promise<Omit<Facts, 'before'>> {
  const [directory, [config, database], dirState, dev, variables] = await Promise.all([
    readOwnDirectory(migration, sources),
    readConfigured(migration, sources),
    readOwnDirState(migration, sources),
    readDevTarget(migration, sources),
    readVariables(migration, sources),
  ])
  const reach = configReach({ config: config.facts, migration })
  await sources.turn()
  const facts: Omit<Facts, 'before'> = {
    migration,
    directory,
    config: config.facts,
    operator: sources.operator,
    dirState,
    target: database.resolved.facts,
    devTarget: dev.facts,
    missing: [...database.resolved.missing, ...dev.missing, ...config.missing, ...variables],
    table: database.table,
    sharing: database.sharing,
    alike: database.alike,
    neighbours: database.neighbours,
    prediction: reach.plan
      ? null
      : predictOperator({ spec: migration.spec, directory, table: database.table }),
  }
  const objects = await readPendingObjects({ ...facts, before: null }, database.resolved, sources)
  return objects === null ? facts : { ...facts, objects }
}

function readOwnDirectory(migration: AtlasMigration, { view, parts, turn }: FactSources) {
  const { configMapRef } = migration.spec.dir ?? {}
  const name = configMapRef?.name ?? migration.metadata.name ?? ''
  return parts.read<DirectoryFacts>({
    name: 'the directory',
    read: async () => {
      await turn()
      return readDirectorySource(view, migration)
    },
    fallback: reason => ({ kind: 'unreadable', name, reason }),
  })
}

function readOwnDirState(migration: AtlasMigration, { view, parts }: FactSources) {
  const { name = '', namespace = '' } = migration.metadata
  return parts.read<DirStateFacts>({
    name: 'the dir-state Secret',
    read: () => readDirState(view, namespace, name),
    fallback: reason => ({ kind: 'unreadable', reason }),
  })
}

function readDevTarget(migration: AtlasMigration, { view, parts }: FactSources) {
  return parts.read<ResolvedTarget>({
    name: 'the dev database',
    read: () => resolveDevTarget(view, migration),
    fallback: () => unresolved,
  })
}

function readVariables(migration: AtlasMigration, { view, parts }: FactSources) {
  return parts.read<readonly MissingReference[]>({
    name: 'spec.vars',
    read: () => findMissingVariables(view, migration),
    fallback: () => [],
  })
}

interface Database extends Sharing {
  readonly resolved: ResolvedTarget
  readonly neighbours: readonly NeighbouringMigration[]
  readonly table: TableFacts
}

const unshared: Sharing = { sharing: [], alike: { names: [], elsewhere: 0 } }
const alone = { ...unshared, neighbours: [] }

/** Reads the config before the database, because the config may name another one. */
async function readConfigured(migration: AtlasMigration, sources: FactSources) {
  const config = await sources.parts.read<Awaited<ReturnType<typeof readConfig>>>({
    name: 'the custom atlas.hcl',
    read: () => readConfig(sources.view, migration),
    fallback: () => ({ facts: { kind: 'unreadable' }, missing: [] }),
  })
  const reach = configReach({ config: config.facts, migration })
  if (!reach.target) return [config, await readDatabase(migration, sources)] as const
  const resolved: ResolvedTarget = { facts: { kind: 'custom-config' }, url: null, missing: [] }
  return [config, { resolved, table: { kind: 'unread' }, ...alone } as Database] as const
}

async function readDatabase(migration: AtlasMigration, sources: FactSources): Promise<Database> {
  const { view, use, parts } = sources
  const resolved = await parts.read<ResolvedTarget>({
    name: 'the database URL',
    read: () => resolveTarget(view, migration),
    fallback: () => unresolved,
  })
  const { facts, url } = resolved
  if (facts.kind !== 'resolved' || !url) return { resolved, table: { kind: 'unread' }, ...alone }
  const { target } = facts
  const table: TableFacts =
    target.dialect === 'postgres'
      ? await parts.read<TableFacts>({
          name: 'the revisions table',
          read: () => use.readTable(url, target, Boolean(migration.spec.revisionsSchema)),
          fallback: message => ({ kind: 'failed', failure: 'timeout', message }),
        })
      : { kind: 'unread' }
  const identity = table.kind === 'read' ? table.identity : null
  const shared = { migration, target, url, identity }
  const sharing = await parts.read<Sharing>({
    name: 'the other users of its table',
    read: () => findSharing(shared, sources),
    fallback: () => unshared,
    unchecked: { part: 'sharing', note: 'other users of the table' },
  })
  if (table.kind !== 'read') return { resolved, table, ...sharing, neighbours: [] }
  const neighbours = await parts.read<readonly NeighbouringMigration[]>({
    name: 'the other users of its database',
    read: () => findNeighbours({ migration, target, table }, sources),
    fallback: () => [],
    unchecked: { part: 'sharing', note: 'other users of the database' },
  })
  return { resolved, table, ...sharing, neighbours }
}
