import { applyPending, orderRevisions, type ApplyOutcome } from './apply.js'
import type { DatabaseState } from './database-state.js'
import { workingDirError, type Directory } from '../directory/directory.js'
import type { EngineError } from '../directory/engine-error.js'
import { parseFileName } from '../directory/file.js'
import { planFiles, type PlanOptions } from './plan.js'
import type { StatementDialect } from '../statement/dialect.js'
import { reportFiles, type StatusReport } from './status.js'
import { validateDirectory } from '../directory/validate.js'

export type { ApplyOutcome, StatusReport }

/** What the operator does in one reconcile; `down` means that it tries to undo migrations. */
export type OperatorAction = 'error-dir' | 'error-status' | 'down' | 'ready' | 'apply'

export interface Reconcile {
  readonly action: OperatorAction
  /** Set for error-dir and error-status, and for apply when planning or executing fails. */
  readonly error: EngineError | null
  readonly status: StatusReport | null
  /**
   * Names of the files that `migrate apply` would execute with the options of the AtlasMigration.
   */
  readonly pending: readonly string[]
  /**
   * The version to which the operator would undo migrations. With action `down`, null means that it
   * would crash ("no available files").
   */
  readonly downTarget: string | null
  /** The result of `migrate apply`; null when nothing is applied, or planning failed. */
  readonly apply: ApplyOutcome | null
  /** The state of the database when this reconcile is over. */
  readonly after: DatabaseState
}

/**
 * This reconcile and the one after it. An object can be Ready now and have its migrations undone at
 * the next reconcile, which shows only in `next`.
 */
export interface Prediction {
  readonly first: Reconcile
  /** null when the first reconcile fails or undoes migrations: the second would be the same. */
  readonly next: Reconcile | null
}

export interface PredictionInput {
  /** Every key of the ConfigMap's `.data` or of `spec.dir.local`, with its text. */
  readonly data: Readonly<Record<string, string>>
  /** The directory that the operator makes of `data`. */
  readonly directory: Directory
  readonly state: DatabaseState
  readonly options: PlanOptions
  readonly dialect: StatementDialect
}

/**
 * Predicts two reconciles of the operator (0.7, with the engine of Atlas v1.2.3) with these files
 * and rows.
 */
export function predict(input: PredictionInput): Prediction {
  const folderError = workingDirError(input.data)
  if (folderError !== null) {
    const error: EngineError = { type: 'other', message: folderError }
    return { first: stopped('error-dir', input.state, error), next: null }
  }
  const invalid = validateDirectory(input.directory)
  if (invalid !== null) {
    return { first: stopped('error-status', input.state, invalid), next: null }
  }
  const first = reconcile(input)
  const over = first.error !== null || first.action === 'down'
  return { first, next: over ? null : reconcile({ ...input, state: first.after }) }
}

const nothing = { error: null, status: null, pending: [], downTarget: null, apply: null } as const

function stopped(action: OperatorAction, after: DatabaseState, error: EngineError): Reconcile {
  return { ...nothing, action, error, after }
}

function reconcile(input: PredictionInput): Reconcile {
  const { state, directory, dialect } = input
  const outcome = reportFiles(directory.files, state, dialect)
  if ('error' in outcome) return stopped('error-status', state, outcome.error)
  const { report: status } = outcome
  if (isDown(status)) {
    return { ...nothing, action: 'down', status, downTarget: downTarget(status), after: state }
  }
  if (status.pending.length === 0) return { ...nothing, action: 'ready', status, after: state }
  return { ...apply(input), status }
}

/**
 * Whether the operator tries to undo migrations. It compares counts only, and never asks which
 * versions are applied.
 */
export function isDown({ pending, applied, available }: StatusReport): boolean {
  return pending.length === 0 && applied.length > 0 && available.length < applied.length
}

/**
 * The version of the last available file, to which the operator would go back; null where the
 * operator would index out of range.
 */
export function downTarget({ available }: StatusReport): string | null {
  const last = available.at(-1)
  return last === undefined ? null : parseFileName(last).version
}

function apply({ directory, state, options, dialect }: PredictionInput): Reconcile {
  // `migrate apply` creates a missing table before it plans, and leaves it behind when planning
  // fails.
  const before = state.revisions ?? []
  const plan = planFiles(directory.files, { ...state, revisions: before }, options)
  const rows = plan.baselineWritten === null ? before : [...before, plan.baselineWritten]
  const planned = {
    ...nothing,
    action: 'apply',
    pending: plan.pending.map(file => file.name),
  } as const
  if (plan.error?.type === 'ErrNoPendingFiles') {
    const noop: ApplyOutcome = { result: 'noop', file: null, error: null, done: [] }
    return { ...planned, apply: noop, after: { ...state, revisions: rows } }
  }
  if (plan.error !== null) {
    return { ...planned, error: plan.error, after: { ...state, revisions: rows } }
  }
  const { outcome, revisions } = applyPending({
    pending: plan.pending,
    revisions: rows,
    sum: directory.sum(),
    dialect,
  })
  const after = { ...state, revisions: orderRevisions(before, revisions) }
  return { ...planned, error: outcome.error, apply: outcome, after }
}
