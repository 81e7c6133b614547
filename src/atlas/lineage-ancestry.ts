import type { Budget } from './lineage-budget.js'
import { Chain, unite } from './lineage-chain.js'
import type { Ancestry, Explanation, TracedRow } from './lineage-row.js'
import type { Text, TextIndex } from './lineage-text.js'

function newAncestry(members: readonly Text[]): Ancestry {
  return { ran: new Chain(members), present: null, outdated: isOutdated(members), mergedInto: null }
}

function isOutdated(members: readonly Text[]): boolean {
  return members.some(({ source }) => source > 0)
}

/** What is known so far: the chains, and the files whose rows no chain explains. */
export class Ancestries {
  readonly #presentByVersion = new Map<string, Text>()
  readonly #failed = new Map<Text, TracedRow>()
  readonly #claimedAt = new Map<Text, number>()
  #chains: readonly Ancestry[] = []
  /** No chain yet: its present is a directory of nothing but files with unexplained rows. */
  readonly bare: Ancestry = newAncestry([])

  constructor(index: TextIndex) {
    for (const text of index.directories[0] ?? []) {
      this.#presentByVersion.set(text.file.version, text)
    }
  }

  /** Most recently used first. */
  get chains(): readonly Ancestry[] {
    return this.#chains
  }

  get hasFailed(): boolean {
    return this.#failed.size > 0
  }

  failedBelow(rank: number): readonly Text[] {
    return [...this.#failed.keys()].filter(text => text.rank < rank)
  }

  /** Order of the row that proved the text to be in a chain; undefined while nothing does. */
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

  /** The chain with present texts and all failed files; null when the budget ends, or nothing differs. */
  presentOf(ancestry: Ancestry, budget: Budget): Chain | null {
    if (!this.hasFailed && !ancestry.outdated) return null
    if (ancestry.present === null) {
      if (!budget.take((ancestry.ran.members.length + this.#failed.size) >> 3)) return null
      const failed = [...this.#failed.keys()]
      ancestry.present = new Chain(unite([this.presentTexts(ancestry), failed]))
    }
    return ancestry.present
  }

  fail(row: TracedRow, text: Text): void {
    // Two rows with one version do not exist in a table, but may in an export.
    if (this.#failed.has(text)) return
    this.#failed.set(text, row)
    for (const ancestry of [...this.#chains, this.bare]) ancestry.present?.insert(text)
  }

  accept(row: TracedRow, found: Explanation): void {
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

  #join({ basis, extras, present }: Explanation): Ancestry {
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
    if (proved) for (const other of [...this.#chains, this.bare]) other.present = null
  }

  #claim(text: Text, order: number): void {
    if (!this.#claimedAt.has(text)) this.#claimedAt.set(text, order)
  }

  #touch(ancestry: Ancestry): void {
    if (this.#chains[0] === ancestry) return
    this.#chains = [ancestry, ...this.#chains.filter(other => other !== ancestry)]
  }
}
