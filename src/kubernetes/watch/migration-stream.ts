import { Watch } from '@kubernetes/client-node'
import { ApiStatusError } from '../api/api-status-error.js'
import type { PooledKubeConfig } from '../api/pooled-kube-config.js'
import { parseWatchedMigration } from './watched-migration.js'

export interface StreamListener {
  /** A watch is about to begin, so the list before it has been taken over. */
  beginning(): void
  connected(): void
  disconnected(): void
  /** Called for any line of the stream, also for a bookmark. */
  event(): void
}

export interface StreamOptions {
  readonly listener: StreamListener
  /** Longest silence. A connection whose other end is gone never says anything again. */
  readonly idleTimeoutMs: number
  /**
   * Whether the version to watch from may have caused the last failures. The objects are then
   * listed again.
   */
  readonly isVersionSuspect: () => boolean
  readonly isClosed: () => boolean
}

/**
 * Seconds after which the server ends a watch, so that watches move between servers. client-go uses
 * 5 to 10 minutes.
 */
const watchSeconds = 290

type EventCallback = (phase: string, object: unknown) => void

/**
 * The library's watch, without what can end the process or stop an informer for good: it never
 * rejects, passes on only whole events, and treats an ERROR event as an error. Bookmarks keep its
 * version recent on a quiet cluster.
 */
export class MigrationStream extends Watch {
  readonly #options: StreamOptions

  constructor(config: PooledKubeConfig, options: StreamOptions) {
    super(config)
    this.#options = options
    // This field is private to the library, and its 30 s are less than the minute between two
    // bookmarks.
    Object.assign(this, { requestTimeoutMs: options.idleTimeoutMs })
  }

  override async watch(
    ...[path, query, callback, done]: Parameters<Watch['watch']>
  ): Promise<AbortController> {
    const { listener, isClosed, isVersionSuspect } = this.#options
    // The informer checks whether it was stopped before it lists and waits, but not afterwards.
    if (isClosed()) return new AbortController()
    if (isVersionSuspect()) {
      // For the informer, 410 means: list, then watch from there.
      done(new ApiStatusError(410))
      return new AbortController()
    }
    listener.beginning()
    const events = new StreamEvents(callback, listener)
    let ended = false
    const end = (error: unknown): void => {
      ended = true
      listener.disconnected()
      done(events.failure ?? error)
    }
    try {
      const parameters = { ...query, allowWatchBookmarks: true, timeoutSeconds: watchSeconds }
      const controller = await super.watch(path, parameters, events.receive, end)
      if (!ended) listener.connected()
      return controller
    } catch (error) {
      // Mostly, credentials could not be read.
      end(error)
      return new AbortController()
    }
  }
}

/** The events of one watch. */
class StreamEvents {
  /** The ERROR event, if there was one. The stream ends after it. */
  failure: ApiStatusError | null = null
  readonly #callback: EventCallback
  readonly #listener: StreamListener

  constructor(callback: EventCallback, listener: StreamListener) {
    this.#callback = callback
    this.#listener = listener
  }

  readonly receive: EventCallback = (phase, object) => {
    this.#listener.event()
    if (phase === 'ERROR') this.failure = new ApiStatusError(codeOf(object))
    else if (phase === 'BOOKMARK') this.#receiveBookmark(object)
    else if (['ADDED', 'MODIFIED', 'DELETED'].includes(phase)) this.#receiveObject(phase, object)
  }

  #receiveBookmark(object: unknown): void {
    const { metadata } = Object(object) as { readonly metadata?: unknown }
    const { resourceVersion } = Object(metadata) as Record<string, unknown>
    if (typeof resourceVersion !== 'string' || resourceVersion === '') return
    this.#callback('BOOKMARK', { metadata: { resourceVersion } })
  }

  #receiveObject(phase: string, object: unknown): void {
    const watched = parseWatchedMigration(object)
    if (watched) this.#callback(phase, watched)
  }
}

function codeOf(status: unknown): number {
  const { code } = Object(status) as Record<string, unknown>
  return typeof code === 'number' ? code : 500
}
