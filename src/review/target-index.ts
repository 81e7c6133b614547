import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { Target } from '../policy/facts.js'
import { mapBounded } from './bounded.js'
import type { ClusterView } from './cluster-view.js'
import { resolveTarget } from './target-resolution.js'

/** What two AtlasMigrations have in common when they may use one revisions table. */
export type TableName = Pick<Target, 'dialect' | 'database' | 'revisionsSchema'>

interface Entry {
  /** null: it has no target that could be told. */
  readonly key: string | null
  /** From when on it is resolved again, in milliseconds of the process; never for a URL in the spec itself. */
  readonly staleAt: number
}

/**
 * A Secret is not watched, so what it said is believed for so long. It only finds candidates: each is resolved
 * afresh before anything is said of it, and the audit comes by as often.
 */
const believedMs = 600_000

/** Of a review's few seconds. In a cluster that was just started, thousands of Secrets may have to be read first. */
const budgetMs = 1500

/** Reads at a time; the API server allows far more, but the reviews at hand need some too. */
const concurrency = 20

/** Stale entries that one review reads again: they stay good enough until their turn comes. */
const refreshes = 20

/** Looking for them takes a look at all, so not every review does. */
const refreshEveryMs = 1000

/**
 * AtlasMigrations by the name of their revisions table, so that the users of one are found without reading the
 * Secrets of all. Lives as long as the process; holds no password and no URL.
 */
export class TargetIndex {
  readonly #now: () => number
  readonly #entries = new Map<AtlasMigration, Entry>()
  readonly #byKey = new Map<string, Set<AtlasMigration>>()
  readonly #pending = new Set<AtlasMigration>()
  #all: readonly AtlasMigration[] = []
  #refreshedAt = -Infinity

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Every AtlasMigration that may use a table of this name, as far as they are known. */
  async candidates(table: TableName, view: ClusterView): Promise<readonly AtlasMigration[]> {
    this.#follow(view.migrations())
    await this.#resolve(view)
    return [...(this.#byKey.get(tableKey(table)) ?? [])]
  }

  /** How many could not be looked at in time yet. */
  unknown(): number {
    return this.#pending.size
  }

  /** An object that changes is another object, so what is gone or replaced is not among them any more. */
  #follow(all: readonly AtlasMigration[]): void {
    if (all === this.#all) return
    this.#all = all
    const living = new Set(all)
    for (const migration of this.#entries.keys())
      if (!living.has(migration)) this.#forget(migration)
    this.#pending.clear()
    for (const migration of all) if (!this.#entries.has(migration)) this.#pending.add(migration)
  }

  async #resolve(view: ClusterView): Promise<void> {
    const started = this.#now()
    const due = [...this.#pending, ...this.#stale(started)]
    await mapBounded(due, concurrency, async migration => {
      if (this.#now() - started < budgetMs) await this.#resolveOne(migration, view)
    })
  }

  #stale(now: number): readonly AtlasMigration[] {
    if (now - this.#refreshedAt < refreshEveryMs) return []
    this.#refreshedAt = now
    const entries = [...this.#entries].filter(([, { staleAt }]) => staleAt <= now)
    return entries.slice(0, refreshes).map(([migration]) => migration)
  }

  async #resolveOne(migration: AtlasMigration, view: ClusterView): Promise<void> {
    const { facts, missing } = await resolveTarget(view, migration)
    // Not readable at the moment: nothing is known, so it is asked for again.
    if (missing.some(({ reason }) => reason === 'unreadable')) return
    const target = facts.kind === 'resolved' ? facts.target : null
    const isLasting = target !== null && !target.fromSecret
    this.#remember(migration, {
      key: target && tableKey(target),
      staleAt: isLasting ? Infinity : this.#now() + believedMs,
    })
  }

  #remember(migration: AtlasMigration, entry: Entry): void {
    this.#forget(migration)
    this.#pending.delete(migration)
    this.#entries.set(migration, entry)
    if (entry.key === null) return
    const users = this.#byKey.get(entry.key)
    if (users) users.add(migration)
    else this.#byKey.set(entry.key, new Set([migration]))
  }

  #forget(migration: AtlasMigration): void {
    const key = this.#entries.get(migration)?.key
    this.#entries.delete(migration)
    if (key === undefined || key === null) return
    const users = this.#byKey.get(key)
    users?.delete(migration)
    if (users?.size === 0) this.#byKey.delete(key)
  }
}

/** Equal for tables of one name. */
export function tableKey({ dialect, database, revisionsSchema }: TableName): string {
  return JSON.stringify([dialect, database, revisionsSchema])
}
