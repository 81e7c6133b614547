import type { AtlasMigration, Secret } from '../policy/atlas-migration.js'
import type { Cluster } from '../review/ports.js'
import { secretNames } from '../review/secret-names.js'

/** A Secret of another AtlasMigration that has changed meanwhile is seen so much later. */
export const memoryMs = 60_000

/**
 * To know who shares a table, the Secrets of all other AtlasMigrations are read, in each audit of one. So those that
 * make URLs are read once a minute for all audits together; nothing else is remembered, and nothing for longer.
 */
export class RememberedSecrets {
  readonly #cluster: Cluster
  readonly #monotonic: () => number
  readonly #readings = new Map<string, Promise<Secret | null>>()
  #forgetAt = -Infinity

  constructor(cluster: Cluster, monotonic: () => number) {
    this.#cluster = cluster
    this.#monotonic = monotonic
  }

  /** The cluster for the audit of one object, whose own Secrets are always read afresh. */
  clusterFor(migration: AtlasMigration): Cluster {
    const own = secretNames(migration)
    const cluster = this.#cluster
    const readSecret: Cluster['readSecret'] = (namespace, name, deadline) => {
      const read = () => cluster.readSecret(namespace, name, deadline)
      const isOwn = namespace === migration.metadata.namespace && own.has(name)
      // The operator's dir-state, for one, is large, and read once only.
      const makesUrls = () => cluster.migrationsOfSecret(namespace, name).length > 0
      return isOwn || !makesUrls() ? read() : this.#remember(`${namespace}/${name}`, read)
    }
    return { ...cluster, readSecret }
  }

  #remember(key: string, read: () => Promise<Secret | null>): Promise<Secret | null> {
    const now = this.#monotonic()
    if (now >= this.#forgetAt) {
      this.#readings.clear()
      this.#forgetAt = now + memoryMs
    }
    const known = this.#readings.get(key)
    // A failure may have been that of another audit's deadline.
    if (known) return known.catch(read)
    const reading = read()
    this.#readings.set(key, reading)
    reading.catch(() => this.#readings.delete(key))
    return reading
  }
}
