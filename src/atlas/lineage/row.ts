import type { Chain } from './chain.js'
import type { Text } from './text.js'
import type { Revision } from '../engine/revision.js'

/** A directory that wrote rows, as far as the rows prove what was in it: a chain. */
export interface Ancestry {
  /** The texts that ran, and those of files that were there without running. */
  ran: Chain
  /**
   * The directory as it would be today: the present texts, and the files whose rows are
   * unexplained. null until it is asked for.
   */
  present: Chain | null
  /**
   * How many of the files with unexplained rows, in the order in which these failed, are in
   * `present`.
   */
  presentFailed: number
  /** Whether a member has another text today. */
  outdated: boolean
  /** The chain that this one is part of, once a row has proved that both were one directory. */
  mergedInto: Ancestry | null
}

/** What the trace finds for one row. */
export interface TracedRow {
  readonly revision: Revision
  /** The row's position in the order of execution. */
  readonly order: number
  state: 'chain' | 'baseline' | 'unexplained'
  /** The text that explains the row, else the likeliest text that has its version. */
  text: Text | null
  ancestry: Ancestry | null
  /**
   * `order` of the row that proved that a directory held the file's present text; Infinity when
   * none did.
   */
  provenAt: number
  /** Index in `others` of the directory whose text ran, when that is not the text under review. */
  ranAs: number | null
  /**
   * Whether files that ran later could have been there already, in combinations that were not
   * tried.
   */
  openFuture: boolean
  /** Whether the search ended before everything plausible was tried. */
  unfinished: boolean
}

/** A set of files that has the row's hash. It is a proof, because SHA-256 hashes do not collide. */
export interface HashProof {
  /** The row's own file. */
  readonly text: Text
  /**
   * The chains that were one directory when the row ran. With none, the row starts a chain of its
   * own.
   */
  readonly basis: readonly Ancestry[]
  /** Further files that were in the directory. */
  readonly extras: readonly Text[]
  /** Whether the chains were there with their present texts instead of those that ran. */
  readonly present: boolean
}

/** The row's hash, and the text that is supposed to have run. */
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
