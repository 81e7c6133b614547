import type { Chain } from './chain.js'
import type { Text } from './text.js'
import type { Revision } from '../engine/revision.js'

/** One directory as far as the rows prove it. */
export interface Ancestry {
  /** The texts that ran, and files that were there without running. */
  ran: Chain
  /** The directory as it would be now: present texts, and the files whose rows are unexplained. */
  present: Chain | null
  /** How many of the failed files, in the order in which they failed, are in `present`. */
  presentFailed: number
  /** Some member has another text now. */
  outdated: boolean
  /** Set when a row proved that both had become, or always were, one directory. */
  mergedInto: Ancestry | null
}

/** One row on its way through the trace. */
export interface TracedRow {
  readonly revision: Revision
  /** Position in the order of execution. */
  readonly order: number
  state: 'chain' | 'baseline' | 'unexplained'
  /** The text that explains it, else the likeliest one that has its version. */
  text: Text | null
  ancestry: Ancestry | null
  /** Order of the row that proved the file's present text to be part of a directory; Infinity if none. */
  provenAt: number
  /** Index in `others` of the directory whose text ran, when it is not the text under review. */
  ranAs: number | null
  /** Files that ran later could have been there already, and not all of these combinations were tried. */
  openFuture: boolean
  /** The search ended before everything plausible was tried. */
  unfinished: boolean
}

/** A set of files that hashes to a row's value: a proof, because hashes do not collide. */
export interface Explanation {
  /** The row's own file. */
  readonly text: Text
  /** The chains that were one directory when the row ran; none: a directory of its own. */
  readonly basis: readonly Ancestry[]
  /** Files that were in the directory besides. */
  readonly extras: readonly Text[]
  /** The basis holds with its present texts. */
  readonly present: boolean
}

/** What is to be explained. */
export interface Claim {
  readonly text: Text
  readonly hash: string
}

export function survivor(ancestry: Ancestry): Ancestry {
  let last = ancestry
  while (last.mergedInto !== null) last = last.mergedInto
  return last
}

export function newTracedRow(revision: Revision, order: number): TracedRow {
  return {
    revision,
    order,
    state: 'unexplained',
    text: null,
    ancestry: null,
    provenAt: Number.POSITIVE_INFINITY,
    ranAs: null,
    openFuture: false,
    unfinished: false,
  }
}
