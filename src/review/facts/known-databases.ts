import { LRUCache } from 'lru-cache'
import type { DatabaseIdentity } from '../../policy/facts/facts.js'
import type { ConcealedUrl } from '../url/concealed-url.js'
import type { RevisionsReader } from '../ports/ports.js'
import { KeyedSlots, Slots } from '../limits/slots.js'
import { withTimeLimit } from '../limits/time-limit.js'

/**
 * Most databases remembered: several times as many as a large cluster has. Each takes some hundred
 * bytes.
 */
const maxKnown = 10_000

/**
 * How long an answer counts as fresh. A URL rarely comes to lead to another database, the audit
 * asks anew, and the answer only tells which databases to compare.
 */
const freshMs = 300_000

/** Pause after the first failure. It doubles with each further one, up to the longest pause. */
const firstPauseMs = 30_000
const longestPauseMs = 600_000

/** Time limit for asking one database: a connection and one round trip. */
const learningLimitMs = 3000

/**
 * Databases asked at a time by all reviews together; one namespace leaves room for another. With
 * the one that TableReads compares with at a time, a review has at most four connections to
 * databases of others.
 */
const learningAtOnce = 3
const learningOfNamespace = 2

interface Known {
  /** null when the database could not be asked. */
  readonly identity: DatabaseIdentity | null
  readonly failures: number
  /** In milliseconds of the process's clock. */
  readonly askAgainAt: number
}

/**
 * Remembers which database each URL of the cluster leads to. Each is asked once, in the background,
 * so that the cost of a review does not grow with the objects of others, nor with hosts that do not
 * answer. Holds no URL.
 */
export class KnownDatabases {
  readonly #reader: Pick<RevisionsReader, 'readIdentity'>
  readonly #now: () => number
  readonly #known = new LRUCache<string, Known>({ max: maxKnown })
  readonly #learning = new Map<string, Promise<DatabaseIdentity | null>>()
  readonly #slots = new Slots(learningAtOnce)
  readonly #shares = new KeyedSlots(learningOfNamespace)

  /** `now` is a monotonic clock in milliseconds. */
  constructor(
    reader: Pick<RevisionsReader, 'readIdentity'>,
    now: () => number = () => performance.now(),
  ) {
    this.#reader = reader
    this.#now = now
  }

  /**
   * What the database behind the URL says of itself; null when it could not be asked. A known
   * answer is given at once, however old, and is renewed in the background. `namespace` is that of
   * the AtlasMigration with the URL.
   */
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
    // The reader promises not to reject. If it does, the database counts as unreachable.
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
