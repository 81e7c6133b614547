import { createHash } from 'node:crypto'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { isUnnamed, migrationName } from '../../policy/facts/migration-name.js'
import { groupBy } from './group-by.js'
import type { Cluster } from '../ports/ports.js'
import { secretNames } from '../object/secret-names.js'

/**
 * How long an admitted object counts as there before the cluster shows it. It is stored and watched
 * within milliseconds; a loaded API server may take a second. An object that another webhook then
 * refuses is counted for as long.
 */
const believedMs = 2000

/**
 * Longest time of a review. An API server waits for a webhook at most 30 s (the limit of
 * timeoutSeconds).
 */
const longestReviewMs = 30_000

/** Finds the AtlasMigrations that refer to a ConfigMap or Secret. */
export type Users = Pick<Cluster, 'migrationsOfConfigMap' | 'migrationsOfSecret'>

/**
 * One request to store an AtlasMigration. Each has an end of its own, also where two are about the
 * same object.
 */
interface Arrival {
  readonly migration: AtlasMigration
  /** Equal for requests that lead to the same object with the same spec. */
  readonly result: string
  /** Until when it counts as there, in milliseconds since the epoch. */
  until: number
}

/**
 * Remembers arrivals: AtlasMigrations, new or with another spec, that are being admitted and that
 * the cluster does not show yet. Argo CD and others create all objects of one kind at the same
 * time, so two directories for one revisions table can arrive together, and the second review has
 * to see the first object. A replica does not see what another one reviews; the audit finds what
 * that lets through.
 */
export class Arrivals {
  readonly #now: () => Date
  readonly #arrivals = new Set<Arrival>()
  /**
   * What the cluster showed when the arrivals were last compared with it; null when there are new
   * arrivals since.
   */
  #compared: readonly AtlasMigration[] | null = null

  constructor(now: () => Date) {
    this.#now = now
  }

  /**
   * The arrivals before now. Those that the cluster shows, or should show by now, are forgotten.
   */
  unseen(cluster: Pick<Cluster, 'migrations'>): readonly AtlasMigration[] {
    const now = this.#now().getTime()
    for (const arrival of this.#arrivals) if (arrival.until < now) this.#arrivals.delete(arrival)
    this.#forgetShown(cluster.migrations())
    return this.#distinct()
  }

  /** The users of an object in the cluster, and those among the arrivals. */
  users(cluster: Users): Users {
    return {
      migrationsOfConfigMap: (namespace, name) => [
        ...cluster.migrationsOfConfigMap(namespace, name),
        ...this.#of(namespace, ({ spec }) => spec.dir?.configMapRef?.name === name),
      ],
      migrationsOfSecret: (namespace, name) => [
        ...cluster.migrationsOfSecret(namespace, name),
        ...this.#of(namespace, migration => secretNames(migration).has(name)),
      ],
    }
  }

  /**
   * Counts the object as there while it is reviewed, and for a while afterwards unless it was
   * refused.
   */
  async during<T extends { readonly allowed: boolean }>(
    migration: AtlasMigration,
    review: () => Promise<T>,
  ): Promise<T> {
    const until = this.#now().getTime() + longestReviewMs
    const arrival: Arrival = { migration, result: resultOf(migration), until }
    this.#arrivals.add(arrival)
    this.#compared = null
    let refused = false
    try {
      const answer = await review()
      refused = !answer.allowed
      return answer
    } finally {
      // A review that failed may still be answered with "allowed", if the policy says so.
      if (refused) this.#arrivals.delete(arrival)
      else arrival.until = this.#now().getTime() + believedMs
    }
  }

  #forgetShown(shown: readonly AtlasMigration[]): void {
    if (this.#arrivals.size === 0 || shown === this.#compared) return
    this.#compared = shown
    const byName = groupBy(this.#arrivals, ({ migration }) => migration.metadata.name)
    for (const migration of shown)
      for (const arrival of byName.get(migration.metadata.name) ?? [])
        if (isShown(arrival.migration, migration)) this.#arrivals.delete(arrival)
  }

  #of(
    namespace: string,
    isUser: (migration: AtlasMigration) => boolean,
  ): readonly AtlasMigration[] {
    return this.#distinct().filter(
      migration => migration.metadata.namespace === namespace && isUser(migration),
    )
  }

  /** The arrivals, each result once: a client that tries again sends the same object once more. */
  #distinct(): readonly AtlasMigration[] {
    const byResult = new Map<string, AtlasMigration>()
    for (const { result, migration } of this.#arrivals) byResult.set(result, migration)
    return [...byResult.values()]
  }
}

/** Whether the cluster shows the object as this request made it, or a later state of it. */
function isShown(
  { metadata: arrived }: AtlasMigration,
  { metadata: shown }: AtlasMigration,
): boolean {
  if (arrived.namespace !== shown.namespace) return false
  // After a deletion the cluster may still show the predecessor of a new object of the same name.
  if (arrived.uid !== undefined && shown.uid !== undefined && arrived.uid !== shown.uid)
    return false
  return (shown.generation ?? 0) >= (arrived.generation ?? 0)
}

function resultOf(migration: AtlasMigration): string {
  const name = isUnnamed(migration) ? migration.metadata.uid : migrationName(migration)
  const spec = createHash('sha256').update(JSON.stringify(migration.spec)).digest('base64')
  return `${name} ${spec}`
}
