import type { Ancestries } from './ancestry.js'
import type { Budget } from './budget.js'
import { unite } from './chain.js'
import type { Ancestry, Claim, HashProof } from './row.js'
import { searchRange, searchSubset } from './search.js'
import type { Steps } from './steps.js'
import type { Text, TextIndex } from './text.js'

/**
 * An assumption about the directory behind a row: these chains were one directory, so these files
 * were in it.
 */
interface Ground {
  readonly basis: readonly Ancestry[]
  readonly present: boolean
  readonly forced: readonly Text[]
}

/** How a search ended, with a result or without. */
export interface SearchEnd {
  readonly found: HashProof | null
  /** Whether every combination of chains and never-applied files was tried. */
  readonly complete: boolean
  /**
   * Whether files that ran later might have been there in combinations that were not tried. Usually
   * only all of them, all but one, or one alone are tried.
   */
  readonly openFuture: boolean
}

/**
 * Of so many chains, the most recent ones, all combinations are tried. One directory may be several
 * chains at first, since a late file that sorts before all others begins a chain of its own.
 */
export const combinedChains = 6

/**
 * With at most this many optional files, all combinations are tried: at most 2 to the power of 10.
 */
const smallSet = 10

/**
 * With at most this many files that ran later, each run of neighbouring files is tried, which costs
 * some 10,000 units of the budget.
 */
const smallRange = 100

/**
 * What looking into one other directory costs, in units of the budget, however few files it has:
 * hundreds of directories with one version would otherwise be searched once for each other. One
 * without a file to add holds nothing that the directory under review does not.
 */
const foreignCost = 32

/** Tries combinations of chains, and of files that no chain claims, within the budget. */
export class Combinations {
  readonly #files: readonly Text[]
  /** The other directories that hold a text which the directory under review does not. */
  readonly #foreign: readonly (readonly Text[])[]
  readonly #ancestries: Ancestries
  readonly #applied: ReadonlySet<string>

  /**
   * `applied` holds the versions with a row that has a hash. Files of all other versions never ran.
   */
  constructor(index: TextIndex, ancestries: Ancestries, applied: ReadonlySet<string>) {
    this.#files = index.files
    this.#foreign = index.directories.filter(texts => texts.some(({ source }) => source > 0))
    this.#ancestries = ancestries
    this.#applied = applied
  }

