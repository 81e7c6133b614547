import { Budget } from './lineage-budget.js'
import { Chain, unite } from './lineage-chain.js'
import { searchSubset } from './lineage-search.js'
import type { Text, TextIndex } from './lineage-text.js'
import type { Revision } from './revision.js'

/** One row on its way through the trace. */
export interface TracedRow {
  readonly revision: Revision
  /** Position in the order of execution. */
  readonly order: number
  state: 'chain' | 'baseline' | 'unexplained'
  /** The text that explains it, else the best one that has its version. */
  text: Text | null
  chain: Ancestry | null
  /** Order of the row that proved the file to be part of a chain with its present text. */
  provenAt: number
  /** The directory whose text ran, when that is not the text under review. */
  ranAs: number | null
  /** The search for it ended before everything plausible was tried. */
  unfinished: boolean
}

/** One directory as far as the rows prove it. */
interface Ancestry {
  /** The texts that ran, and files that were there without running. */
  ran: Chain
  /** The same directory as it would be now: present texts, and files whose rows are unexplained. */
  present: Chain | null
  /** Some member has another text now. */
  outdated: boolean
  mergedInto: Ancestry | null
}

interface Explanation {
  readonly text: Text
  /** The chains that were one directory when the row ran; none: a new one. */
  readonly basis: readonly Ancestry[]
  /** Files that were in the directory besides. */
  readonly extras: readonly Text[]
  /** The basis holds with its present texts. */
  readonly present: boolean
}

/** Chains that are always tried; the others only within the budget. */
const recentChains = 4
/** Bounds of the search, see {@link Budget}: for a row that would be called edited, and for one that would not. */
const accusedShare = 30_000
const coveredShare = 2_000

export class Trace {
  readonly #index: TextIndex
  readonly #rows: readonly TracedRow[]
  readonly #rowVersions: ReadonlySet<string>
  readonly #budget: Budget
  readonly #coveredBudget: Budget
  /** Most recently used first. */
  #chains: Ancestry[] = []
  /** Files whose rows are unexplained, as if they were a directory of their own. */
  readonly #failed = new Map<Text, TracedRow>()
  readonly #bare: Ancestry = { ran: new Chain(), present: null, outdated: false, mergedInto: null }
  readonly #claimed = new Set<Text>()
  readonly #sums = new Map<number, ReadonlyMap<Text, string>>()
  readonly #presentByVersion = new Map<string, Text>()

