import { countOf } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import { operatorSteps } from './operator-step.js'

/** The files that the operator runs at its next reconcile. */
export interface Outlook {
  /** Names, in the order in which they run. */
  readonly files: readonly string[]
  /** Whether the database has no row yet, so that these are the first files that it sees. */
  readonly isFirstRun: boolean
}

/** What will run; null when nothing does, or it cannot be predicted. */
export function outlookOf(facts: Facts): Outlook | null {
  // Most reviews have nothing pending, and describing the steps would be for nothing.
  if (!facts.prediction?.first.pending.length) return null
  const files = operatorSteps(facts)?.now.files ?? []
  if (files.length === 0) return null
  const { table } = facts
  return { files, isFirstRun: table.kind === 'read' && (table.revisions ?? []).length === 0 }
}

/** Up to this many files are all named. */
const few = 3

/** The outlook as a sentence without a full stop: `will run 4 files: 1_a.sql ... 4_d.sql`. */
export function outlookText({ files, isFirstRun }: Outlook): string {
  const names =
    files.length <= few ? files.join(', ') : `${files[0] ?? ''} ... ${files.at(-1) ?? ''}`
  const where = isFirstRun ? ', the first in this database' : ''
  return `will run ${countOf(files.length, 'file')}${where}: ${names}`
}
