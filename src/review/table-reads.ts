import type { TableFacts, Target } from '../policy/facts.js'
import type { ConcealedUrl } from './concealed-url.js'
import type { Deadline, RevisionsReader } from './ports.js'

/**
 * Reads each revisions table once per review, so that "before" and "after" reason about the same rows.
 * Lives as long as one review: the next one reads afresh.
 */
export class TableReads {
  readonly #reader: RevisionsReader
  readonly #deadline: Deadline
  readonly #reads = new Map<string, Promise<TableFacts>>()

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

  readIdentity(url: ConcealedUrl) {
    return this.#reader.readIdentity(url, this.#deadline)
  }
}
