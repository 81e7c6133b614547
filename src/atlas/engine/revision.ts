import { compareBytewise } from '../text/go-string.js'

/**
 * One row of `atlas_schema_revisions`, as Atlas v1.2.3 writes it (`sql/migrate`, type Revision).
 * Rows of other Atlas versions may hold values that no engine wrote: nothing here is trusted.
 */
export interface Revision {
  readonly version: string
  readonly description: string
  /** Bit flags; see {@link RevisionType}. */
  readonly type: number
  /** Number of statements done. */
  readonly applied: number
  /** Number of statements of the file when the row was inserted. */
  readonly total: number
  /** RFC 3339 with a fraction of a second, or empty when the column is null. */
  readonly executedAt: string
  /** The database's error of the last attempt; empty after a success. */
  readonly error: string
  /** The failing statement; empty after a success. */
  readonly errorStatement: string
  /**
   * The directory's cumulative hash up to the file at the first attempt, in base64 without `h1:`;
   * empty in baseline rows.
   */
  readonly hash: string
  /**
   * `h1:` and the cumulative hash of each statement done, while the file is partially applied; else
   * empty.
   */
  readonly partialHashes: readonly string[]
  readonly operatorVersion: string
}

/** The flags of `Revision.type` (Atlas v1.2.3, `migrate.RevisionType`). */
export const RevisionType = { baseline: 1, execute: 2, resolved: 4 } as const

/** The table's special row, written when Atlas Cloud is connected; never listed as a revision. */
export const identifierVersion = '.atlas_cloud_identifier'

/** Name of the revisions table, and of its schema when nothing else names one. */
export const revisionsTable = 'atlas_schema_revisions'

/** Makes a test for versions that a baseline row stands for: those up to the newest baseline. */
export function baselineTest(
  rows: readonly Revision[],
): (item: { readonly version: string }) => boolean {
  let newest: string | null = null
  for (const { type, version } of rows)
    if (type & RevisionType.baseline && (newest === null || compareBytewise(newest, version) < 0))
      newest = version
  return ({ version }) => newest !== null && compareBytewise(version, newest) <= 0
}

/**
 * Whether the row is partially applied. Atlas compares only its two counters, whatever its type.
 */
export function isPartial(revision: Revision): boolean {
  return revision.applied !== revision.total
}
