import { isDeepStrictEqual } from 'node:util'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'

/** What is known of one AtlasMigration, from when it is first seen until it is gone or says something else. */
export interface TargetEntry {
  /** As the cluster shows it now. */
  readonly migration: AtlasMigration
  /** Name of its table. null: it has no target that could be told; undefined: not known yet. */
  readonly key: string | null | undefined
  /** When it is to be looked at again, in milliseconds of the index's clock. */
  readonly dueAt: number
}

export type Learnt = Pick<TargetEntry, 'key' | 'dueAt'>

type Entry = { -readonly [K in keyof TargetEntry]: TargetEntry[K] }

/**
 * The entries of exactly those AtlasMigrations that the cluster shows. What is learnt of one that is gone by then
 * changes nothing.
 */
export class TargetEntries {
  readonly #byKey = new Map<string, Set<Entry>>()
  readonly #unknown = new Set<Entry>()
  readonly #new = new Set<Entry>()
  /** By the object itself: most are the same from one look to the next, and are found without making a name. */
  #entries = new Map<AtlasMigration, Entry>()
  #all: readonly AtlasMigration[] = []

  /** Takes over what the cluster shows. Costs one step for each object when anything changed, else none. */
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

  /** Not looked at even once. */
  get new(): ReadonlySet<TargetEntry> {
    return this.#new
  }

  /** Of how many the table is not known. */
  get unknown(): number {
    return this.#unknown.size
  }

  /** The first `count` of those that are to be looked at again, longest overdue first. Scans all. */
  overdue(now: number, count: number): readonly TargetEntry[] {
    const due = [...this.#entries.values()].filter(
      entry => entry.dueAt <= now && !this.#new.has(entry),
    )
    return due.sort((a, b) => a.dueAt - b.dueAt).slice(0, count)
  }

  withKey(key: string): readonly AtlasMigration[] {
    return [...(this.#byKey.get(key) ?? [])].map(({ migration }) => migration)
  }

  /** `key` undefined: it could not be told, so what was known before still holds. */
  learn(entry: TargetEntry, { key, dueAt }: Learnt): void {
    const living = this.#entries.get(entry.migration)
    if (living !== entry) return
    this.#new.delete(living)
    living.dueAt = dueAt
    if (key === undefined || key === living.key) return
    this.#unlist(living)
    living.key = key
    this.#list(living)
  }

  /** A status that changes replaces the object, but not its target: that is only told again when the spec changes. */
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
    const entry: Entry = { migration, key: undefined, dueAt: -Infinity }
    this.#entries.set(migration, entry)
    this.#new.add(entry)
    this.#list(entry)
  }

  #list(entry: Entry): void {
    if (entry.key === undefined) this.#unknown.add(entry)
    if (typeof entry.key !== 'string') return
    const users = this.#byKey.get(entry.key)
    if (users) users.add(entry)
    else this.#byKey.set(entry.key, new Set([entry]))
  }

  #unlist(entry: Entry): void {
    this.#unknown.delete(entry)
    if (typeof entry.key !== 'string') return
    const users = this.#byKey.get(entry.key)
    users?.delete(entry)
    if (users?.size === 0) this.#byKey.delete(entry.key)
  }
}

/** An object of the same name that was deleted and made again has another uid. In a folder objects have none. */
function hasSameTarget(before: AtlasMigration, after: AtlasMigration): boolean {
  return before.metadata.uid === after.metadata.uid && isDeepStrictEqual(before.spec, after.spec)
}
