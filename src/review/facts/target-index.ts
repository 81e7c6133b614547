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

/**
 * A Secret is not watched, so what it said is believed for so long. It only finds candidates: each is resolved
 * afresh before anything is said of it, and the audit comes by as often.
 */
const believedMs = 600_000

/** Of a review's few seconds. In a cluster that was just started, thousands of Secrets may have to be read first. */
const defaultBudgetMs = 1500

/** Reads at a time; the API server allows far more, but the reviews at hand need some too. */
const concurrency = 20

/** Entries that one review looks at again: they stay good enough until their turn comes. */
const refreshes = 20

/** Finding overdue entries means scanning all of them, so at most one review a second does it. */
const refreshEveryMs = 1000

/** A read that takes longer than any review may (30 s) is not coming back; nobody waits for it any more. */
const lostAfterMs = 30_000

export interface TargetIndexOptions {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** How long one question waits for AtlasMigrations that are not known yet, in milliseconds. */
  readonly budgetMs?: number
  /** Told when resolving a target threw; must not throw itself. */
  readonly onFault?: FaultListener
}

/** One attempt to tell a target, for all reviews that ask meanwhile. */
interface Attempt {
  readonly startedAt: number
  readonly ended: Promise<void>
}

/**
 * AtlasMigrations by the name of their revisions table, so that the users of one are found without reading the
 * Secrets of all. Lives as long as the process; holds no password and no URL.
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

  /** Every AtlasMigration that may use a table of this name, as far as they are known. Never rejects. */
  async candidates(table: TableName, view: ClusterView): Promise<readonly AtlasMigration[]> {
    this.#entries.follow(view.migrations())
    await this.#resolve(view)
    // Some may have been deleted or replaced while Secrets were read.
    this.#entries.follow(view.migrations())
    return this.#entries.withKey(tableKey(table))
  }

  /** How many could not be looked at yet. */
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
    // What takes longer is there for the next review.
    await atMost(this.#budgetMs, resolving)
  }

  #overdue(now: number): readonly TargetEntry[] {
    if (now - this.#refreshedAt < refreshEveryMs) return []
    this.#refreshedAt = now
    return this.#entries.overdue(now, refreshes)
  }

  /**
   * Waits for the attempt of another review, where there is one. That ends without an answer when the other review
   * is given up, so this one then makes, or waits for, one more.
   */
  async #resolveOne(entry: TargetEntry, view: ClusterView): Promise<void> {
    const running = this.#running(entry)
    if (running) await running.ended
    if (running && entry.key !== undefined) return
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
        // One that was given up for lost may come after its successor.
        if (this.#attempts.get(entry) !== attempt) return
        this.#attempts.delete(entry)
        this.#entries.learn(entry, learnt)
      }),
    }
    this.#attempts.set(entry, attempt)
    return attempt
  }

  /** Never rejects: what is wrong with one AtlasMigration is nobody else's concern. */
  async #tell(migration: AtlasMigration, view: ClusterView): Promise<Learnt> {
    try {
      const { facts, missing } = await resolveTarget(view, migration)
      // Not readable at the moment: nothing is known, so it is asked for again.
      if (missing.some(({ reason }) => reason === 'unreadable'))
        return { key: undefined, dueAt: this.#now() + refreshEveryMs }
      const target = facts.kind === 'resolved' ? facts.target : null
      // A URL in the spec itself lasts as long as the spec.
      const isLasting = target !== null && !target.fromSecret
      return {
        key: target && tableKey(target),
        dueAt: isLasting ? Infinity : this.#now() + believedMs,
      }
    } catch (error) {
      this.#onFault({ part: 'sharing', where: `${migrationName(migration)}: its target`, error })
      return { key: undefined, dueAt: this.#now() + believedMs }
    }
  }
}

/** Equal for tables of one name. */
export function tableKey({ dialect, database, revisionsSchema }: TableName): string {
  return JSON.stringify([dialect, database, revisionsSchema])
}
