import type { AtlasMigration } from '../policy/atlas-migration.js'
import { migrationName } from '../policy/migration-name.js'
import { MigrationIndex } from './migration-index.js'
import type { Cluster } from './ports.js'

/**
 * From the answer until the cluster shows the object: it is stored and watched within milliseconds, a loaded API
 * server may take a second. An object that another webhook refuses is believed in for as long.
 */
const believedMs = 2000

/** Those who refer to a ConfigMap or Secret. */
export type Users = Pick<Cluster, 'migrationsOfConfigMap' | 'migrationsOfSecret'>

/**
 * New AtlasMigrations that the cluster does not show yet. Argo CD and others create all objects of one kind at the
 * same time, so two directories for one revisions table come side by side: the second has to see the first. Of two
 * replicas neither sees what the other reviews; the audit finds what they let in.
 */
export class Arrivals {
  readonly #now: () => Date
  readonly #index = new MigrationIndex()
  /** By namespace and name: milliseconds since the epoch; Infinity during the review. */
  readonly #until = new Map<string, number>()

  constructor(now: () => Date) {
    this.#now = now
  }

  /** Those that came before now; what the cluster shows, or should show by now, is forgotten. */
  unseen(cluster: Pick<Cluster, 'migrations'>): readonly AtlasMigration[] {
    const now = this.#now().getTime()
    for (const arrival of this.#index.all())
      if (this.#until.get(migrationName(arrival))! < now || isKnown(arrival, cluster))
        this.#forget(arrival)
    return this.#index.all()
  }

  /** The users that the cluster shows, and those that came before now. */
  users(cluster: Users): Users {
    return {
      migrationsOfConfigMap: (namespace, name) => [
        ...cluster.migrationsOfConfigMap(namespace, name),
        ...this.#index.ofConfigMap(namespace, name),
      ],
      migrationsOfSecret: (namespace, name) => [
        ...cluster.migrationsOfSecret(namespace, name),
        ...this.#index.ofSecret(namespace, name),
      ],
    }
  }

  /** Counts the object as there while it is reviewed, and after that if it was admitted. */
  async during<T extends { readonly allowed: boolean }>(
    arrival: AtlasMigration,
    review: () => Promise<T>,
  ): Promise<T> {
    this.#index.set(arrival)
    this.#until.set(migrationName(arrival), Infinity)
    let admitted = false
    try {
      const answer = await review()
      admitted = answer.allowed
      return answer
    } finally {
      if (admitted) this.#until.set(migrationName(arrival), this.#now().getTime() + believedMs)
      else this.#forget(arrival)
    }
  }

  #forget(arrival: AtlasMigration): void {
    this.#until.delete(migrationName(arrival))
    // A review gives every object both.
    const { namespace, name } = arrival.metadata as { namespace: string; name: string }
    this.#index.delete(namespace, name)
  }
}

function isKnown(arrival: AtlasMigration, cluster: Pick<Cluster, 'migrations'>): boolean {
  const key = migrationName(arrival)
  return cluster.migrations().some(migration => migrationName(migration) === key)
}
