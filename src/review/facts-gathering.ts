import type { AtlasMigration } from '../policy/atlas-migration.js'
import { configReach } from '../policy/custom-config.js'
import type { Facts, TableFacts } from '../policy/facts.js'
import { predictOperator } from '../policy/operator-prediction.js'
import type { ClusterView } from './cluster-view.js'
import { findMissingVariables, readConfig } from './config-source.js'
import { readDirState } from './dir-state.js'
import { readDirectorySource } from './directory-source.js'
import { findSharing } from './sharing.js'
import type { TableReads } from './table-reads.js'
import type { TargetIndex } from './target-index.js'
import { type ResolvedTarget, resolveDevTarget, resolveTarget } from './target-resolution.js'

export interface FactSources {
  readonly view: ClusterView
  readonly tables: TableReads
  readonly targets: TargetIndex
}

/** Reads everything a verdict on this AtlasMigration rests on; whatever does not depend on another read runs beside it. */
export async function gatherFacts(
  migration: AtlasMigration,
  sources: FactSources,
): Promise<Omit<Facts, 'before'>> {
  const { view } = sources
  const { name = '', namespace = '' } = migration.metadata
  const [directory, [config, database], dirState, dev, variables] = await Promise.all([
    readDirectorySource(view, migration),
    readConfigured(migration, sources),
    readDirState(view, namespace, name),
    resolveDevTarget(view, migration),
    findMissingVariables(view, migration),
  ])
  const reach = configReach({ config: config.facts, migration })
  return {
    migration,
    directory,
    config: config.facts,
    dirState,
    target: database.resolved.facts,
    devTarget: dev.facts,
    missing: [...database.resolved.missing, ...dev.missing, ...config.missing, ...variables],
    table: database.table,
    sharing: database.sharing,
    prediction: reach.plan
      ? null
      : predictOperator({ spec: migration.spec, directory, table: database.table }),
  }
}

interface Database {
  readonly resolved: ResolvedTarget
  readonly table: TableFacts
  readonly sharing: Facts['sharing']
}

/** The config first: it may name another database. */
async function readConfigured(migration: AtlasMigration, sources: FactSources) {
  const config = await readConfig(sources.view, migration)
  const reach = configReach({ config: config.facts, migration })
  if (!reach.target) return [config, await readDatabase(migration, sources)] as const
  const resolved: ResolvedTarget = { facts: { kind: 'custom-config' }, url: null, missing: [] }
  return [config, { resolved, table: { kind: 'unread' }, sharing: [] } as Database] as const
}

async function readDatabase(migration: AtlasMigration, sources: FactSources): Promise<Database> {
  const resolved = await resolveTarget(sources.view, migration)
  const { facts, url } = resolved
  if (facts.kind !== 'resolved' || !url || facts.target.dialect !== 'postgres')
    return { resolved, table: { kind: 'unread' }, sharing: [] }
  const schemaIsSet = Boolean(migration.spec.revisionsSchema)
  const table = await sources.tables.readTable(url, facts.target, schemaIsSet)
  if (table.kind !== 'read') return { resolved, table, sharing: [] }
  const shared = { migration, target: facts.target, identity: table.identity }
  return { resolved, table, sharing: await findSharing(shared, sources) }
}
