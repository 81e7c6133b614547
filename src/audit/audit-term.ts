import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import { sanitizeText } from '../policy/text/sanitize-text.js'
import { migrationName } from '../policy/facts/migration-name.js'
import {
  auditedServer,
  type MigrationAudit,
  auditMigration,
} from '../review/audit/audit-migration.js'
import type { Term } from '../review/audit/audit-ports.js'
import { ServerTurns } from '../review/limits/server-turns.js'
import { withTimeLimit } from '../review/limits/time-limit.js'
import type { AuditOptions, AuditTiming } from './audit-options.js'
import type { AuditOutlets } from './audit-outlets.js'
import { LastResults } from './last-results.js'
import { pause } from './pause.js'

/**
 * Objects audited at a time for one database server. The server has connections for others, and an
 * audit is in no hurry.
 */
const maxPerServer = 2

/** Time limit for reading the Secret that tells which server an object is about. */
const locateMs = 5000

export interface TermOptions extends AuditOptions {
  readonly timing: AuditTiming
  readonly outlets: AuditOutlets
}

/**
 * The audits during one term of leadership. Everything known here is forgotten when the term ends.
 */
export class AuditTerm {
  readonly results = new LastResults()
  readonly #term: Term
  readonly #options: TermOptions
  readonly #turns: ServerTurns
  readonly #serverOf = new WeakMap<AtlasMigration, string>()
  #known: ReadonlyMap<string, AtlasMigration> = new Map()
  readonly #changed = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #auditedAt = new Map<string, number>()
  #flushing = false
  #lastRun: AuditRun | null = null

  constructor(term: Term, options: TermOptions) {
    this.#term = term
    this.#options = options
    this.#turns = new ServerTurns({ total: options.concurrency, perServer: maxPerServer })
  }

  /** The last audit of everything in this term; null before the first. */
  get lastRun(): AuditRun | null {
    return this.#lastRun
  }

