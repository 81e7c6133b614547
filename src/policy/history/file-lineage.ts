import { compareBytewise } from '../../atlas/text/go-string.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { combinedChains } from '../../atlas/lineage/combination.js'
import { lineageInSteps } from '../../atlas/lineage/lineage.js'
import type { Lineage } from '../../atlas/lineage/lineage.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import { rowHash, RevisionType } from '../../atlas/engine/revision.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import { type LiveHistory, liveHistory } from './live-history.js'
import { oncePerFactsInSteps } from '../facts/once-per-facts.js'
import { type AppliedFiles, oncePerTable } from './once-per-table.js'

/** An applied file that is not the text that ran. */
export interface ChangedFile {
  readonly file: MigrationFile
  readonly row: Revision
  /** The text that ran, where it is known. */
  readonly ran: string | null
  /**
   * - edited: the same name, with another text.
   * - renamed: the same text, with another description.
   * - replaced: another migration has taken over the version.
   */
  readonly change: 'edited' | 'renamed' | 'replaced'
  /**
   * How the change is known.
   * - text: the text that ran is known.
   * - hash: it is not known, but nothing else could explain the row's hash.
   * - none: an earlier file that is gone, or a repair after a failure, could explain it too.
   */
  readonly evidence: 'text' | 'hash' | 'none'
}

/**
 * {@link changedFilesInSteps} for facts with a live history, in the light of every directory that is
 * known.
 */
export const changedHere = oncePerFactsInSteps(facts =>
  changedOnce({ ...(liveHistory(facts) as LiveHistory), others: knownDirectories(facts) }),
)

/** The lineage for facts with a live history, in the light of every directory that is known. */
export const lineageHere = oncePerFactsInSteps(facts =>
  tracedOnce({ ...(liveHistory(facts) as LiveHistory), others: knownDirectories(facts) }),
)

const changedOnce = oncePerTable(changedFilesInSteps)

const tracedOnce = oncePerTable(({ directory: { files }, rows, others }) =>
  lineageInSteps({ files, revisions: rows, others }),
)

/**
 * Finds applied files that are not what ran, by the hashes of the rows. Of the rows of one
 * directory (a chain) only the first is named: a hash covers all earlier files, so the later rows
 * tell nothing about their own file.
 */
export function* changedFilesInSteps({
  directory,
  rows,
  others,
}: AppliedFiles): Steps<readonly ChangedFile[]> {
  if (isWholeAndUnchanged(directory, rows)) return []
  const { files } = directory
  const directories = [...others, restoreNames(files, rows)]
  const lineage = yield* lineageInSteps({ files, revisions: rows, others: directories })
  const fileOf = onlyFiles(files)
  const rowOf = firstOfVersion(rows)
  const isPrefixWhole = prefixTest({ directory, rows }, lineage)
  const ranOf = directories.map(firstOfVersion)
  return lineage.unexplained.flatMap(({ version, possible, ranAs }) => {
    if (possible !== 'edited' && possible !== 'edited-or-repaired') return []
    const file = fileOf.get(version)
    const row = rowOf.get(version)
    if (!file || !row) return []
    const ran = ranAs === null ? undefined : ranOf[ranAs]!.get(version)
    const fromHash = isPrefixWhole(file) ? 'hash' : 'none'
    const evidence = possible !== 'edited' ? 'none' : ranAs !== null ? 'text' : fromHash
    return [{ file, row, ran: ran?.content ?? null, change: changeOf(file, row, ran), evidence }]
  })
}

/**
 * Files by version; null for a version with two files, because it cannot be told which of them ran.
 * The rule version-duplicate is about those.
 */
function onlyFiles(files: readonly MigrationFile[]): ReadonlyMap<string, MigrationFile | null> {
  const only = new Map<string, MigrationFile | null>()
  for (const file of files) only.set(file.version, only.has(file.version) ? null : file)
  return only
}

function firstOfVersion<Item extends { readonly version: string }>(
  items: readonly Item[],
): ReadonlyMap<string, Item> {
  return new Map(items.toReversed().map(item => [item.version, item]))
}

/**
 * Whether every row has the hash that atlas.sum has for its file today. This is the usual case, and
 * proof enough, since a hash covers all earlier files. It saves the trace, which would find the
 * same.
 */
function isWholeAndUnchanged(
  { files, sum }: AppliedFiles['directory'],
  rows: readonly Revision[],
): boolean {
  const hashes = new Map(sum().lines.map(line => [line.name, line.hash]))
  const current = new Map(files.map(file => [file.version, hashes.get(file.name)]))
  return rows.every(row => rowHash(row) === '' || rowHash(row) === current.get(row.version))
}

function changeOf(
  file: MigrationFile,
  row: Revision,
  ran: MigrationFile | undefined,
): ChangedFile['change'] {
  if (ran?.content === file.content) return 'renamed'
  return file.description === row.description ? 'edited' : 'replaced'
}

/**
 * Directories whose texts may have run: the one before this write, the one of the last successful
 * reconcile, and those of other AtlasMigrations on this table.
 */
export function knownDirectories(facts: Facts): readonly (readonly MigrationFile[])[] {
  const { before, dirState, sharing } = facts
  const own = facts.directory.kind === 'read' ? facts.directory.directory : null
  const known = [
    ...[before?.directory, dirState].flatMap(source =>
      source?.kind === 'read' ? [source.directory] : [],
    ),
    ...sharing.flatMap(({ directory }) => (directory ? [directory] : [])),
  ]
  // A directory that is unchanged explains nothing more than the present one.
  return [...new Set(known)].filter(directory => directory !== own).map(({ files }) => files)
}

/**
 * The files under the names that the rows tell. Atlas never updates a description after the insert.
 */
function restoreNames(
  files: readonly MigrationFile[],
  rows: readonly Revision[],
): readonly MigrationFile[] {
  const descriptions = new Map(rows.map(row => [row.version, row.description]))
  return files
    .map(file => {
      const description = descriptions.get(file.version) ?? file.description
      const name = `${file.version}${description === '' ? '' : `_${description}`}.sql`
      return description === file.description ? file : { ...file, name, description }
    })
    .sort((a, b) => compareBytewise(a.name, b.name))
}

/**
 * Tests whether a hash that nothing explains proves an edit of a file. A hash covers all earlier
 * files, also those without a row: a checkpoint on a database that ran the files before it, and
 * files that a baseline skipped. If such a file was deleted later, the hash proves nothing. Of
 * several directories it is not known which one the file is from, so none of them may have lost a
 * file, and all their combinations must have been tried.
 */
function prefixTest(
  { directory: { files }, rows }: Pick<AppliedFiles, 'directory' | 'rows'>,
  lineage: Lineage,
): (file: MigrationFile) => boolean {
  if (files.some(({ checkpoint }) => checkpoint)) return () => false
  const hasBaseline = rows.some(row => row.type & RevisionType.baseline)
  if (lineage.chains.length > 1) {
    const isWhole =
      !hasBaseline &&
      lineage.chains.length <= combinedChains &&
      lineage.rows.every(({ file }) => file !== null)
    return () => isWhole
  }
  const explained = lineage.rows.filter(row => row.state === 'chain').map(row => row.version)
  const [first] = explained.toSorted(compareBytewise)
  // Below an explained row, no file can be missing that existed from the start.
  return file => !hasBaseline || (first !== undefined && compareBytewise(first, file.version) < 0)
}
