import type { Sameness, TableFacts, Target } from '../../policy/facts/facts.js'
import type { ConcealedUrl } from './concealed-url.js'
import type { Deadline, RevisionsReader } from '../ports/ports.js'
import type { Patience } from '../limits/patience.js'
import { Slots } from '../limits/slots.js'
import { withTimeLimit } from '../limits/time-limit.js'

/** Comparisons at a time. Each takes a connection to another's database, beside those that KnownDatabases has. */
const comparisonsAtOnce = 1

export interface ComparisonTerms {
  readonly revisionsSchema: string
  /** A comparison ends with it. */
  readonly patience: Pick<Patience, 'remainingMs'>
}

/**
 * Reads each revisions table once, so that the states before and after the write are judged by the
 * same rows. Lives as long as one review, and the next one reads again.
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

  /**
   * Compares each pair of databases once: the answer is the same before and after a write, and for
   * all AtlasMigrations that use one ConfigMap.
   */
  compareDatabases(
    [a, b]: readonly [ConcealedUrl, ConcealedUrl],
    { revisionsSchema, patience }: ComparisonTerms,
  ): Promise<Sameness> {
    const key = JSON.stringify([[a.fingerprint(), b.fingerprint()].toSorted(), revisionsSchema])
    const known = this.#comparisons.get(key)
    if (known) return known
    const comparison = this.#turns.use(async (): Promise<Sameness> => {
      // Told when its turn comes: databases that stall while nobody waits for them keep no others from theirs.
      const ms = patience.remainingMs
      if (ms === 0) return 'unknown'
      const limit = { ms, parent: this.#deadline.signal }
      const question = { urls: [a, b] as const, revisionsSchema }
      const ask = (deadline: Deadline) => this.#reader.compareDatabases?.(question, deadline)
      return (await withTimeLimit(limit, async deadline => ask(deadline))) ?? 'unknown'
    })
    this.#comparisons.set(key, comparison)
    return comparison
  }
}