  /**
   * Searches the directory under review, then the others. `complete` and `openFuture` speak of the
   * directory under review only, because the others may have nothing to do with the row.
   */
  *search(claim: Claim, budget: Budget): Steps<SearchEnd> {
    const share = budget.left / (this.#foreign.length + 1)
    const end = yield* budget.lend(share, part => this.#searchIn(this.#files, claim, part))
    let { found } = end
    for (const directory of this.#foreign) {
      if (found !== null || budget.spent) break
      if (!budget.take(foreignCost) || this.#loose(directory, claim.text.rank).length === 0)
        continue
      const there = yield* budget.lend(share, part => this.#searchIn(directory, claim, part))
      found = there.found
    }
    return { ...end, found }
  }

  *#searchIn(directory: readonly Text[], claim: Claim, budget: Budget): Steps<SearchEnd> {
    if (!budget.take(directory.length >> 3)) {
      return { found: null, complete: false, openFuture: true }
    }
    const loose = this.#loose(directory, claim.text.rank)
    const never = loose.filter(({ file }) => !this.#applied.has(file.version))
    const openFuture = loose.length > never.length
    const attempt = { claim, budget, grounds: this.#grounds(claim.text, budget) }
    const half = Math.ceil(never.length / 2)
    const found =
      (yield* deepen(attempt, never, [0, Math.min(1, half)])) ??
      (yield* byRange(attempt, never)) ??
      (openFuture ? yield* deepen(attempt, loose, [0, 1]) : null) ??
      (openFuture && loose.length <= smallRange ? yield* byRange(attempt, loose) : null) ??
      (yield* deepen(attempt, never, [2, half])) ??
      (openFuture && loose.length <= smallSet
        ? yield* deepen(attempt, loose, [2, smallSet / 2])
        : null)
    return { found, complete: !budget.spent, openFuture }
  }

  /**
   * Searches once more when all chains are known. A file that ran after the row can have been in
   * its directory only if one chain holds both.
   */
  *searchAgain(claim: Claim, order: number, budget: Budget): Steps<SearchEnd> {
    const end = { complete: false, openFuture: false }
    if (!budget.take(this.#files.length >> 3)) return { ...end, found: null }
    const never = this.#loose(this.#files, claim.text.rank)
    const subsets = this.#subsets(claim.text.rank)
    for (const basis of subsets.filter(({ length }) => length <= 1)) {
      const found = yield* this.#tryEarlier(
        { basis, never, claim, order, budget },
        Number.POSITIVE_INFINITY,
      )
      if (found !== null || budget.spent) return { ...end, found }
    }
    for (const basis of subsets.filter(({ length }) => length > 1)) {
      const found = yield* this.#tryEarlier({ basis, never, claim, order, budget }, 1)
      if (found !== null) return { ...end, found }
    }
    return { ...end, found: null, complete: true }
  }

  /**
   * Takes the chains' files that ran before the row as present, and those that ran later as
   * optional.
   */
  *#tryEarlier(
    { basis, never, claim, order, budget }: Earlier,
    deepest: number,
  ): Steps<HashProof | null> {
    const early = (text: Text) => (this.#ancestries.claimedAt(text) ?? order) < order
    for (const { present, forced } of this.#groundsOf(basis, claim.text.rank, budget)) {
      const ground = { basis, present, forced: forced.filter(early) }
      const optional = unite([forced.filter(text => !early(text)), never])
      const to = Math.min(deepest, Math.ceil(optional.length / 2))
      const found = yield* deepen({ claim, budget, grounds: [ground] }, optional, [0, to])
      if (found !== null) return found
    }
    return null
  }

  #loose(directory: readonly Text[], rank: number): readonly Text[] {
    return directory.filter(
      text => text.rank < rank && this.#ancestries.claimedAt(text) === undefined,
    )
  }

  #grounds({ rank }: Text, budget: Budget): readonly Ground[] {
    return this.#subsets(rank).flatMap(basis => this.#groundsOf(basis, rank, budget))
  }

  /**
   * The sets of chains to try: all of them first, then none, single ones, and the combinations of
   * the most recent few.
   */
  #subsets(rank: number): readonly (readonly Ancestry[])[] {
    const chains = this.#ancestries.chains.filter(({ ran }) => ran.countBelow(rank) > 0)
    const few = chains.slice(0, combinedChains)
    const subsets: Ancestry[][] = [[]]
    for (const chain of few) subsets.push(...subsets.map(subset => [...subset, chain]))
    if (chains.length > few.length) subsets.push(chains)
    const all = (subset: readonly Ancestry[]) => Number(subset.length === chains.length)
    return subsets.sort((a, b) => all(b) - all(a))
  }

  #groundsOf(basis: readonly Ancestry[], rank: number, budget: Budget): readonly Ground[] {
    let size = this.#ancestries.failedCount
    for (const { ran } of basis) size += 2 * ran.members.length
    budget.take(size >> 1)
    const ran = unite(basis.map(({ ran }) => ran.members.slice(0, ran.countBelow(rank))))
    const grounds = [{ basis, present: false, forced: ran }]
    const failed = this.#ancestries.failedBelow(rank)
    if (failed.length > 0 || basis.some(({ outdated }) => outdated)) {
      const sets = basis.map(ancestry => this.#ancestries.presentTexts(ancestry))
      const forced = unite([...sets, failed]).filter(text => text.rank < rank)
      grounds.push({ basis, present: true, forced })
    }
    return grounds
  }
}

interface Earlier {
  readonly basis: readonly Ancestry[]
  readonly never: readonly Text[]
  readonly claim: Claim
  readonly order: number
  readonly budget: Budget
}

interface Attempt {
  readonly claim: Claim
  readonly budget: Budget
  readonly grounds: readonly Ground[]
}

/**
 * Tries all sets that differ from the full set, or from the empty one, in `from` to `to` files, the
 * smallest difference first.
 */
function* deepen(
  { claim, budget, grounds }: Attempt,
  optional: readonly Text[],
  [from, to]: readonly [number, number],
): Steps<HashProof | null> {
  for (let flips = from; flips <= to; flips++) {
    for (const { basis, present, forced } of grounds) {
      if (budget.spent || !budget.take((forced.length + optional.length) >> 1)) return null
      const inside = new Set(forced)
      const choices = optional.filter(text => !inside.has(text))
      if (choices.length < flips) continue
      const found = yield* searchSubset({ ...claim, forced, optional: choices, budget }, flips)
      if (found === null) continue
      // Some present texts had unexplained rows until now. The result proves that they were in the
      // directory.
      const extras = present ? unite([forced, found]) : found
      return { text: claim.text, basis, extras, present }
    }
  }
  return null
}

/**
 * Tries a run of neighbouring files: a directory whose first files were skipped, by a baseline for
 * example, and which belongs to no chain.
 */
function* byRange({ claim, budget }: Attempt, optional: readonly Text[]): Steps<HashProof | null> {
  const extras = yield* searchRange({ ...claim, forced: [], optional, budget })
  return extras === null ? null : { text: claim.text, basis: [], extras, present: false }
}
