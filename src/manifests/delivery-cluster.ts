import { consolidatedConfigMaps } from './consolidated-configmaps.js'
import type { DeliveredObject, DeliveryCluster } from '../review/delivery.js'
import { MigrationIndex } from '../review/object/migration-index.js'

/** A cluster in memory. It begins empty, and holds the objects that are put into it. */
export function buildDeliveryCluster(): DeliveryCluster {
  const objects = new Map<string, DeliveredObject['object']>()
  const migrations = new MigrationIndex()
  const read = (kind: DeliveredObject['kind'], namespace: string, name: string) =>
    objects.get(`${kind} ${namespace}/${name}`) ?? null
  return {
    current: ({ kind, object: { metadata } }) =>
      read(kind, String(metadata.namespace), String(metadata.name)),
    put(delivered) {
      const { kind, object } = delivered
      objects.set(`${kind} ${object.metadata.namespace}/${object.metadata.name}`, object)
      if (kind === 'AtlasMigration') migrations.set(object)
    },
    readConfigMap: async (namespace, name) => read('ConfigMap', namespace, name),
    readSecret: async (namespace, name) => read('Secret', namespace, name),
    configMapNames: async (namespace, prefix) => {
      const start = `ConfigMap ${namespace}/`
      return [...objects.keys()].flatMap(key =>
        key.startsWith(start + prefix) ? key.slice(start.length) : [],
      )
    },
    consolidatedConfigMaps: async namespace => consolidatedConfigMaps(namespace, objects.values()),
    migrations: () => migrations.all(),
    migrationsOfConfigMap: (namespace, name) => migrations.ofConfigMap(namespace, name),
    migrationsOfSecret: (namespace, name) => migrations.ofSecret(namespace, name),
  }
}
