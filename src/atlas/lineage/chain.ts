import { createHash, type Hash } from 'node:crypto'
import type { Budget } from './budget.js'
import { feed, type Text } from './text.js'

/**
 * Number of members between two hash states that are kept. A file that is inserted in the middle
 * then costs hashing at most this many members again.
 */
const stride = 64

/** Index of the first member whose rank is at least `rank`. */
function lowerBound(members: readonly Text[], rank: number): number {
  const last = members.at(-1)
  if (last === undefined || last.rank < rank) return members.length
  let low = 0
  let high = members.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((members[middle] as Text).rank < rank) low = middle + 1
    else high = middle
  }
  return low
}

/** The digest after one more text. The given state stays unchanged. */
export function digestAfter(state: Hash, text: Text): string {
  const next = state.copy()
  feed(next, text)
  return next.digest('base64')
}

/**
 * The files of one directory as far as they are known, with hash states kept so that appending a
 * file costs little.
 */
export class Chain {
  #members: Text[]
  /** At index i, the hash state before member i * stride. */
  #kept: Hash[] = [createHash('sha256')]
  #end: Hash = createHash('sha256')
  #fed = 0

  constructor(members: readonly Text[] = []) {
    this.#members = [...members]
  }

  get members(): readonly Text[] {
    return this.#members
  }

  countBelow(rank: number): number {
    return lowerBound(this.#members, rank)
  }

  /**
   * The hash that Atlas would store for the text when the directory holds these members; null when
   * the budget ends first. A text behind the last member costs nothing, because every row needs one
   * such test for each chain.
   */
  hashOf(text: Text, budget: Budget): string | null {
    const below = this.countBelow(text.rank)
    if (below === this.#members.length) {
      return this.#feedTo(below, budget) ? digestAfter(this.#end, text) : null
    }
    if (!this.#keepUpTo(below, budget)) return null
    const from = Math.min(Math.floor(below / stride), this.#kept.length - 1)
    const state = (this.#kept[from] as Hash).copy()
    let cost = 0
    for (const member of this.#members.slice(from * stride, below)) {
      feed(state, member)
      cost += member.cost
    }
    return budget.take(cost) ? digestAfter(state, text) : null
  }

  insert(text: Text): void {
    const at = this.countBelow(text.rank)
    this.#members.splice(at, 0, text)
    if (at >= this.#fed) return
    this.#kept.length = Math.min(this.#kept.length, Math.floor(at / stride) + 1)
    this.#rewind()
  }

  #rewind(): void {
    this.#fed = (this.#kept.length - 1) * stride
    this.#end = (this.#kept.at(-1) as Hash).copy()
  }

  #keepUpTo(count: number, budget: Budget): boolean {
    return count <= this.#fed || this.#feedTo(count, budget)
  }

  #feedTo(count: number, budget: Budget): boolean {
    // The last member costs nothing: it was appended since the last test.
    let cost = 0
    for (const member of this.#members.slice(this.#fed, count - 1)) cost += member.cost
    if (!budget.take(cost)) return false
    for (; this.#fed < count; this.#fed++) {
      if (this.#fed === this.#kept.length * stride) this.#kept.push(this.#end.copy())
      feed(this.#end, this.#members[this.#fed] as Text)
    }
    return true
  }
}

/** The members of several sets, each once, in order of rank. */
export function unite(sets: readonly (readonly Text[])[]): readonly Text[] {
  const all = [...new Set(sets.flat())]
  return all.sort((a, b) => a.rank - b.rank)
}
