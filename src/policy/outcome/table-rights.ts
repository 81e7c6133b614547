import { validateDirectory } from '../../atlas/directory/validate.js'
import { quoteGo } from '../../atlas/text/go-string.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import type { DatabaseAccess, LackingRight } from '../facts/database-access.js'
import type { Facts, Target } from '../facts/facts.js'
import { usedDirectory } from '../facts/used-directory.js'
import { plannedHistory, type LiveHistory } from '../history/live-history.js'
import { resolvedTarget } from '../history/target-change.js'

/** What stops the operator at its own table, before a file runs. */
export interface TableRightsProblem {
  readonly access: DatabaseAccess
  readonly lacking: readonly LackingRight[]
  readonly target: Target
  /** What Atlas would say, as recorded from its command line. */
  readonly says: string
}

/**
 * Which rights the next reconcile needs for the revisions table and does not have; null when it
 * has them, needs none, or it is not known.
 */
export function tableRightsProblem(facts: Facts): TableRightsProblem | null {
  const target = resolvedTarget(facts)
  const { table } = facts
  if (target === null || table.kind === 'unread' || table.access === undefined) return null
  const { access } = table
  const lacking = access.lacking.filter(lackingRight => isNeeded(lackingRight, facts))
  const [first] = lacking
  return first ? { access, lacking, target, says: saying(first, target) } : null
}

function isNeeded({ right }: LackingRight, facts: Facts): boolean {
  if (facts.table.kind === 'failed') return readsRows(facts)
  const history = plannedHistory(facts)
  if (history === null) return false
  // The command adds missing columns before it reads, also where nothing is pending.
  if (right === 'OWNER') return true
  return facts.table.kind === 'read' && facts.table.revisions === null
    ? history.prediction.first.action === 'apply'
    : writesRows(history)
}

/** Whether the operator comes as far as to read the rows that this role may not read. */
function readsRows(facts: Facts): boolean {
  const directory = usedDirectory(facts)?.directory
  return (
    directory !== undefined && directory.files.length > 0 && validateDirectory(directory) === null
  )
}

/** Whether it writes a row: one for each file that runs, and one for a baseline. */
function writesRows({ rows, prediction: { first } }: LiveHistory): boolean {
  return first.pending.length > 0 || (first.after.revisions ?? []).length > rows.length
}

function saying({ right, on }: LackingRight, { database, revisionsSchema }: Target): string {
  if (right === 'OWNER') {
    return `sql/schema: modify ${quoteGo(revisionsTable)} table: pq: must be owner of table ${revisionsTable}`
  }
  if (right === 'POLICY') {
    return `sql/migrate: write revision: pq: new row violates row-level security policy for table "${revisionsTable}"`
  }
  if (on === 'database') {
    return `Add new schema named ${quoteGo(revisionsSchema)}: pq: permission denied for database ${database}`
  }
  if (on === 'schema') return `pq: permission denied for schema ${revisionsSchema}`
  const step = right === 'SELECT' ? 'read revisions' : 'write revision'
  return `sql/migrate: ${step}: pq: permission denied for table ${revisionsTable}`
}
