import type { Reconcile } from '../../atlas/engine/operator.js'
import { listNames, countOf } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import { usedDirectory } from '../facts/used-directory.js'
import { tableRightsProblem } from '../outcome/table-rights.js'
import { downRefusal, isDownAllowed } from '../history/predicted-down.js'

/** What the operator does in one reconcile, in words. */
export interface OperatorStep {
  readonly action: Reconcile['action']
  /** Whether the AtlasMigration is Ready afterwards, given that no SQL statement fails. */
  readonly ready: boolean
  readonly summary: string
  /** Names of the files that run. */
  readonly files: readonly string[]
  /**
   * What the object's condition would say, in the words of Atlas or the operator; null for Ready.
   */
  readonly says: string | null
}

/**
 * This reconcile and the next. null when nothing can be predicted. `next` is null where the first
 * reconcile is repeated.
 */
export interface OperatorSteps {
  readonly now: OperatorStep
  readonly next: OperatorStep | null
}

export function operatorSteps(facts: Facts): OperatorSteps | null {
  const { prediction } = facts
  if (prediction === null || usedDirectory(facts) === null) return null
  const lacking = tableRightsProblem(facts)
  if (lacking !== null) return { now: stopsAtTable(prediction.first, lacking.says), next: null }
  return {
    now: describeStep(prediction.first, facts),
    next: prediction.next && describeStep(prediction.next, facts),
  }
}

/** The step of a role that may not make or write the revisions table. No file runs then. */
function stopsAtTable({ action }: Reconcile, says: string): OperatorStep {
  const summary = `stops at ${action === 'apply' ? '"migrate apply"' : '"migrate status"'}`
  return { action, ready: false, summary: `${summary}: a right is missing`, files: [], says }
}

function describeStep(reconcile: Reconcile, facts: Facts): OperatorStep {
  const { action, error, pending } = reconcile
  if (action === 'down') return describeDown(reconcile, facts)
  if (error !== null) {
    const says = error.type === 'panic' ? `panic: ${error.message}` : error.message
    return { action, ready: false, summary: stops[action], files: [], says }
  }
  const nothing = { action, ready: true, summary: 'nothing: it is Ready', files: [], says: null }
  if (action === 'ready' || reconcile.apply?.result === 'noop') return nothing
  return {
    ...nothing,
    summary: `runs ${countOf(pending.length, 'file')}: ${listNames(pending)}`,
    files: pending,
  }
}

const stops: Readonly<Record<Exclude<Reconcile['action'], 'down'>, string>> = {
  'error-dir': 'stops while it writes the migration directory',
  'error-status': 'stops at "migrate status"',
  apply: 'stops at "migrate apply"',
  ready: 'is Ready',
}

/**
 * Describes how the operator (0.7) undoes migrations: whether it is allowed to, down to which
 * version, and whether it has a dir-state to do it with.
 */
function describeDown({ downTarget }: Reconcile, facts: Facts): OperatorStep {
  const step = { action: 'down', ready: false, files: [] } as const
  if (!isDownAllowed(facts.migration.spec))
    return { ...step, summary: 'takes it for a downgrade, and refuses it', says: downRefusal }
  if (downTarget === null)
    return {
      ...step,
      summary: 'takes it for a downgrade, and crashes: there is no file to go down to',
      says: 'runtime error: index out of range [-1]',
    }
  if (facts.dirState.kind === 'absent')
    return {
      ...step,
      summary: `would migrate down to ${downTarget}, and has no directory to do it with`,
      says: 'unable to downgrade, no dir-state found',
    }
  return { ...step, ready: true, summary: `migrates down to ${downTarget}`, says: null }
}
