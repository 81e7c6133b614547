import { setTimeout as sleep } from 'node:timers/promises'
import { ListWatch } from '@kubernetes/client-node'
import type { ApiClient } from '../api/api-client.js'
import { BackOff, jittered } from '../api/back-off.js'
import { failureReason } from '../api/failure-reason.js'
import { listMigrations, type MigrationList } from './migration-list.js'
import { MigrationStream } from './migration-stream.js'
import type { PooledKubeConfig } from '../api/pooled-kube-config.js'
import { WatchHealth } from './watch-health.js'
import type { WatchedMigration } from './watched-migration.js'

/** The times of a watch, all in milliseconds. */
export interface WatchTiming {
  /** First delay after an error. It doubles after each further one, up to the longest. */
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** A watch that is broken for longer is reported as a problem. */
  readonly brokenAfterMs: number
  /** Longest silence of a watch. */
  readonly idleTimeoutMs: number
  readonly pageTimeoutMs: number
}

export interface MigrationListener {
  changed(object: WatchedMigration): void
  removed(object: WatchedMigration): void
  /** The list before each watch has been taken over. */
  listed(): void
  /** The list or the watch failed. It is tried again after a while. */
  failed(reason: string): void
}

export interface MigrationWatchOptions {
  readonly config: PooledKubeConfig
  readonly client: ApiClient
  /** The namespace; null for all. */
  readonly namespace: string | null
  readonly timing: WatchTiming
  readonly listener: MigrationListener
}

/**
 * After so many failures in a row, the version to watch from is suspected, and the objects are
 * listed again.
 */
const relistAfter = 3

/**
 * Follows the AtlasMigrations of one namespace, or of all, until closed. The library's informer
 * goes on by itself after an orderly end and after 410. After any other error it stops, and is
 * started again here.
 */
export class MigrationWatch {
  readonly #options: MigrationWatchOptions
  readonly #path: string
  readonly #health: WatchHealth
  readonly #backOff: BackOff
  readonly #closing = new AbortController()
  readonly #informer: ListWatch<WatchedMigration>
  /** The request under way, which an error is about. */
  #verb: 'list' | 'watch' = 'list'

  constructor(options: MigrationWatchOptions) {
    const { namespace, timing } = options
    this.#options = options
    this.#path = pathOf(namespace)
    this.#health = new WatchHealth(timing.brokenAfterMs)
    this.#backOff = new BackOff({ baseMs: timing.baseDelayMs, maxMs: timing.maxDelayMs })
    this.#informer = this.#buildInformer()
  }

  get health(): Pick<WatchHealth, 'synced' | 'lastEventAge' | 'problem'> {
    return this.#health
  }

  start(): void {
    void this.#informer.start()
  }

  close(): void {
    this.#closing.abort()
    void this.#informer.stop()
  }

  #buildInformer(): ListWatch<WatchedMigration> {
    const { listener, timing } = this.#options
    const informer = new ListWatch<WatchedMigration>(
      this.#path,
      this.#buildStream(),
      () => this.#list(),
      false,
      undefined,
      undefined,
      { delayFn: ms => this.#pause(jittered(Math.min(ms, timing.maxDelayMs))) },
    )
    informer.on('add', object => listener.changed(object))
    informer.on('update', object => listener.changed(object))
    informer.on('delete', object => listener.removed(object))
    informer.on('error', (error: unknown) => void this.#fail(error))
    return informer
  }

  #buildStream(): MigrationStream {
    const { config, timing, listener } = this.#options
    return new MigrationStream(config, {
      idleTimeoutMs: timing.idleTimeoutMs,
      isClosed: () => this.#closing.signal.aborted,
      isVersionSuspect: () => this.#verb === 'watch' && this.#backOff.attempts >= relistAfter,
      listener: {
        beginning: () => {
          this.#verb = 'watch'
          this.#health.listed()
          listener.listed()
        },
        connected: () => this.#health.connected(),
        disconnected: () => {
          // A connection that lasted for a while was good, so earlier errors no longer count.
          if (this.#health.disconnected() >= timing.maxDelayMs) this.#backOff.reset()
        },
        event: () => this.#health.heard(),
      },
    })
  }

  #list(): Promise<MigrationList> {
    this.#verb = 'list'
    const { client, timing } = this.#options
    const { signal } = this.#closing
    return listMigrations(client, { path: this.#path, signal, timeoutMs: timing.pageTimeoutMs })
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return
    const reason = this.#describe(error)
    this.#health.failed(reason)
    this.#options.listener.failed(reason)
    await this.#pause(this.#backOff.next())
    if (!this.#closing.signal.aborted) this.start()
  }

  #describe(error: unknown): string {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404)
      return `the AtlasMigration CRD is not installed (${resource}, version ${version})`
    return failureReason(error, { verb: this.#verb, resource, namespace: this.#options.namespace })
  }

  /**
   * Waits. Ends early, and without an error, when the watch is closed; never keeps the process
   * alive.
   */
  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => {})
  }
}

const version = 'v1alpha1'
const resource = 'atlasmigrations.db.atlasgo.io'

function pathOf(namespace: string | null): string {
  const scope = namespace === null ? '' : `namespaces/${encodeURIComponent(namespace)}/`
  return `/apis/db.atlasgo.io/${version}/${scope}atlasmigrations`
}
