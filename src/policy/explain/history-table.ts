import type { MigrationFile } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import {
  baselineTest,
  isPartial,
  RevisionType,
  type Revision,
} from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import { type ChangedFile, changedHere, lineageHere } from '../history/file-lineage.js'
import { passedAsItIs } from '../rules/applied-file-edited.js'
import { type LiveHistory, liveHistory, versionsOf } from '../history/live-history.js'

/**
 * The state of one version on a database.
 * - applied: it ran, with the file as it is.
 * - baseline: it stands for what existed before Atlas, or a baseline stands for it.
 * - set-by-hand: recorded by `atlas migrate set`.
 * - partial: only some of its statements ran.
 * - missing: it has a row and no file.
 * - edited, renamed, replaced: something else ran (see {@link ChangedFile}).
 * - perhaps-edited: the hashes do not fit, but do not prove an edit.
 * - pending: it will run.
 * - late: it is older than one that ran, and this execution order does not run it.
 * - never-runs: Atlas takes it for done although it has no row.
 * - checkpoint: it is one that does not run, because this database has a history.
 * - checkpoint-skipped: a checkpoint stands for it.
 */
export type HistoryState =
  | 'applied'
  | 'baseline'
  | 'set-by-hand'
  | 'partial'
  | 'missing'
  | 'edited'
  | 'perhaps-edited'
  | 'renamed'
  | 'replaced'
  | 'pending'
  | 'late'
  | 'never-runs'
  | 'checkpoint'
  | 'checkpoint-skipped'

/** One version of the directory, of the revisions table, or of both. */
export interface HistoryEntry {
  readonly version: string
  /** Name of the file; null where only a row has the version. */
  readonly file: string | null
  /** Description of the row; null where only a file has the version. */
  readonly row: string | null
  readonly state: HistoryState
  /**
   * The directory that wrote the row, as its number among the chains of the lineage, from 0; null
   * for none. Several numbers in one table mean that several directories wrote it.
   */
  readonly chain: number | null
  /** A remark, such as `2 of 3 statements`; empty for none. */
  readonly note: string
}

/**
 * The directory and the revisions table side by side, in the order of the versions; null when one
 * of them is not known.
 */
export function historyTable(facts: Facts): readonly HistoryEntry[] | null {
  const history = liveHistory(facts)
  if (history === null) return null
  const { files, rows } = history
  const filed = versionsOf(files)
  const context: HistoryContext = {
    facts,
    history,
    rowOf: new Map(rows.map(row => [row.version, row])),
    changed: new Map(
      changedHere(facts)
        .filter(({ file }) => !passedAsItIs(file, facts))
        .map(change => [change.row.version, change]),
    ),
    chains: new Map(lineageHere(facts).rows.map(({ version, chain }) => [version, chain])),
    ...sets(history),
  }
  const entries = [
    ...files.map(file => fileEntry(file, context)),
    ...rows.filter(row => !filed.has(row.version)).map(row => rowEntry(row, null, context)),
  ]
  return entries.sort((a, b) => compareBytewise(a.version, b.version))
}

interface HistoryContext {
  readonly facts: Facts
  readonly history: LiveHistory
  readonly rowOf: ReadonlyMap<string, Revision>
  readonly changed: ReadonlyMap<string, ChangedFile>
  readonly chains: ReadonlyMap<string, number | null>
  /** Names of files. */
  readonly pending: ReadonlySet<string>
  readonly late: ReadonlySet<string>
  readonly isBaselined: (file: MigrationFile) => boolean
  /** Whether the database started from a checkpoint whose file still exists. */
  readonly startsAtCheckpoint: boolean
  readonly lastCheckpoint: MigrationFile | undefined
}

/** Collects once what is then looked up for each file. */
function sets({ files, rows, prediction }: LiveHistory) {
  const { pending, status } = prediction.first
  return {
    pending: new Set(pending),
    late: new Set(status?.outOfOrder),
    isBaselined: baselineTest(rows),
    lastCheckpoint: files.findLast(file => file.checkpoint),
    startsAtCheckpoint: files.some(
      ({ checkpoint, version }) => checkpoint && version === rows[0]?.version,
    ),
  }
}

function fileEntry(file: MigrationFile, context: HistoryContext): HistoryEntry {
  const row = context.rowOf.get(file.version)
  if (row) return rowEntry(row, file, context)
  const state = stateOfFile(file, context)
  return { version: file.version, file: file.name, row: null, state, chain: null, note: '' }
}

function stateOfFile(file: MigrationFile, context: HistoryContext): HistoryState {
  const { rows } = context.history
  if (context.pending.has(file.name)) return 'pending'
  if (context.late.has(file.name)) return 'late'
  const last = rows.at(-1)
  if (last === undefined) return stateOnFirstRun(file, context)
  if (file.checkpoint) return 'checkpoint'
  if (compareBytewise(file.version, last.version) > 0) return 'pending'
  if (context.isBaselined(file)) return 'baseline'
  return context.startsAtCheckpoint && compareBytewise(file.version, rows[0]!.version) < 0
    ? 'checkpoint-skipped'
    : 'never-runs'
}

/**
 * The state of a file on a database without rows: the engine starts at the last checkpoint, or
 * after the baseline.
 */
function stateOnFirstRun(
  file: MigrationFile,
  { facts, lastCheckpoint }: HistoryContext,
): HistoryState {
  const { spec } = facts.migration
  if (spec.baseline) {
    if (file.checkpoint) return 'checkpoint'
    return compareBytewise(file.version, spec.baseline) <= 0 ? 'baseline' : 'pending'
  }
  const isBefore = lastCheckpoint && compareBytewise(file.name, lastCheckpoint.name) < 0
  return isBefore ? 'checkpoint-skipped' : 'pending'
}

function rowEntry(
  row: Revision,
  file: MigrationFile | null,
  { changed, chains, facts }: HistoryContext,
): HistoryEntry {
  const { version, description } = row
  const state = stateOfRow(row, file, changed.get(version))
  const owners = file ? [] : ownersOf(version, facts)
  return {
    version,
    file: file?.name ?? null,
    row: description,
    state,
    chain: chains.get(version) ?? null,
    note: [...partialNote(row), ...owners.map(owner => `a file of ${owner}`)].join(', '),
  }
}

function stateOfRow(
  row: Revision,
  file: MigrationFile | null,
  change: ChangedFile | undefined,
): HistoryState {
  if (isPartial(row)) return 'partial'
  if (row.type & RevisionType.baseline) return 'baseline'
  if (file === null) return 'missing'
  if (change) {
    if (change.change !== 'edited') return change.change
    return change.evidence === 'none' ? 'perhaps-edited' : 'edited'
  }
  return row.type & RevisionType.resolved ? 'set-by-hand' : 'applied'
}

function partialNote(row: Revision): readonly string[] {
  return isPartial(row) ? [`${row.applied} of ${row.total} statements`] : []
}

/** Names of the other AtlasMigrations on the table that have a file of this version. */
function ownersOf(version: string, { sharing }: Facts): readonly string[] {
  return sharing
    .filter(({ directory }) => directory?.files.some(file => file.version === version))
    .map(({ namespace, name }) => `${namespace}/${name}`)
}
