import { buildClusterView } from '../../review/facts/cluster-view.js'
import type { Cluster, Deadline } from '../../review/ports/ports.js'
import { resolveTarget, type ResolvedTarget } from '../../review/facts/target-resolution.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { DatabaseReadError } from '../input/database-read-error.js'
import type { LiveTableChoice } from './live-table.js'
import { UsageError } from '../line/usage-error.js'

/**
 * The revisions table that the operator uses for an AtlasMigration, given as `[NAMESPACE/]NAME`.
 * @throws UsageError when the name fits none or several, DatabaseReadError when no database can be
 * told
 */
export async function migrationTable(
  name: string,
  cluster: Cluster,
  deadline: Deadline,
): Promise<LiveTableChoice> {
  const migration = findMigration(name, cluster.migrations())
  const source = `AtlasMigration ${migrationName(migration)}`
  const resolved = await resolveTarget(buildClusterView(cluster, deadline), migration)
  if (resolved.url === null) throw new DatabaseReadError(source, whyNone(resolved))
  const revisionsSchema = migration.spec.revisionsSchema || null
  return { source, url: resolved.url.reveal(), revisionsSchema }
}

function findMigration(name: string, migrations: readonly AtlasMigration[]): AtlasMigration {
  const [found, other] = migrations.filter(
    migration => migration.metadata.name === name || migrationName(migration) === name,
  )
  if (found === undefined)
    throw new UsageError(
      `no AtlasMigration ${name} in the cluster; expected [NAMESPACE/]NAME of one`,
    )
  if (other === undefined) return found
  throw new UsageError(
    `several AtlasMigrations are called ${name}; say which: ${migrationName(found)} or ${migrationName(other)}`,
  )
}

function whyNone({ facts, missing }: ResolvedTarget): string {
  const [lacking] = missing
  if (lacking !== undefined) {
    const { path, secret, key, reason, why } = lacking
    const what = {
      'secret-not-found': 'is not there',
      'key-not-found': 'lacks it',
      unreadable: why,
    }
    return `${path} needs the key ${key} of Secret ${secret}, which ${what[reason]}`
  }
  if (facts.kind === 'invalid') return facts.problem
  return 'it names no database URL; put the URL into a variable and name that: env:VARIABLE'
}
