import { applyPending, orderRevisions, type ApplyOutcome } from './apply.js'
import type { DatabaseState } from './database-state.js'
import { workingDirError, type Directory } from '../directory/directory.js'
import type { EngineError } from '../directory/engine-error.js'
import { parseFileName } from '../directory/file.js'
import { planFiles, type PlanOptions } from './plan.js'
import type { StatementDialect } from '../statement/dialect.js'
import { reportFiles, type StatusReport } from './status.js'
import { validateDirectory } from '../directory/sum.js'

export type { ApplyOutcome, StatusReport }

/** What the operator does in one reconcile. */
export type OperatorAction = 'error-dir' | 'error-status' | 'down' | 'ready' | 'apply'

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

export interface PredictionInput {
  /** Every key of `.data` or `spec.dir.local`. */
  readonly data: Readonly<Record<string, string>>
  /** The directory that follows from them. */
  readonly directory: Directory
  readonly state: DatabaseState
  readonly options: PlanOptions
  readonly dialect: StatementDialect
}

/** What the operator (0.7, with the engine of Atlas v1.2.3) does with these files and rows, twice. */
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

/** The operator compares counts only: it never asks which versions are applied. */
export function isDown({ pending, applied, available }: StatusReport): boolean {
  return pending.length === 0 && applied.length > 0 && available.length < applied.length
}

/** Version of the last available file; null where the operator would index out of range. */
export function downTarget({ available }: StatusReport): string | null {
  const last = available.at(-1)
  return last === undefined ? null : parseFileName(last).version
}

function apply({ directory, state, options, dialect }: PredictionInput): Reconcile {
  // The command creates a missing table before it plans, and leaves it behind when planning fails.
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
