import type { DatabaseState } from './database-state.js'
import type { EngineError } from './engine-error.js'

/** What `atlas migrate status` reports (Atlas's own field names). */
export interface StatusReport {
  readonly status: 'OK' | 'PENDING'
  readonly current: string
  readonly next: string
  /** File names. */
  readonly pending: readonly string[]
  readonly outOfOrder: readonly string[]
  /** Versions of the rows. */
  readonly applied: readonly string[]
  /** File names. */
  readonly available: readonly string[]
  readonly count: number
  readonly total: number
  readonly error: string
  readonly sql: string
}

/** What the operator does in one reconcile. */
export type OperatorAction = 'error-dir' | 'error-status' | 'down' | 'ready' | 'apply'

/** `migrate apply` when every SQL statement succeeds. */
export interface ApplyOutcome {
  readonly result: 'ok' | 'noop' | 'error' | 'panic'
  /** The file that failed, for error and panic. */
  readonly file: string | null
  readonly error: EngineError | null
  /** Files completed, in order. */
  readonly done: readonly string[]
}

export interface Reconcile {
  readonly action: OperatorAction
  /** For error-dir and error-status; for apply when planning or executing fails. */
  readonly error: EngineError | null
  readonly status: StatusReport | null
  /** Files that `migrate apply` would execute with the object's own options. */
  readonly pending: readonly string[]
  /** Version the operator would go down to; null with action down: it would crash ("no available files"). */
  readonly downTarget: string | null
  /** null when nothing is applied, or planning failed. */
  readonly apply: ApplyOutcome | null
  /** Rows when this reconcile is over. */
  readonly after: DatabaseState
}

/** This reconcile and the one after it: "Ready now, down at the next one" shows in `next`. */
export interface Prediction {
  readonly first: Reconcile
  /** null when the first one fails or goes down: the second is then the same. */
  readonly next: Reconcile | null
}
