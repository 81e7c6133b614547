import type { MigrationFile } from '../../atlas/directory/file.js'
import {
  baselineTest,
  isPartial,
  rowHash,
  RevisionType,
  type Revision,
} from '../../atlas/engine/revision.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { changedHere } from '../history/file-lineage.js'
import { plannedHistory, versionsOf } from '../history/live-history.js'
import { isDatabaseChanged } from '../history/target-change.js'
import { explainCheckpointStart } from './checkpoint-start.js'
import { compareRows, type RowComparison } from './row-comparison.js'

/** What the table of the new database lacks of the old one's, where a write moves to another. */
export interface MovedRows {
  /** Rows of the old table; at least one. */
  readonly from: readonly Revision[]
  readonly to: readonly Revision[]
  /** Versions that ran in the old database, have a file and no row in the new one. */
  readonly missing: readonly string[]
  /** Versions of which another text, or only a part, ran in the new database. */
  readonly differing: readonly string[]
}

/**
 * The rows of both databases, compared; null where the write does not move to another database, one
 * of the two cannot be read, or nothing ran in the old one.
 */
export const movedRows = oncePerFacts((facts): MovedRows | null => {
  const history = plannedHistory(facts)
  if (!history || facts.before?.table.kind !== 'read' || !isDatabaseChanged(facts)) return null
  const from = facts.before.table.revisions ?? []
  if (from.length === 0) return null
  const { rows: to, files } = history
  const compared = compareRows(from, to)
  return {
    from,
    to,
    missing: missingVersions(compared, {
      files,
      isSkipped: skippedTest(facts.migration.spec, to),
    }),
    differing: differingVersions(compared, facts),
  }
})

/** Whether the tables have no version in common: the URL leads to another application's database. */
export function isAnotherHistory({ from, to, missing }: MovedRows): boolean {
  const versions = versionsOf(from)
  return missing.length > 0 && to.length > 0 && !to.some(({ version }) => versions.has(version))
}

/**
 * For a finding that only follows from a move to a database with other rows: its own advice, to rename
 * a file or to add one, would be wrong there.
 *
 * @param subjects versions, and names of files
 */
export function foldIntoMove(
  facts: Facts,
  subjects: readonly string[],
): { readonly partOf?: string } {
  const moved = movedRows(facts)
  if (!moved || moved.missing.length === 0) return {}
  const missing = new Set(moved.missing)
  const files = plannedHistory(facts)?.files.filter(({ version }) => missing.has(version)) ?? []
  const names = new Set(files.map(({ name }) => name))
  const follows = subjects.every(subject => missing.has(subject) || names.has(subject))
  return follows || isAnotherHistory(moved) ? { partOf: 'revision-table-incomplete' } : {}
}

/**
 * For a finding that only follows from rows that came along in another schema than the one where the
 * operator will look.
 */
export function foldIntoPlace(facts: Facts): { readonly partOf?: string } {
  const { table } = facts
  const isElsewhere = table.kind === 'read' && table.elsewhere.length > 0
  return isElsewhere && movedRows(facts) ? { partOf: 'revision-table-elsewhere' } : {}
}

/** The lineages that {@link movedRows} looks at, in steps. */
export function* movedRowsSteps(facts: Facts): Steps<void> {
  const { before } = facts
  if (!before || !isDatabaseChanged(facts)) return
  if (plannedHistory(facts)) yield* changedHere.steps(facts)
  if (plannedHistory(before)) yield* changedHere.steps(before)
}

type VersionTest = (item: { readonly version: string }) => boolean

/** Makes a test for what a baseline skips or has skipped. It was chosen, so nothing of it is lost. */
function skippedTest(
  { baseline }: Facts['migration']['spec'],
  to: readonly Revision[],
): VersionTest {
  if (to.length > 0 || !baseline) return baselineTest(to)
  return ({ version }) => compareBytewise(version, baseline) <= 0
}

/**
 * A row that only the old table has does harm where its file is there: the operator runs it again,
 * stops at it, or never runs it. A file that failed half-way in the old database is no loss, since
 * going back to a backup from before it is a repair.
 */
function missingVersions(
  compared: readonly RowComparison[],
  {
    files,
    isSkipped,
  }: { readonly files: readonly MigrationFile[]; readonly isSkipped: VersionTest },
): readonly string[] {
  const known = versionsOf(files)
  return explainCheckpointStart(compared, files)
    .rows.filter(row => row.from !== null && row.to === null && !isPartial(row.from))
    .filter(row => known.has(row.version) && !isSkipped(row))
    .map(row => row.version)
}

/**
 * A hash covers all files before its own, so databases whose files ran in another order differ in
 * it and are both right. It counts where the directory explains the row of the old database only.
 */
function differingVersions(compared: readonly RowComparison[], facts: Facts): readonly string[] {
  const [old, now] = [changedVersions(facts.before), changedVersions(facts)]
  const isOther = (version: string) => now.has(version) && !old.has(version)
  return compared.flatMap(({ version, from, to }) => {
    if (from === null || to === null || isPartial(from)) return []
    const hasOtherText = haveOtherHashes(from, to) && isOther(version)
    return isPartial(to) || hasOtherText ? [version] : []
  })
}

function haveOtherHashes(from: Revision, to: Revision): boolean {
  if ((from.type | to.type) & RevisionType.baseline) return false
  const [a, b] = [rowHash(from), rowHash(to)]
  return a !== '' && b !== '' && a !== b
}

function changedVersions(facts: Facts | null): ReadonlySet<string> {
  if (!facts || !plannedHistory(facts)) return new Set()
  return versionsOf(changedHere(facts).map(({ row }) => row))
}
