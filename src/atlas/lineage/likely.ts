import type { Ancestries } from './ancestry.js'
import { Budget } from './budget.js'
import { Chain } from './chain.js'
import type { Ancestry, Claim, HashProof } from './row.js'
import type { Text, TextIndex } from './text.js'

/**
 * This many of the most recent chains are tried whatever the budget says. Usually there are only
 * one or two.
 */
export const recentChains = 4

/** The explanations that fit nearly every row. Each costs one hash. */
export class LikelyExplanations {
  readonly #directories: readonly (readonly Text[])[]
  readonly #ancestries: Ancestries
  readonly #budget: Budget
  readonly #sums = new Map<readonly Text[], ReadonlyMap<Text, string>>()

  constructor(index: TextIndex, ancestries: Ancestries, budget: Budget) {
    this.#directories = index.directories
    this.#ancestries = ancestries
    this.#budget = budget
  }

  explain(claim: Claim): HashProof | null {
    const { chains } = this.#ancestries
    return (
      this.#byChain(chains.slice(0, recentChains), claim) ??
      this.#alone(claim) ??
      this.#byDirectory(claim) ??
      this.#byPresent(chains.slice(0, recentChains), claim) ??
      this.#byOlderChain(chains.slice(recentChains), claim)
    )
  }

  #byChain(chains: readonly Ancestry[], { text, hash }: Claim): HashProof | null {
    for (const ancestry of chains) {
      // A file that sorts before all members of the chain hashes as if it were alone. Only a later
      // row can tell that it belongs to the chain.
      if (ancestry.ran.countBelow(text.rank) === 0) continue
      if (ancestry.ran.hashOf(text, this.#budget) !== hash) continue
      return { text, basis: [ancestry], extras: [], present: false }
    }
    return null
  }

  #byOlderChain(chains: readonly Ancestry[], claim: Claim): HashProof | null {
    const cost = 3 * chains.length
    return this.#budget.take(cost) ? this.#byChain(chains, claim) : null
  }

  #alone({ text, hash }: Claim): HashProof | null {
    if (this.#ancestries.bare.ran.hashOf(text, this.#budget) !== hash) return null
    return { text, basis: [], extras: [], present: false }
  }

  /**
   * The directory was the one under review, or another given one, as it stands today up to the
   * file.
   */
  #byDirectory({ text, hash }: Claim): HashProof | null {
    for (const directory of this.#directories) {
      if (this.#sumsOf(directory).get(text) !== hash) continue
      return this.#explainBy(directory, text)
    }
    return null
  }

  #sumsOf(directory: readonly Text[]): ReadonlyMap<Text, string> {
    let sums = this.#sums.get(directory)
    if (sums === undefined) {
      sums = sumsOf(directory)
      this.#sums.set(directory, sums)
    }
    return sums
  }

  /**
   * The explanation by a whole directory: it consists of the chains that lie wholly in it, with
   * their old or their present texts.
   */
  #explainBy(directory: readonly Text[], text: Text): HashProof {
    const members = directory.filter(member => member.rank < text.rank)
    const inside = new Set(members)
    const holds = (texts: readonly Text[]) => {
      const below = texts.filter(({ rank }) => rank < text.rank)
      return below.length > 0 && below.every(member => inside.has(member))
    }
    const { chains } = this.#ancestries
    const asRan = chains.filter(({ ran }) => holds(ran.members))
    const asNow = chains.filter(ancestry => holds(this.#ancestries.presentTexts(ancestry)))
    if (asNow.length > asRan.length) return { text, basis: asNow, extras: members, present: true }
    const known = new Set(asRan.flatMap(({ ran }) => ran.members))
    const extras = members.filter(member => !known.has(member))
    return { text, basis: asRan, extras, present: false }
  }

  /**
   * The directory was a chain with the present text of an edited file. This fits rows that ran
   * after the edit.
   */
  #byPresent(chains: readonly Ancestry[], { text, hash }: Claim): HashProof | null {
    for (const ancestry of [...chains, this.#ancestries.bare]) {
      const present = this.#ancestries.presentOf(ancestry, this.#budget)
      if (present === null || present.hashOf(text, this.#budget) !== hash) continue
      const basis = ancestry === this.#ancestries.bare ? [] : [ancestry]
      return { text, basis, extras: this.#ancestries.failedBelow(text.rank), present: true }
    }
    return null
  }
}

function sumsOf(directory: readonly Text[]): ReadonlyMap<Text, string> {
  const unlimited = new Budget(Number.POSITIVE_INFINITY)
  const chain = new Chain()
  const sums = new Map<Text, string>()
  for (const text of directory) {
    const sum = chain.hashOf(text, unlimited)
    if (sum !== null) sums.set(text, sum)
    chain.insert(text)
  }
  return sums
}
