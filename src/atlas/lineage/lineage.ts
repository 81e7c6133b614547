import { inExecutionOrder } from '../engine/execution-order.js'
import type { MigrationFile } from '../directory/file.js'
import { survivor, type Ancestry } from './row.js'
import { finish, type Steps } from './steps.js'
import { buildTextIndex } from './text.js'
import { traceRows } from './trace.js'
import { judgeUnexplained, type UnexplainedRow } from './verdict.js'
import type { Revision } from '../engine/revision.js'

/** What is known of one row of the revisions table. */
export interface RowLineage {
  readonly version: string
  /**
   * chain: a chain explains its hash. baseline: its hash is empty, so there is nothing to explain.
   * unexplained: no directory that was tried has its hash.
   */
  readonly state: 'chain' | 'baseline' | 'unexplained'
  /**
   * Index in {@link Lineage.chains}. For an unexplained row it is the chain to which later rows or
   * an old text prove that it belongs, else null.
   */
  readonly chain: number | null
  /**
   * Name of the file with the row's version: in the directory under review, else in another one;
   * null when no directory has one.
   */
  readonly file: string | null
}

/**
 * Which directories wrote the rows of a revisions table. A *chain* is one such directory, as far as
 * the hashes of the rows prove what was in it. All rows are in the order of execution
 * (`executed_at`, then version, bytewise).
 */
export interface Lineage {
  readonly rows: readonly RowLineage[]
  /**
   * One entry for each directory that wrote rows, in order of first execution, with the versions
   * whose rows it explains.
   */
  readonly chains: readonly { readonly versions: readonly string[] }[]
  readonly unexplained: readonly UnexplainedRow[]
}

export interface LineageInput {
  /**
   * The directory under review, or the union of all directories that use the table; sorted bytewise
   * by name.
   */
  readonly files: readonly MigrationFile[]
  /** Rows of the table in any order, without Atlas Cloud's identifier row. */
  readonly revisions: readonly Revision[]
  /**
   * Other directories that may have written rows: those of other AtlasMigrations, or earlier states
   * of one.
   */
  readonly others?: readonly (readonly MigrationFile[])[]
}

/**
 * Explains every row by the directory that it ran from. The hash of a row covers the names and
 * bytes of all files up to its own, as the directory stood then (Atlas v1.2.3, `MemDir.Checksum`);
 * Atlas itself never reads it again. Pure, and bounded: the rows of a table that was made to be
 * hard end as `undecided`.
 */
export function traceLineage(input: LineageInput): Lineage {
  return finish(lineageInSteps(input))
}

/** Does the work of {@link traceLineage}, which takes up to some 300 ms for a hostile table. */
export function* lineageInSteps({ files, revisions, others = [] }: LineageInput): Steps<Lineage> {
  const index = buildTextIndex(files, others)
  yield
  const traced = yield* traceRows(index, inExecutionOrder(revisions))
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
