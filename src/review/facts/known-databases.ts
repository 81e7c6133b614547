import { LRUCache } from 'lru-cache'
import type { DatabaseIdentity } from '../../policy/facts/facts.js'
import type { ConcealedUrl } from './concealed-url.js'
import type { RevisionsReader } from '../ports/ports.js'
import { KeyedSlots, Slots } from '../limits/slots.js'
import { withTimeLimit } from '../limits/time-limit.js'

/** Some times as many as a large cluster has; each takes some hundred bytes. */
const maxKnown = 10_000

/** A URL rarely comes to mean another database, and the audit asks anew; what was learnt only tells whom to ask. */
const freshMs = 300_000

/** After the first failure, then twice as long each time. */
const firstPauseMs = 30_000
const longestPauseMs = 600_000

/** For one database: a connection and one round trip. */
const learningLimitMs = 3000

/** At a time, by all reviews together; of one namespace at most half of them. */
const learningAtOnce = 4
const learningOfNamespace = 2

interface Known {
  /** null: it could not be asked. */
  readonly identity: DatabaseIdentity | null
  readonly failures: number
  /** In milliseconds of the process. */
  readonly askAgainAt: number
}

/**
 * Which databases the URLs of a cluster lead to. Learnt once for each, in the background, so that what a review costs
 * does not grow with the objects of others, nor with hosts that nobody answers on. Holds no URL.
 */
export class KnownDatabases {
  readonly #reader: Pick<RevisionsReader, 'readIdentity'>
  readonly #now: () => number
  readonly #known = new LRUCache<string, Known>({ max: maxKnown })
  readonly #learning = new Map<string, Promise<DatabaseIdentity | null>>()
  readonly #slots = new Slots(learningAtOnce)
  readonly #shares = new KeyedSlots(learningOfNamespace)

  /** `now`: a monotonic clock in milliseconds. */
  constructor(
    reader: Pick<RevisionsReader, 'readIdentity'>,
    now: () => number = () => performance.now(),
  ) {
    this.#reader = reader
    this.#now = now
  }

  /** At once where it is known, however old; null when the database could not be asked. `namespace`: whose URL it is. */
  async identityOf(url: ConcealedUrl, namespace: string): Promise<DatabaseIdentity | null> {
    const key = url.fingerprint()
    const known = this.#known.get(key)
    if (known && known.askAgainAt > this.#now()) return known.identity
    const learning = this.#learning.get(key) ?? this.#learn(key, url, namespace)
    return known ? known.identity : learning
  }

  #learn(key: string, url: ConcealedUrl, namespace: string): Promise<DatabaseIdentity | null> {
    const ask = () => this.#slots.use(() => this.#ask(url))
    const learning = this.#shares.use(namespace, ask).then(identity => {
      this.#remember(key, identity)
      return identity
    })
    this.#learning.set(key, learning)
    return learning.finally(() => this.#learning.delete(key))
  }

  async #ask(url: ConcealedUrl): Promise<DatabaseIdentity | null> {
    const limit = { ms: learningLimitMs, parent: new AbortController().signal }
    // The port promises not to reject; if it does, the database is as good as unreachable.
    const asked = withTimeLimit(limit, deadline => this.#reader.readIdentity(url, deadline))
    return asked.catch(() => null)
  }

  #remember(key: string, identity: DatabaseIdentity | null): void {
    const failures = identity === null ? (this.#known.peek(key)?.failures ?? 0) + 1 : 0
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1))
    const askAgainAt = this.#now() + (identity === null ? pause : freshMs)
    this.#known.set(key, { identity, failures, askAgainAt })
  }
}
