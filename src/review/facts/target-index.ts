import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { Target } from '../../policy/facts/facts.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { mapBounded } from '../limits/bounded.js'
import type { ClusterView } from './cluster-view.js'
import { type FaultListener, ignoreFault } from '../ports/fault.js'
import { type Learnt, TargetEntries, type TargetEntry } from './target-entries.js'
import { resolveTarget } from './target-resolution.js'
import { atMost } from '../limits/time-limit.js'

/** What two AtlasMigrations have in common when they may use one revisions table. */
export type TableName = Pick<Target, 'dialect' | 'database' | 'revisionsSchema'>

/** What two AtlasMigrations have in common when their URLs lead to one database. */
export type DatabaseName = Pick<Target, 'dialect' | 'host' | 'port' | 'database'>

/**
 * How long the value of a Secret is believed, since Secrets are not watched. The index only finds
 * candidates: each is resolved again before anything is said of it, and the audit reads it as
 * often.
 */
const believedMs = 600_000

/**
 * Part of a review's few seconds that it may spend here. After a start in a large cluster,
 * thousands of Secrets may have to be read first.
 */
const defaultBudgetMs = 1500

/**
 * Reads at a time. The API server allows far more, but the reviews that run meanwhile need some
 * too.
 */
const concurrency = 20

/** Entries that one review reads again. The others are good enough until their turn comes. */
const refreshes = 20

/** Finding overdue entries means scanning all of them, so at most one review a second does it. */
const refreshEveryMs = 1000

/**
 * A read that takes longer than any review may (30 s) will never answer, so nobody waits for it any
 * more.
 */
const lostAfterMs = 30_000

export interface TargetIndexOptions {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** How long one question waits for AtlasMigrations that are not known yet, in milliseconds. */
  readonly budgetMs?: number
  /** Told when resolving a target threw. It must not throw itself. */
  readonly onFault?: FaultListener
}

/** One attempt to resolve a target. All reviews that need it meanwhile wait for the same one. */
interface Attempt {
  readonly startedAt: number
  readonly ended: Promise<void>
}

/**
 * Finds AtlasMigrations by the name of their revisions table, without reading the Secrets of all of
 * them each time. Lives as long as the process, and holds no password and no URL.
 */
export class TargetIndex {
  readonly #now: () => number
  readonly #budgetMs: number
  readonly #onFault: FaultListener
  readonly #entries = new TargetEntries()
  readonly #attempts = new WeakMap<TargetEntry, Attempt>()
  #refreshedAt = -Infinity

  constructor(options: TargetIndexOptions = {}) {
    this.#now = options.now ?? (() => performance.now())
    this.#budgetMs = options.budgetMs ?? defaultBudgetMs
    this.#onFault = options.onFault ?? ignoreFault
  }

  /** Every AtlasMigration that is known to use, or may use, a table of this name. Never rejects. */
  async candidates(table: TableName, view: ClusterView): Promise<readonly AtlasMigration[]> {
    await this.#follow(view)
    return this.#entries.withKey(tableKey(table))
  }

  /**
   * Every AtlasMigration that is known to use, or may use, the database of this address, whichever
   * its revisions table is. Never rejects.
   */
  async neighbours(database: DatabaseName, view: ClusterView): Promise<readonly AtlasMigration[]> {
    await this.#follow(view)
    return this.#entries.withKey(databaseKey(database))
  }

  async #follow(view: ClusterView): Promise<void> {
    this.#entries.follow(view.migrations())
    await this.#resolve(view)
    // Some may have been deleted or replaced while their Secrets were read.
    this.#entries.follow(view.migrations())
  }

  /** The number of AtlasMigrations whose table is not known yet. */
  unknown(): number {
    return this.#entries.unknown
  }

  async #resolve(view: ClusterView): Promise<void> {
    const started = this.#now()
    const due = [...this.#entries.new, ...this.#overdue(started)]
    if (due.length === 0) return
    const resolving = mapBounded(due, concurrency, async entry => {
      if (this.#now() - started < this.#budgetMs && this.#entries.isLiving(entry))
        await this.#resolveOne(entry, view)
    })
    // What takes longer goes on, and is ready for the next review.
    await atMost(this.#budgetMs, resolving)
  }

  #overdue(now: number): readonly TargetEntry[] {
    if (now - this.#refreshedAt < refreshEveryMs) return []
    this.#refreshedAt = now
    return this.#entries.overdue(now, refreshes)
  }

  /**
   * Resolves the target, or waits for another review that does so already. That attempt ends
   * without a result when the other review is given up; then this review waits for one more, or
   * makes it.
   */
  async #resolveOne(entry: TargetEntry, view: ClusterView): Promise<void> {
    const running = this.#running(entry)
    if (running) await running.ended
    if (running && entry.keys !== undefined) return
    await (this.#running(entry) ?? this.#attempt(entry, view)).ended
  }

  #running(entry: TargetEntry): Attempt | undefined {
    const attempt = this.#attempts.get(entry)
    return attempt && this.#now() - attempt.startedAt < lostAfterMs ? attempt : undefined
  }

  #attempt(entry: TargetEntry, view: ClusterView): Attempt {
    const attempt = {
      startedAt: this.#now(),
      ended: this.#tell(entry.migration, view).then(learnt => {
        // An attempt that was given up may still end after its successor began.
        if (this.#attempts.get(entry) !== attempt) return
        this.#attempts.delete(entry)
        this.#entries.learn(entry, learnt)
      }),
    }
    this.#attempts.set(entry, attempt)
    return attempt
  }

  /**
   * Resolves the target. Never rejects: a mistake in one AtlasMigration must not keep the others
   * from being found.
   */
  async #tell(migration: AtlasMigration, view: ClusterView): Promise<Learnt> {
    try {
      const { facts, missing } = await resolveTarget(view, migration)
      // A Secret cannot be read at the moment, so nothing is known, and it is asked for again soon.
      if (missing.some(({ reason }) => reason === 'unreadable'))
        return { keys: undefined, dueAt: this.#now() + refreshEveryMs }
      const target = facts.kind === 'resolved' ? facts.target : null
      // A URL in the spec itself can change only with the spec.
      const isLasting = target !== null && !target.fromSecret
      return {
        keys: target ? [tableKey(target), databaseKey(target)] : [],
        dueAt: isLasting ? Infinity : this.#now() + believedMs,
      }
    } catch (error) {
      this.#onFault({ part: 'sharing', where: `${migrationName(migration)}: its target`, error })
      return { keys: undefined, dueAt: this.#now() + believedMs }
    }
  }
}

/** A key that is equal for databases of one address, as their URLs spell it. */
export function databaseKey({ dialect, host, port, database }: DatabaseName): string {
  return JSON.stringify([dialect, host, port, database])
}

/** A key that is equal for tables of one name. */
export function tableKey({ dialect, database, revisionsSchema }: TableName): string {
  return JSON.stringify([dialect, database, revisionsSchema])
}
