import { findClosingVersions } from '../directory/closing-version.js'
import { parseFileName } from '../directory/file.js'
import type { ConsolidationSource, MergedFile } from './consolidation.js'
import { compareCandidates, shareSource, type MergeCandidate } from './merge-candidate.js'
import type { RowChange } from './merge-row.js'
import type { MergeTable } from './merge-table.js'
import { listNames } from '../text/name-list.js'
import { isPartial } from '../engine/revision.js'

/** Notes directories that hold the same files under several names. */
export function noteTwins(sources: readonly ConsolidationSource[]): readonly string[] {
  const byTotal = new Map<string, string[]>()
  for (const { name, directory } of sources) {
    const { total } = directory.sum()
    byTotal.set(total, [...(byTotal.get(total) ?? []), name])
  }
  return Array.from(byTotal.values())
    .filter(names => names.length > 1)
    .map(names => `${listNames(names)} hold the same files: they count once`)
}

/**
 * Notes what the rows tell and the operator does not notice: edited, renamed and half-applied
 * files.
 */
export function noteRows(table: MergeTable): readonly string[] {
  const { database, rows } = table
  const edited = changed(table, 'edited')
  const renamed = changed(table, 'renamed')
  const partial = rows
    .slice(0, -1)
    .filter(isPartial)
    .map(({ version }) => version)
  const notes: readonly (readonly [readonly string[], string])[] = [
    [
      edited,
      `changed (or repaired) after running on ${database.name}: their text is not what ran, and the operator does not notice`,
    ],
    [renamed, `renamed after running on ${database.name}`],
    [
      partial,
      `ran only in part on ${database.name}, and will not be finished: newer files ran since`,
    ],
  ]
  return notes.flatMap(([names, text]) => (names.length > 0 ? [`${listNames(names)} ${text}`] : []))
}

function changed({ readings }: MergeTable, change: RowChange): readonly string[] {
  return Array.from(readings.values()).flatMap(reading =>
    reading.kind === 'ran' && reading.change === change ? [reading.candidate.file.name] : [],
  )
}

/**
 * Notes every new version. A person has to look at these files, because one can be an old migration
 * in other words.
 */
export function noteRenamed(files: readonly MergedFile[]): readonly string[] {
  const renamed = files.filter(({ name, originalName }) => name !== originalName)
  const pairs = renamed.map(({ name, originalName }) => `${originalName} as ${name}`)
  return pairs.length === 0 ? [] : [`never ran, and will run as new: ${listNames(pairs)}`]
}

/**
 * Notes files that were given a version such as 9999 to run last. Every later file has to sort above
 * them, and so does every new version that was made here.
 */
export function noteClosing(files: readonly MergedFile[]): readonly string[] {
  const versions = files.map(({ name }) => parseFileName(name).version)
  const closing = findClosingVersions(versions)
  if (closing === null) return []
  const last = new Set(closing.versions)
  const above = files.filter((_, index) => last.has(versions[index]!))
  const [old, made] = [true, false].map(isOld =>
    above.filter(({ name, originalName }) => (name === originalName) === isOld),
  ) as [MergedFile[], MergedFile[]]
  const like = closing.usual === null ? '' : ` like ${closing.usual}`
  const [names, madeNames] = [old, made].map(list => listNames(list.map(({ name }) => name)))
  const consequence =
    made.length === 0
      ? 'no later file like the others can follow'
      : `${madeNames} had to be named above it, and every later file must be`
  return old.length === 0
    ? []
    : [
        `${names} sorts after every version${like}: ${consequence}; better give it an older version first (where it ran, by atlas migrate set), and consolidate again`,
      ]
}

/**
 * Notes the files that a new database never runs: it starts at the last checkpoint, which does not
 * stand for the older files of other directories.
 */
export function noteCheckpoint(candidates: readonly MergeCandidate[]): readonly string[] {
  const last = candidates
    .filter(({ file }) => file.checkpoint)
    .sort(compareCandidates)
    .at(-1)
  if (last === undefined) return []
  const skipped = candidates
    .filter(other => compareCandidates(other, last) < 0 && !shareSource(other, last))
    .map(({ file }) => file.name)
  if (skipped.length === 0) return []
  return [
    `a new database starts at the checkpoint ${last.file.name} and never runs ${listNames(skipped)}, which it does not stand for`,
  ]
}