  /** Audits until the term ends. */
  async run(): Promise<void> {
    const { cluster, ready, timing } = this.#options
    const { signal } = this.#term
    await ready(signal)
    this.#known = byKey(cluster.migrations())
    const unsubscribe = cluster.onChange(() => this.#takeChanges())
    while (!signal.aborted) {
      await this.#auditAll()
      // The random part keeps two installations, or many servers, from auditing at the same moment.
      await pause(timing.intervalMs * (0.9 + Math.random() / 5), signal)
    }
    unsubscribe()
    await Promise.all(this.#running.values())
  }

  /**
   * Audits these AtlasMigrations soon, because a ConfigMap or Secret that they use is about to
   * change.
   */
  touch(migrations: readonly AtlasMigration[]): void {
    for (const migration of migrations) this.#changed.add(migrationName(migration))
    if (migrations.length > 0) this.#flushSoon()
  }

  async #auditAll(): Promise<void> {
    const { log, monotonic } = this.#options
    const started = monotonic()
    await Promise.all([...this.#known.keys()].map(key => this.#audit(key)))
    if (!this.#term.holds()) return
    const seconds = (monotonic() - started) / 1000
    this.#lastRun = { at: Date.now() / 1000, seconds }
    const { migrations } = this.results.counts()
    log.info({ migrations, durationMs: Math.round(seconds * 1000) }, 'audited all AtlasMigrations')
  }

  #takeChanges(): void {
    const { cluster, followsAllKinds } = this.#options
    const current = byKey(cluster.migrations())
    for (const [key, migration] of current) {
      // Where the cluster also tells of ConfigMaps and Secrets, one of those may be what has
      // changed, so every object is audited.
      if (followsAllKinds || isChanged(this.#known.get(key), migration)) this.#changed.add(key)
    }
    for (const [key, migration] of this.#known) if (!current.has(key)) this.#forget(key, migration)
    this.#known = current
    this.#flushSoon()
  }

  #forget(key: string, migration: AtlasMigration): void {
    this.results.delete(key)
    this.#changed.delete(key)
    this.#auditedAt.delete(key)
    this.#options.outlets.forget(migration.metadata.uid ?? '')
  }

  /**
   * Starts the audits of changed objects after a pause. Changes come in bursts: a delivery writes
   * several objects, then the operator writes the status of each.
   */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    void this.#flushUntilNothingIsLeft()
  }

  async #flushUntilNothingIsLeft(): Promise<void> {
    const { timing } = this.#options
    const { signal } = this.#term
    while (this.#changed.size > 0 && !signal.aborted) {
      await pause(timing.debounceMs, signal)
      this.#flush()
    }
    this.#flushing = false
  }

  #flush(): void {
    const now = this.#options.monotonic()
    for (const key of this.#changed) {
      const rested = now - (this.#auditedAt.get(key) ?? -Infinity) >= this.#options.timing.restMs
      if (!rested || this.#running.has(key)) continue
      this.#changed.delete(key)
      void this.#audit(key)
    }
  }

  /** Audits one object when its turn comes. Never rejects. */
  #audit(key: string): Promise<void> {
    const running = this.#running.get(key)
    if (running) return running
    const done = this.#turns
      .use(
        () => this.#locate(key),
        () => this.#auditNow(key),
      )
      .finally(() => this.#running.delete(key))
    this.#running.set(key, done)
    return done
  }

  async #locate(key: string): Promise<string | null> {
    const migration = this.#known.get(key)
    if (!migration || !this.#term.holds()) return null
    const known = this.#serverOf.get(migration)
    if (known !== undefined) return known
    const server = await withTimeLimit({ ms: locateMs, parent: this.#term.signal }, deadline =>
      auditedServer(migration, this.#options.dependencies, deadline),
    ).catch(() => null)
    if (server !== null) this.#serverOf.set(migration, server)
    return server
  }

  async #auditNow(key: string): Promise<void> {
    const migration = this.#known.get(key)
    if (!migration || !this.#term.holds()) return
    this.#auditedAt.set(key, this.#options.monotonic())
    try {
      const limit = { ms: this.#options.timing.limitMs, parent: this.#term.signal }
      const result = await withTimeLimit(limit, deadline =>
        auditMigration(migration, this.#options.dependencies, deadline),
      )
      await this.#take(key, result)
    } catch (error) {
      this.#fail(key, error)
    }
  }

  async #take(key: string, result: MigrationAudit): Promise<void> {
    // The term may have been lost, or the object deleted, in the meantime.
    if (!this.#term.holds() || !this.#known.has(key)) return
    const news = this.results.set(key, result)
    const { namespace, name } = result.object
    if (news) {
      const { verdict, findings } = news
      const { undecided, proposal } = result
      const proposed = proposal === null ? {} : { proposal: sanitizeText(proposal) }
      const line = { namespace, name, verdict, findings, undecided, ...proposed }
      this.#options.log[verdict === 'fail' ? 'warn' : 'info'](line, 'audited')
    }
    if (result.verdict !== 'skip') await this.#options.outlets.publish(result, this.#term)
  }

  #fail(key: string, error: unknown): void {
    if (!this.#term.holds()) return
    this.results.set(key, { verdict: 'error', judged: [] })
    this.#options.log.error({ object: key, err: error }, 'an audit failed')
  }
}

export interface AuditRun {
  /** When the audit ended, in seconds since the epoch. */
  readonly at: number
  readonly seconds: number
}

function byKey(migrations: readonly AtlasMigration[]): ReadonlyMap<string, AtlasMigration> {
  return new Map(migrations.map(migration => [migrationName(migration), migration]))
}

function isChanged(old: AtlasMigration | undefined, now: AtlasMigration): boolean {
  if (old === now) return false
  const version = now.metadata.resourceVersion
  return version === undefined || old?.metadata.resourceVersion !== version
}
