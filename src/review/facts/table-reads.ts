import type { Sameness, TableFacts, Target } from '../../policy/facts/facts.js'
import type { ConcealedUrl } from './concealed-url.js'
import type { Deadline, RevisionsReader } from '../ports/ports.js'
import { Slots } from '../limits/slots.js'
import { withTimeLimit } from '../limits/time-limit.js'

/** Each takes a connection to either database; the one under review is in all of them. */
const comparisonsAtOnce = 2

/**
 * Reads each revisions table once per review, so that "before" and "after" reason about the same rows.
 * Lives as long as one review: the next one reads afresh.
 */
export class TableReads {
  readonly #reader: RevisionsReader
  readonly #deadline: Deadline
  readonly #reads = new Map<string, Promise<TableFacts>>()
  readonly #comparisons = new Map<string, Promise<Sameness>>()
  readonly #turns = new Slots(comparisonsAtOnce)

  constructor(reader: RevisionsReader, deadline: Deadline) {
    this.#reader = reader
    this.#deadline = deadline
  }

  readTable(url: ConcealedUrl, target: Target, schemaIsSet: boolean): Promise<TableFacts> {
    const key = JSON.stringify([target.fingerprint, target.revisionsSchema, schemaIsSet])
    const known = this.#reads.get(key)
    if (known) return known
    const query = {
      url,
      revisionsSchema: target.revisionsSchema,
      boundSchema: target.boundSchema,
      revisionsSchemaIsSet: schemaIsSet,
    }
    const read = this.#reader.readTable(query, this.#deadline)
    this.#reads.set(key, read)
    return read
  }

  /** Each pair once: before and after a write it is the same, and so it is for all that one ConfigMap feeds. */
  compareDatabases(
    [a, b]: readonly [ConcealedUrl, ConcealedUrl],
    { revisionsSchema, limitMs }: { readonly revisionsSchema: string; readonly limitMs: number },
  ): Promise<Sameness> {
    const key = JSON.stringify([[a.fingerprint(), b.fingerprint()].toSorted(), revisionsSchema])
    const known = this.#comparisons.get(key)
    if (known) return known
    const limit = { ms: limitMs, parent: this.#deadline.signal }
    const comparison = this.#turns.use(async () => {
      const question = { urls: [a, b] as const, revisionsSchema }
      const ask = (deadline: Deadline) => this.#reader.compareDatabases?.(question, deadline)
      return (await withTimeLimit(limit, async deadline => ask(deadline))) ?? 'unknown'
    })
    this.#comparisons.set(key, comparison)
    return comparison
  }
}
