import { isDeepStrictEqual } from 'node:util'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'

/** What is known of one AtlasMigration, until it is deleted or its spec changes. */
export interface TargetEntry {
  /** The object as the cluster shows it now. */
  readonly migration: AtlasMigration
  /**
   * Keys of its revisions table and of its database. Empty: it has no database that could be told.
   * undefined: not known yet.
   */
  readonly keys: readonly string[] | undefined
  /** When its table is to be read again, in milliseconds of the index's clock. */
  readonly dueAt: number
}

export type Learnt = Pick<TargetEntry, 'keys' | 'dueAt'>

type Entry = { -readonly [K in keyof TargetEntry]: TargetEntry[K] }

/**
 * The entries of exactly those AtlasMigrations that the cluster shows. What is learnt of one that
 * has gone meanwhile is dropped.
 */
export class TargetEntries {
  readonly #byKey = new Map<string, Set<Entry>>()
  readonly #unknown = new Set<Entry>()
  readonly #new = new Set<Entry>()
  /**
   * Keyed by the object itself: most objects stay the same from one call to the next, and are found
   * without building a name.
   */
  #entries = new Map<AtlasMigration, Entry>()
  #all: readonly AtlasMigration[] = []

  /**
   * Takes over what the cluster shows. Costs one step for each object when anything changed, else
   * nothing.
   */
  follow(all: readonly AtlasMigration[]): void {
    if (all === this.#all) return
    this.#all = all
    const before = this.#entries
    this.#entries = new Map()
    const unseen: AtlasMigration[] = []
    for (const migration of all) {
      const entry = before.get(migration)
      if (entry) this.#entries.set(migration, entry)
      else unseen.push(migration)
      before.delete(migration)
    }
    this.#replace(before.values(), unseen)
  }

  isLiving(entry: TargetEntry): boolean {
    return this.#entries.get(entry.migration) === entry
  }

  /** The entries whose table was never read. */
  get new(): ReadonlySet<TargetEntry> {
    return this.#new
  }

  /** The number of AtlasMigrations whose table is not known. */
  get unknown(): number {
    return this.#unknown.size
  }

  /**
   * At most `count` entries that are to be read again, the longest overdue first. Scans all
   * entries.
   */
  overdue(now: number, count: number): readonly TargetEntry[] {
    const due = [...this.#entries.values()].filter(
      entry => entry.dueAt <= now && !this.#new.has(entry),
    )
    return due.sort((a, b) => a.dueAt - b.dueAt).slice(0, count)
  }

  withKey(key: string): readonly AtlasMigration[] {
    return [...(this.#byKey.get(key) ?? [])].map(({ migration }) => migration)
  }

  /**
   * Stores what was read. With `keys` of undefined it could not be read, so what was known before
   * still holds.
   */
  learn(entry: TargetEntry, { keys, dueAt }: Learnt): void {
    const living = this.#entries.get(entry.migration)
    if (living !== entry) return
    this.#new.delete(living)
    living.dueAt = dueAt
    if (keys === undefined || isDeepStrictEqual(keys, living.keys)) return
    this.#unlist(living)
    living.keys = keys
    this.#list(living)
  }

  /**
   * Replaces objects by their successors. A changed status makes a new object with the same target,
   * so the table is read again only when the spec changed.
   */
  #replace(gone: Iterable<Entry>, unseen: readonly AtlasMigration[]): void {
    const earlier = new Map<string, Entry>()
    for (const entry of gone) {
      this.#unlist(entry)
      this.#new.delete(entry)
      earlier.set(migrationName(entry.migration), entry)
    }
    for (const migration of unseen) {
      const entry = earlier.get(migrationName(migration))
      if (entry && hasSameTarget(entry.migration, migration)) this.#move(entry, migration)
      else this.#add(migration)
    }
  }

  #move(entry: Entry, migration: AtlasMigration): void {
    entry.migration = migration
    this.#entries.set(migration, entry)
    if (entry.dueAt === -Infinity) this.#new.add(entry)
    this.#list(entry)
  }

  #add(migration: AtlasMigration): void {
    const entry: Entry = { migration, keys: undefined, dueAt: -Infinity }
    this.#entries.set(migration, entry)
    this.#new.add(entry)
    this.#list(entry)
  }

  #list(entry: Entry): void {
    if (entry.keys === undefined) this.#unknown.add(entry)
    for (const key of entry.keys ?? []) {
      const users = this.#byKey.get(key)
      if (users) users.add(entry)
      else this.#byKey.set(key, new Set([entry]))
    }
  }

  #unlist(entry: Entry): void {
    this.#unknown.delete(entry)
    for (const key of entry.keys ?? []) {
      const users = this.#byKey.get(key)
      users?.delete(entry)
      if (users?.size === 0) this.#byKey.delete(key)
    }
  }
}

/**
 * Whether the new object leads to the same database. An object that was deleted and made again
 * under its name has another uid; in a folder objects have none.
 */
function hasSameTarget(before: AtlasMigration, after: AtlasMigration): boolean {
  return before.metadata.uid === after.metadata.uid && isDeepStrictEqual(before.spec, after.spec)
}
