import { Share } from '../pool/share.js'
import type { ResolveHost } from './guarded-socket.js'

/** What libuv starts unless UV_THREADPOOL_SIZE says otherwise (libuv, src/threadpool.c). */
const usualThreads = 4

/**
 * How many names are looked up at a time. The system's resolver holds a thread until it has an
 * answer or gives up, and libuv uses at most half of its threads for such work
 * (`slow_work_thread_threshold`). More lookups would only wait there, unseen.
 */
export function lookupPlaces(threads: string | undefined): number {
  return Math.max(1, Math.floor((Number(threads || usualThreads) + 1) / 2) || usualThreads / 2)
}

interface Waiting {
  readonly namespace: string
  readonly isWanted: () => boolean
  readonly start: () => void
}

/**
 * Looks up names for all namespaces. The owner of a domain decides how long a question about it
 * takes, and the system's resolver cannot be stopped. So a namespace gets another place only while
 * it holds fewer than are free.
 */
export class FairLookups {
  readonly #resolve: ResolveHost
  readonly #share: Share
  readonly #waiting = new Set<Waiting>()

  constructor(resolve: ResolveHost, places: number) {
    this.#resolve = resolve
    this.#share = new Share(places)
  }

  /** The resolver of one namespace. */
  of(namespace: string): ResolveHost {
    return (host, question, done) => {
      const { isWanted = () => true } = question
      const start = () =>
        this.#resolve(host, question, (error, addresses) => {
          this.#share.giveBack(namespace)
          this.#serve()
          done(error, addresses)
        })
      this.#waiting.add({ namespace, isWanted, start })
      this.#serve()
    }
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      const { namespace, isWanted, start } = waiting
      const isAdmitted = this.#share.admits(namespace)
      if (isWanted() && !isAdmitted) continue
      this.#waiting.delete(waiting)
      if (!isWanted()) continue
      this.#share.take(namespace)
      start()
    }
  }
}
