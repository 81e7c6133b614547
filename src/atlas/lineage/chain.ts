import { createHash, type Hash } from 'node:crypto'
import type { Budget } from './budget.js'
import { feed, type Text } from './text.js'

/** Members between two kept hash states: a late file is hashed again over at most this many. */
const stride = 64

/** Index of the first member that is not below the rank. */
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

/** Digest of a state after one more text; the state itself goes on unchanged. */
export function digestAfter(state: Hash, text: Text): string {
  const next = state.copy()
  feed(next, text)
  return next.digest('base64')
}

/** The files of a directory as far as they are known, with hash states so that appending is cheap. */
export class Chain {
  #members: Text[]
  /** State before member i * stride. */
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
   * The hash Atlas stores for the text when the directory holds these members; null when the budget
   * ends first. Appending costs nothing from the budget: one such test per row and chain is usual.
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
    // The last one is free: it was appended since the last test.
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

/** Members of several sets in order of rank, each once. */
export function unite(sets: readonly (readonly Text[])[]): readonly Text[] {
  const all = [...new Set(sets.flat())]
  return all.sort((a, b) => a.rank - b.rank)
}
