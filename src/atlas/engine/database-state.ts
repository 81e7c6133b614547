import type { Revision } from './revision.js'

/** What the engine sees of a database when it plans. */
export interface DatabaseState {
  /**
   * Rows in the order the database returned them, without the identifier row.
   * null: the table (or its schema) does not exist; []: it exists and has no rows.
   */
  readonly revisions: readonly Revision[] | null
  /** Reason of the clean check, such as `found schema "public"`; null when the database is clean. */
  readonly notClean: string | null
}
