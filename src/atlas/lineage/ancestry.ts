import type { Budget } from './budget.js'
import { Chain, unite } from './chain.js'
import type { Ancestry, HashProof, TracedRow } from './row.js'
import type { Text, TextIndex } from './text.js'

function newAncestry(members: readonly Text[]): Ancestry {
  return {
    ran: new Chain(members),
    present: null,
    presentFailed: 0,
    outdated: isOutdated(members),
    mergedInto: null,
  }
}

function isOutdated(members: readonly Text[]): boolean {
  return members.some(({ source }) => source > 0)
}

/** What the trace has learnt so far: the chains, and the files whose rows no chain explains. */
export class Ancestries {
  readonly #presentByVersion = new Map<string, Text>()
  readonly #failed = new Map<Text, TracedRow>()
  #failedOrder: Text[] = []
  readonly #claimedAt = new Map<Text, number>()
  #chains: readonly Ancestry[] = []
  /**
   * The chain without members, for rows that belong to no other chain. Its present directory
   * consists only of files whose rows are unexplained.
   */
  readonly bare: Ancestry = newAncestry([])

  constructor(index: TextIndex) {
    for (const text of index.files) {
      this.#presentByVersion.set(text.file.version, text)
    }
  }

  /** The chains, most recently used first. */
  get chains(): readonly Ancestry[] {
    return this.#chains
  }

  get failedCount(): number {
    return this.#failed.size
  }

  failedBelow(rank: number): readonly Text[] {
    return this.#failedOrder.filter(text => text.rank < rank)
  }

  /** The `order` of the row that proved the text to be in a chain; undefined while none has. */
  claimedAt(text: Text): number | undefined {
    return this.#claimedAt.get(text)
  }

  presentTexts({ ran, outdated }: Ancestry): readonly Text[] {
    if (!outdated) return ran.members
    return ran.members.flatMap(member => this.#presentText(member) ?? [])
  }

  #presentText(text: Text): Text | null {
    return text.source === 0 ? text : (this.#presentByVersion.get(text.file.version) ?? null)
  }

  /**
   * The chain as it would be today: with present texts, and with all files whose rows are
   * unexplained. null when the budget ends, or when that is no other directory.
   */
  presentOf(ancestry: Ancestry, budget: Budget): Chain | null {
    if (this.#failed.size === 0 && !ancestry.outdated) return null
    ancestry.present ??= this.#newPresent(ancestry, budget)
    // In a table with many chains most are never used again, so each is brought up to date only
    // when it is asked for.
    const missed = this.#failedOrder.length - ancestry.presentFailed
    if (ancestry.present === null || !budget.take(missed >> 1)) return null
    for (const text of this.#failedOrder.slice(ancestry.presentFailed))
      ancestry.present.insert(text)
    ancestry.presentFailed = this.#failedOrder.length
    return ancestry.present
  }

  #newPresent(ancestry: Ancestry, budget: Budget): Chain | null {
    if (!budget.take((ancestry.ran.members.length + this.#failedOrder.length) >> 2)) return null
    ancestry.presentFailed = this.#failedOrder.length
    return new Chain(unite([this.presentTexts(ancestry), this.#failedOrder]))
  }

  fail(row: TracedRow, text: Text): void {
    // A table cannot have two rows of one version, but an export of it may.
    if (this.#failed.has(text)) return
    this.#failed.set(text, row)
    this.#failedOrder.push(text)
  }

  accept(row: TracedRow, found: HashProof): void {
    const { text } = found
    const ancestry = this.#join(found)
    this.#claimExtras(found.extras, ancestry, row.order)
    ancestry.ran.insert(text)
    this.#claim(text, row.order)
    this.#touch(ancestry)
    const present = this.#presentText(text)
    if (present !== text) ancestry.outdated = true
    if (present !== null) ancestry.present?.insert(present)
    row.text = text
    row.ancestry = ancestry
    if (present === text || present === null) row.state = 'chain'
    else {
      row.ranAs = text.source - 1
      row.provenAt = row.order
    }
  }

  #join({ basis, extras, present }: HashProof): Ancestry {
    const [first, ...rest] = basis
    if (first === undefined) return newAncestry(extras)
    if (rest.length === 0 && extras.length === 0 && !present) return first
    const sets = basis.map(ancestry =>
      present ? this.presentTexts(ancestry) : ancestry.ran.members,
    )
    const members = unite([...sets, extras])
    first.ran = new Chain(members)
    first.present = null
    first.outdated = isOutdated(members)
    for (const other of rest) other.mergedInto = first
    this.#chains = this.#chains.filter(({ mergedInto }) => mergedInto === null)
    return first
  }

  #claimExtras(extras: readonly Text[], ancestry: Ancestry, order: number): void {
    let proved = false
    for (const extra of extras) {
      this.#claim(extra, order)
      const row = this.#failed.get(extra)
      if (row === undefined) continue
      this.#failed.delete(extra)
      row.provenAt = order
      row.ancestry = ancestry
      proved = true
    }
    if (!proved) return
    this.#failedOrder = [...this.#failed.keys()]
    for (const other of [...this.#chains, this.bare]) other.present = null
  }

  #claim(text: Text, order: number): void {
    if (!this.#claimedAt.has(text)) this.#claimedAt.set(text, order)
  }

  #touch(ancestry: Ancestry): void {
    if (this.#chains[0] === ancestry) return
    this.#chains = [ancestry, ...this.#chains.filter(other => other !== ancestry)]
  }
}
