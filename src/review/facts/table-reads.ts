import {
  type AskedObject,
  type CatalogObjects,
  objectKey,
} from '../../policy/facts/catalog-objects.js'
import type { Sameness, TableFacts, Target } from '../../policy/facts/facts.js'
import type { ConcealedUrl } from '../url/concealed-url.js'
import type { Deadline, ObjectsQuery, RevisionsReader, TableQuery } from '../ports/ports.js'
import type { Patience } from '../limits/patience.js'
import { Slots } from '../limits/slots.js'
import { TableRoom } from '../limits/table-room.js'
import { withTimeLimit } from '../limits/time-limit.js'
import { tableBytes } from './table-size.js'

/** Comparisons at a time. Each takes a connection to another's database, beside those that KnownDatabases has. */
const comparisonsAtOnce = 1

export interface ComparisonTerms {
  readonly revisionsSchema: string
  /** A comparison ends with it. */
  readonly patience: Pick<Patience, 'remainingMs'>
}

/** A smaller table waits for no room, and is kept until the review is over. */
const largeBytes = 1024 * 1024

/** A table that was read, or is being read. */
interface KeptTable {
  readonly table: Promise<TableFacts>
  /** Whether it takes no room; false also while that is not known. */
  readonly isSmall: () => boolean
  /** Gives back its room, also when it gets some later. */
  readonly release: () => void
}

/** Who reads a table first. */
interface TableUser {
  readonly namespace: string
  /** Whether this is the first large table of the verdict; asked once for each. */
  readonly isFirst: () => boolean
}

/** A verdict's use of tables, which ends with the verdict. */
export interface TableUse {
  readTable(url: ConcealedUrl, target: Target, schemaIsSet: boolean): Promise<TableFacts>
  /** Asks for the same names once, before and after the write; null when they cannot be read. */
  readObjects(url: ConcealedUrl, objects: readonly AskedObject[]): Promise<CatalogObjects | null>
  end(): void
}

/** What databases answered in one verdict, by database and question. */
type ObjectAnswers = Map<string, Promise<CatalogObjects | null>>

/**
 * Reads each revisions table once, so that the states before and after the write are judged by the
 * same rows. Lives as long as one review, and the next one reads again.
 */
export class TableReads {
  readonly #reader: RevisionsReader
  readonly #deadline: Deadline
  readonly #room: TableRoom
  readonly #kept = new Map<string, KeptTable>()
  readonly #users = new Map<string, number>()
  readonly #comparisons = new Map<string, Promise<Sameness>>()
  readonly #turns = new Slots(comparisonsAtOnce)

  /** `room` is that of the process. Without it, all tables are kept as long as this lives. */
  constructor(
    reader: RevisionsReader,
    deadline: Deadline,
    room: TableRoom = new TableRoom(Infinity),
  ) {
    this.#reader = reader
    this.#deadline = deadline
    this.#room = room
  }

  /** Reads a table that is kept until the review is over. */
  readTable(url: ConcealedUrl, target: Target, schemaIsSet: boolean): Promise<TableFacts> {
    return this.use('').readTable(url, target, schemaIsSet)
  }

  readObjects(url: ConcealedUrl, objects: readonly AskedObject[]): Promise<CatalogObjects | null> {
    return this.use('').readObjects(url, objects)
  }

  /**
   * Begins a verdict on an AtlasMigration of the namespace. A large table is dropped after the last
   * verdict that uses it: one ConfigMap may be used with hundreds of databases.
   */
  use(namespace: string): TableUse {
    const keys = new Set<string>()
    const answers: ObjectAnswers = new Map()
    let large = 0
    return {
      readTable: (url, target, schemaIsSet) => {
        const key = JSON.stringify([target.fingerprint, target.revisionsSchema, schemaIsSet])
        if (!keys.has(key)) this.#users.set(key, (this.#users.get(key) ?? 0) + 1)
        keys.add(key)
        const query = queryOf(url, target, schemaIsSet)
        // Where the write changes the database, waiting for the second while the first keeps its room could last for
        // ever.
        const isFirst = () => {
          large += 1
          return large === 1
        }
        const kept = this.#kept.get(key) ?? this.#keep(query, { namespace, isFirst })
        this.#kept.set(key, kept)
        return kept.table
      },
      readObjects: (url, objects) => this.#readObjects({ url, objects }, answers),
      end: () => {
        for (const key of keys) this.#leave(key)
      },
    }
  }

  #readObjects(query: ObjectsQuery & { readonly url: ConcealedUrl }, answers: ObjectAnswers) {
    const key = JSON.stringify([query.url.fingerprint(), query.objects.map(objectKey)])
    const known = answers.get(key)
    if (known) return known
    const answer =
      this.#reader.readObjects?.(query, this.#deadline) ??
      Promise.resolve<CatalogObjects | null>(null)
    answers.set(key, answer)
    return answer
  }

  #leave(key: string): void {
    const users = (this.#users.get(key) ?? 0) - 1
    if (users > 0) this.#users.set(key, users)
    else {
      this.#users.delete(key)
      const kept = this.#kept.get(key)
      if (!kept || kept.isSmall()) return
      this.#kept.delete(key)
      kept.release()
    }
  }

  #keep(query: TableQuery, user: TableUser): KeptTable {
    let room: (() => void) | null = null
    let isSmall = false
    let isOver = false
    const admit = (release: () => void) => {
      room = release
      if (isOver) room()
    }
    const read = async (): Promise<TableFacts> => {
      let table: TableFacts | null = await this.#reader.readTable(query, this.#deadline)
      const bytes = tableBytes(table)
      isSmall = bytes < largeBytes
      if (isSmall) return table
      const isFirst = user.isFirst()
      if (!isFirst || this.#room.fits(bytes)) {
        admit(this.#room.take(user.namespace, bytes))
        return table
      }
      // What waits would fill the memory as well. So it is read again, and fresh, when there is room.
      table = null
      admit(await this.#room.wait(user.namespace, bytes))
      return this.#reader.readTable(query, this.#deadline)
    }
    const release = () => {
      isOver = true
      room?.()
    }
    return { table: read(), isSmall: () => isSmall, release }
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

function queryOf(url: ConcealedUrl, target: Target, revisionsSchemaIsSet: boolean): TableQuery {
  const { revisionsSchema, boundSchema } = target
  return { url, revisionsSchema, boundSchema, revisionsSchemaIsSet }
}
