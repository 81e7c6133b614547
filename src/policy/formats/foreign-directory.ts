import { directoryOf, sumFileName } from '../../atlas/directory/directory.js'
import type { Reconcile } from '../../atlas/engine/operator.js'
import { printSum } from '../../atlas/directory/sum.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { predictOperator } from '../facts/operator-prediction.js'
import { type ReadDirectory, usedDirectory } from '../facts/used-directory.js'
import { findForeignFiles, type ForeignFile } from './foreign-file.js'

/**
 * - pending: it runs at the next reconcile, or as soon as what holds that up is repaired.
 * - ran: its row says so.
 * - never: a baseline, or a newer row, stands for it.
 * - unknown: the database was not read, or the operator stops before it plans.
 */
export type Fate = 'pending' | 'ran' | 'never' | 'unknown'

/** A file of another tool, and what becomes of it on this database. */
export interface FatedFile extends ForeignFile {
  readonly fate: Fate
}

/** The files of the used directory that were written for another tool, in its order. */
export const foreignFiles: (facts: Facts) => readonly FatedFile[] = oncePerFacts(readForeignFiles)

function readForeignFiles(facts: Facts): readonly FatedFile[] {
  const used = usedDirectory(facts)
  const found = used === null ? [] : findForeignFiles(used.directory.files)
  if (used === null || found.length === 0) return []
  const fateOf = fateFinder(facts, used)
  return found.map(foreign => ({ ...foreign, fate: fateOf(foreign) }))
}

function fateFinder(facts: Facts, used: ReadDirectory): (foreign: ForeignFile) => Fate {
  const first = firstReconcile(facts, used)
  if (first === null || facts.table.kind !== 'read') return () => 'unknown'
  const rows = facts.table.revisions ?? []
  const ran = new Map(rows.map(({ version, description }) => [version, description]))
  const pending = new Set([
    ...first.pending,
    ...(first.status?.outOfOrder ?? []),
    ...delayed(first),
  ])
  const isPlanned = first.error === null || pending.size > 0
  return ({ file: { name, version, description } }) => {
    if (pending.has(name)) return 'pending'
    // The halves of a pair share a version, and only one of them can have its row.
    if (ran.get(version) === description) return 'ran'
    return isPlanned || ran.has(version) ? 'never' : 'unknown'
  }
}

/** Files that wait behind a late one. */
function delayed({ error, status }: Reconcile): readonly string[] {
  return error?.type === 'HistoryNonLinearError' ? (status?.pending ?? []) : []
}

/**
 * The next reconcile, as if atlas.sum were right. Where it is not, the operator stops before it
 * plans. The next step of whoever wrote the files is to hash them again, and then they run.
 */
function firstReconcile(facts: Facts, used: ReadDirectory): Reconcile | null {
  const { prediction, table, migration } = facts
  if (prediction === null || prediction.first.status !== null) return prediction?.first ?? null
  const sumText = printSum(used.directory.sum())
  const directory = {
    ...used,
    data: { ...used.data, [sumFileName]: sumText },
    directory: directoryOf(used.directory.files, sumText),
  }
  return predictOperator({ spec: migration.spec, directory, table })?.first ?? null
}
