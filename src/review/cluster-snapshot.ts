import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import { MigrationIndex } from './object/migration-index.js'
import type { Cluster } from './ports/ports.js'

/**
 * The cluster with its AtlasMigrations frozen as they are now, for work that takes a while.
 * `change` may alter each of them. ConfigMaps and Secrets are still read when they are asked for.
 */
export function takeSnapshot(
  cluster: Cluster,
  change: (migration: AtlasMigration) => AtlasMigration = migration => migration,
): Cluster {
  const index = new MigrationIndex()
  for (const migration of cluster.migrations()) index.set(change(migration))
  return {
    readConfigMap: (namespace, name, deadline) => cluster.readConfigMap(namespace, name, deadline),
    readSecret: (namespace, name, deadline) => cluster.readSecret(namespace, name, deadline),
    configMapNames: (namespace, prefix, deadline) =>
      cluster.configMapNames(namespace, prefix, deadline),
    consolidatedConfigMaps: (namespace, deadline) =>
      cluster.consolidatedConfigMaps(namespace, deadline),
    migrations: () => index.all(),
    migrationsOfConfigMap: (namespace, name) => index.ofConfigMap(namespace, name),
    migrationsOfSecret: (namespace, name) => index.ofSecret(namespace, name),
  }
}