  constructor(index: TextIndex, revisions: readonly Revision[]) {
    this.#index = index
    this.#rows = revisions.map((revision, order) => ({
      revision,
      order,
      state: 'unexplained',
      text: null,
      chain: null,
      provenAt: Number.POSITIVE_INFINITY,
      ranAs: null,
      unfinished: false,
    }))
    this.#rowVersions = new Set(revisions.map(({ version }) => version))
    let weight = 0
    for (const { cost } of index.texts) weight += cost
    this.#budget = new Budget(200_000 + 12 * weight)
    this.#coveredBudget = new Budget(50_000 + 4 * weight)
    for (const text of index.directories[0] ?? [])
      this.#presentByVersion.set(text.file.version, text)
  }

  run(): readonly TracedRow[] {
    for (const row of this.#rows) {
      const candidates = this.#candidates(row.revision)
      row.text = candidates[0] ?? null
      if (row.revision.hash === '') row.state = 'baseline'
      else if (row.text !== null) this.#place(row, candidates)
    }
    return this.#rows
  }

  chainIndex(row: TracedRow): number | null {
    const chain = row.chain === null ? null : survivor(row.chain)
    return chain === null ? null : (this.#numbered().get(chain) ?? null)
  }

  versionsOfChains(): readonly { readonly versions: readonly string[] }[] {
    const numbers = this.#numbered()
    const chains = [...numbers.keys()].map((): { versions: string[] } => ({ versions: [] }))
    for (const row of this.#rows) {
      if (row.state !== 'chain') continue
      chains[this.chainIndex(row) ?? -1]?.versions.push(row.revision.version)
    }
    return chains
  }

  #numbers: Map<Ancestry, number> | null = null

  #numbered(): ReadonlyMap<Ancestry, number> {
    if (this.#numbers === null) {
      this.#numbers = new Map()
      for (const row of this.#rows) {
        if (row.chain === null) continue
        const chain = survivor(row.chain)
        if (!this.#numbers.has(chain)) this.#numbers.set(chain, this.#numbers.size)
      }
    }
    return this.#numbers
  }

  /** Texts with the row's version: the directory under review first, then the row's description first. */
  #candidates(revision: Revision): readonly Text[] {
    const texts = this.#index.byVersion.get(revision.version) ?? []
    if (texts.length < 2) return texts
    const strange = (text: Text) => Number(text.file.description !== revision.description)
    return texts.toSorted(
      (a, b) =>
        Number(a.source > 0) - Number(b.source > 0) ||
        strange(a) - strange(b) ||
        a.source - b.source,
    )
  }

  #place(row: TracedRow, candidates: readonly Text[]): void {
    const { hash } = row.revision
    for (const text of candidates) {
      const found = this.#explainCheaply(text, hash)
      if (found !== null) return this.#accept(row, found)
    }
    for (const text of candidates) {
      const found = this.#explainBySearch(text, row)
      if (found !== null) return this.#accept(row, found)
    }
    this.#fail(row)
  }

  #fail(row: TracedRow): void {
    const text = row.text as Text
    if (this.#failed.has(text)) return
    this.#failed.set(text, row)
    this.#bare.present ??= new Chain()
    this.#bare.present.insert(text)
    for (const chain of this.#chains) chain.present?.insert(text)
  }

  #explainCheaply(text: Text, hash: string): Explanation | null {
    const recent = this.#chains.slice(0, recentChains)
    return (
      this.#byChain(recent, text, hash) ??
      this.#alone(text, hash) ??
      this.#byDirectory(text, hash) ??
      this.#byPresent(recent, text, hash) ??
      this.#byChain(this.#chains.slice(recentChains), text, hash)
    )
  }

  #byChain(chains: readonly Ancestry[], text: Text, hash: string): Explanation | null {
    for (const [i, chain] of chains.entries()) {
      if (i >= recentChains && !this.#budget.take(3)) return null
      if (chain.ran.countBelow(text.rank) === 0) continue
      if (chain.ran.hashOf(text, this.#budget) === hash) {
        return { text, basis: [chain], extras: [], present: false }
      }
    }
    return null
  }

  #alone(text: Text, hash: string): Explanation | null {
    if (this.#bare.ran.hashOf(text, this.#budget) !== hash) return null
    return { text, basis: [], extras: [], present: false }
  }

  /** The whole directory under review, or another whole directory, up to the file. */
  #byDirectory(text: Text, hash: string): Explanation | null {
    for (const [number, directory] of this.#index.directories.entries()) {
      if (this.#sumsOf(number).get(text) !== hash) continue
      const members = directory.filter(member => member.rank < text.rank)
      return this.#explainByMembers(text, members)
    }
    return null
  }

  #sumsOf(number: number): ReadonlyMap<Text, string> {
    let sums = this.#sums.get(number)
    if (sums === undefined) {
      const chain = new Chain()
      const unlimited = new Budget(Number.POSITIVE_INFINITY)
      const pairs = new Map<Text, string>()
      for (const text of this.#index.directories[number] ?? []) {
        pairs.set(text, chain.hashOf(text, unlimited) as string)
        chain.insert(text)
      }
      this.#sums.set(number, pairs)
      sums = pairs
    }
    return sums
  }

  /** The chains that are wholly among the members are the ones this directory consists of. */
  #explainByMembers(text: Text, members: readonly Text[]): Explanation {
    const present = new Set(members)
    const basis = this.#chains.filter(({ ran }) => {
      const count = ran.countBelow(text.rank)
      return count > 0 && ran.members.slice(0, count).every(member => present.has(member))
    })
    const known = new Set(basis.flatMap(({ ran }) => ran.members))
    return { text, basis, extras: members.filter(member => !known.has(member)), present: false }
  }

  /** A directory goes on with the new text of an edited file: rows that ran after the edit. */
  #byPresent(chains: readonly Ancestry[], text: Text, hash: string): Explanation | null {
    for (const chain of [...chains, this.#bare]) {
      if (this.#failed.size === 0 && !chain.outdated) continue
      const present = this.#presentOf(chain)
      if (present === null || present.hashOf(text, this.#budget) !== hash) continue
      const below = present.members.slice(0, present.countBelow(text.rank))
      const extras = below.filter(member => this.#failed.has(member))
      return { text, basis: chain === this.#bare ? [] : [chain], extras, present: true }
    }
    return null
  }

  #presentOf(chain: Ancestry): Chain | null {
    if (chain.present === null) {
      const size = chain.ran.members.length + this.#failed.size
      if (!this.#budget.take(size >> 3)) return null
      chain.present = new Chain(unite([this.#presentTexts(chain), [...this.#failed.keys()]]))
    }
    return chain.present
  }

  #presentTexts({ ran, outdated }: Ancestry): readonly Text[] {
    if (!outdated) return ran.members
    return ran.members.flatMap(member => this.#presentText(member) ?? [])
  }

  #presentText(text: Text): Text | null {
    return text.source === 0 ? text : (this.#presentByVersion.get(text.file.version) ?? null)
  }

  #explainBySearch(text: Text, row: TracedRow): Explanation | null {
    const covered = [...this.#failed.keys()].some(({ rank }) => rank < text.rank)
    const source = covered ? this.#coveredBudget : this.#budget
    const granted = Math.min(
      covered ? coveredShare : accusedShare + this.#index.texts.length * 4,
      source.left,
    )
    const part = source.part(granted)
    const found = this.#search(text, row, part)
    source.settle(part, granted)
    return found
  }

  #search(text: Text, row: TracedRow, budget: Budget): Explanation | null {
    if (!budget.take(this.#index.texts.length >> 4)) {
      row.unfinished = true
      return null
    }
    const loose = (this.#index.directories[0] ?? []).filter(
      other => other.rank < text.rank && !this.#claimed.has(other),
    )
    const never = loose.filter(({ file }) => !this.#rowVersions.has(file.version))
    const bases = this.#bases(text)
    const attempt = (optional: readonly Text[], flips: number): Explanation | null => {
      for (const basis of bases) {
        const forced = unite(
          basis.map(({ ran }) => ran.members.slice(0, ran.countBelow(text.rank))),
        )
        if (!budget.take(forced.length >> 3)) return null
        const ground = { forced, optional, text, hash: row.revision.hash, budget }
        const extras = searchSubset(ground, flips)
        if (extras !== null) return { text, basis, extras, present: false }
      }
      return null
    }
    const deepen = (
      optional: readonly Text[],
      from: number,
      deepest: number,
    ): Explanation | null => {
      for (let flips = from; flips <= deepest && !budget.spent; flips++) {
        const found = attempt(optional, flips)
        if (found !== null) return found
      }
      return null
    }
    const half = Math.ceil(never.length / 2)
    const found =
      deepen(never, 0, Math.min(1, half)) ??
      (loose.length > never.length ? deepen(loose, 0, 1) : null) ??
      deepen(never, 2, half)
    row.unfinished ||= found === null && budget.spent && never.length > 0
    if (found !== null || loose.length === never.length) return found
    return deepen(loose, 2, Math.ceil(loose.length / 2))
  }

  /** Chains that could have been one directory: all, each alone, none, then pairs and triples. */
  #bases(text: Text): readonly (readonly Ancestry[])[] {
    const chains = this.#chains.filter(({ ran }) => ran.countBelow(text.rank) > 0)
    const few = chains.slice(0, recentChains)
    const subsets: Ancestry[][] = [[]]
    for (const chain of few) subsets.push(...subsets.map(subset => [...subset, chain]))
    if (chains.length > few.length) subsets.push(chains)
    return subsets.sort(
      (a, b) => Number(b.length === chains.length) - Number(a.length === chains.length),
    )
  }

  #accept(row: TracedRow, found: Explanation): void {
    const { text } = found
    row.text = text
    const chain = this.#merge(found)
    row.chain = chain
    this.#settleExtras(found, chain, row.order)
    chain.ran.insert(text)
    this.#claimed.add(text)
    this.#touch(chain)
    const present = this.#presentText(text)
    if (present !== text) chain.outdated = true
    if (present !== null) chain.present?.insert(present)
    if (text.source === 0 || present === null) {
      row.state = 'chain'
      return
    }
    row.ranAs = text.source - 1
    row.provenAt = row.order
  }

  #settleExtras({ extras }: Explanation, chain: Ancestry, order: number): void {
    for (const extra of extras) {
      this.#claimed.add(extra)
      const failed = this.#failed.get(extra)
      if (failed === undefined) continue
      this.#failed.delete(extra)
      failed.provenAt = order
      failed.chain = chain
      for (const other of [...this.#chains, this.#bare]) other.present = null
    }
  }

  #merge({ basis, extras, present }: Explanation): Ancestry {
    const [first, ...rest] = basis
    if (first === undefined) {
      return {
        ran: new Chain(extras),
        present: null,
        outdated: extras.some(({ source }) => source > 0),
        mergedInto: null,
      }
    }
    if (rest.length === 0 && extras.length === 0 && !present) return first
    const sets = present ? [this.#presentTexts(first)] : basis.map(({ ran }) => ran.members)
    first.ran = new Chain(unite([...sets, extras]))
    first.present = null
    first.outdated = first.ran.members.some(({ source }) => source > 0)
    for (const other of rest) other.mergedInto = first
    this.#chains = this.#chains.filter(({ mergedInto }) => mergedInto === null)
    return first
  }

  #touch(chain: Ancestry): void {
    if (this.#chains[0] === chain) return
    this.#chains = [chain, ...this.#chains.filter(other => other !== chain)]
  }
}

function survivor(chain: Ancestry): Ancestry {
  let last = chain
  while (last.mergedInto !== null) last = last.mergedInto
  return last
}
