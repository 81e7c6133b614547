import { inExecutionOrder } from '../engine/execution-order.js'
import type { MigrationFile } from '../directory/file.js'
import { survivor, type Ancestry } from './row.js'
import { buildTextIndex } from './text.js'
import { traceRows } from './trace.js'
import { judgeUnexplained, type UnexplainedRow } from './verdict.js'
import type { Revision } from '../engine/revision.js'

/** What is known of one row. */
export interface RowLineage {
  readonly version: string
  /** baseline: a row with an empty hash, which compares to nothing. */
  readonly state: 'chain' | 'baseline' | 'unexplained'
  /**
   * Index in {@link Lineage.chains}. For an unexplained row: the chain that later rows or an old text
   * prove it to be part of, else null.
   */
  readonly chain: number | null
  /** File with the row's version: of the directory under review, else of another one; else null. */
  readonly file: string | null
}

/** Rows are in the order of execution everywhere (`executed_at`, then version, bytewise). */
export interface Lineage {
  readonly rows: readonly RowLineage[]
  /** One entry per directory that wrote rows, in order of first execution: its explained versions. */
  readonly chains: readonly { readonly versions: readonly string[] }[]
  readonly unexplained: readonly UnexplainedRow[]
}

export interface LineageInput {
  /** The directory under review, or the union of all directories on the table; sorted bytewise by name. */
  readonly files: readonly MigrationFile[]
  /** Rows of the table in any order, without the identifier row. */
  readonly revisions: readonly Revision[]
  /** Further directories that may have written rows: of other objects, or as they once were. */
  readonly others?: readonly (readonly MigrationFile[])[]
}

/**
 * Explains every row by the directory it ran from. The hash of a row covers names and bytes of all
 * files up to its own, in the directory as it stood (Atlas v1.2.3, `MemDir.Checksum`); Atlas never
 * reads it again. Pure, and bounded: a table made to be hard ends in `undecided`.
 */
export function traceLineage({ files, revisions, others = [] }: LineageInput): Lineage {
  const traced = traceRows(buildTextIndex(files, others), inExecutionOrder(revisions))
  const numbers = new Map<Ancestry, number>()
  const chains: { readonly versions: string[] }[] = []
  const rows = traced.map(({ revision: { version }, state, ancestry, text }): RowLineage => {
    const file = text?.file.name ?? null
    if (ancestry === null) return { version, state, chain: null, file }
    const last = survivor(ancestry)
    const chain = numbers.get(last) ?? numbers.size
    if (chain === numbers.size) chains.push({ versions: [] })
    numbers.set(last, chain)
    if (state === 'chain') chains[chain]?.versions.push(version)
    return { version, state, chain, file }
  })
  return { rows, chains, unexplained: judgeUnexplained(traced) }
}
