import type { Revision } from './revision.js'

/** What the engine sees of a database when it plans. */
export interface DatabaseState {
  /**
   * Rows of the revisions table in the order the database returned them, without Atlas Cloud's
   * identifier row. null: the table (or its schema) does not exist; []: it exists and has no rows.
   */
  readonly revisions: readonly Revision[] | null
  /**
   * Why the database is not clean in the engine's words, such as `found schema "public"`; null when
   * it is.
   */
  readonly notClean: string | null
}
