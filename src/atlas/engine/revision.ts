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

/** Base64 of 32 bytes, which is what SHA-256 gives. */
const sha256 = /^[A-Za-z0-9+/]{43}=$/

/**
 * The hash of a row, if it proves anything. Atlas never reads the column, so rows that a person or
 * another program wrote hold whatever they like: the line of atlas.sum with its `h1:`, or a word such
 * as `manual`. Empty for anything that is no hash.
 */
export function rowHash({ hash }: Pick<Revision, 'hash'>): string {
  const bare = hash.startsWith('h1:') ? hash.slice(3) : hash
  return sha256.test(bare) ? bare : ''
}

/**
 * Whether the row is partially applied. Atlas compares only its two counters, whatever its type.
 */
export function isPartial(revision: Revision): boolean {
  return revision.applied !== revision.total
}
