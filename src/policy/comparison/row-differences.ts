import { inExecutionOrder } from '../../atlas/engine/execution-order.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { isPartial, type Revision } from '../../atlas/engine/revision.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import { blocks, note, type Difference } from './difference.js'
import type { RowComparison } from './row-comparison.js'

/** Differences between the rows of two tables that both have some. */
export function rowDifferences(rows: readonly RowComparison[]): readonly Difference[] {
  return [
    ...missingRows(rows),
    ...extraRows(rows),
    ...changedRows(rows),
    ...partialRows(rows),
    ...otherDescriptions(rows),
  ]
}

/**
 * The one difference of tables that have no version in common; null where they have, or one has no
 * rows. Two tables of one application share their first rows, so nothing of FROM belongs into this TO.
 * A checkpoint that stands for the files before it has a row of its own, and no other row beside it.
 */
export function otherHistory(rows: readonly RowComparison[]): readonly Difference[] | null {
  const [only, others] = [
    rows.filter(row => row.to === null),
    rows.filter(row => row.from === null),
  ]
  if (only.length === 0 || others.length < 2 || only.length + others.length < rows.length)
    return null
  const found = `TO has none of the ${countOf(only.length, 'row')} of FROM, but ${countOf(others.length, 'row')} of its own (${listNames(others.map(versionOf))}): it is another application's database`
  const remedy = 'name the right database as TO; do not copy a table over that one'
  return [blocks('revision-table-incomplete', { found, remedy }, rows.map(versionOf))]
}

/**
 * Differences for rows that TO lacks. What Atlas does with a file without a row depends on the
 * place of its version among TO's rows.
 */
function missingRows(rows: readonly RowComparison[]): readonly Difference[] {
  const missing = missingWithin(rows, [0, rows.length])
  if (missing.length === 0) return []
  const first = rows.findIndex(row => row.to !== null)
  const last = rows.findLastIndex(row => row.to !== null)
  const consequences = [
    ...consequence('pass by', missingWithin(rows, [0, first])),
    ...consequence('take for out of order', missingWithin(rows, [first, last])),
    ...consequence('run again', missingWithin(rows, [last, rows.length])),
  ]
  return [
    blocks(
      'revision-table-incomplete',
      {
        found: `TO lacks ${countOf(missing.length, 'row')} of FROM (${listNames(missing)}): the operator would ${consequences.join(', and ')}`,
        remedy: 'copy the whole revisions table with the data, then compare again',
      },
      missing,
    ),
  ]
}

function missingWithin(
  rows: readonly RowComparison[],
  [start, end]: readonly [number, number],
): readonly string[] {
  return rows
    .slice(start, end)
    .filter(row => row.to === null)
    .map(versionOf)
}

function consequence(what: string, versions: readonly string[]): readonly string[] {
  return versions.length === 0 ? [] : [`${what} ${listNames(versions)}`]
}

/**
 * Differences for rows that only TO has. The operator compares counts, so more rows than files make
 * it undo migrations.
 */
function extraRows(rows: readonly RowComparison[]): readonly Difference[] {
  const extra = rows.filter(row => row.from === null).map(row => row.version)
  if (extra.length === 0) return []
  return [
    blocks(
      'migrate-down-predicted',
      {
        found: `TO has ${countOf(extra.length, 'row')} that FROM has not (${listNames(extra)}): with the directory of FROM the operator would go down`,
        remedy: 'switch together with a directory that has their files, or copy FROM anew',
      },
      extra,
    ),
  ]
}

const harmless = 'description'

function changedRows(rows: readonly RowComparison[]): readonly Difference[] {
  const changed = rows.filter(row => row.columns.some(column => column !== harmless))
  const edited = changed.filter(row => row.columns.includes('hash'))
  const others = changed.filter(row => !edited.includes(row))
  const found = (list: readonly RowComparison[]) => {
    const columns = new Set(list.flatMap(row => row.columns))
    return `${versionsText(list)} in TO not as in FROM: ${[...columns].join(', ')}`
  }
  return [
    ...difference(edited, 'applied-file-edited', {
      found: `${found(edited)}; another text of the file ran there`,
      remedy: 'find out which text ran in TO, or copy FROM anew',
    }),
    ...difference(others, others.some(isOtherProgress) ? 'revision-partial' : null, {
      found: found(others),
      remedy: 'compare again when nothing runs in FROM, or copy the revisions table anew',
    }),
  ]
}

function isOtherProgress({ columns }: RowComparison): boolean {
  return ['applied', 'total', 'partial_hashes'].some(column => columns.includes(column))
}

function difference(
  rows: readonly RowComparison[],
  rule: string | null,
  text: Pick<Difference, 'found' | 'remedy'>,
): readonly Difference[] {
  return rows.length === 0 ? [] : [blocks(rule, text, rows.map(versionOf))]
}

/**
 * Differences for partially applied files. A file that is half applied in both is no worse in TO
 * than in FROM.
 */
function partialRows(rows: readonly RowComparison[]): readonly Difference[] {
  const partial = rows.filter(
    ({ from, to, columns }) =>
      from !== null && to !== null && isPartial(to) && columns.length === 0,
  )
  if (partial.length === 0) return []
  return [
    note(
      `${versionsText(partial)} partially applied in FROM as in TO: the operator resumes after the statements that ran`,
      'finish the file in FROM before the switch',
      partial.map(versionOf),
    ),
  ]
}

function otherDescriptions(rows: readonly RowComparison[]): readonly Difference[] {
  const renamed = rows.filter(({ columns }) => columns.join() === harmless)
  if (renamed.length === 0) return []
  return [
    note(
      `${versionsText(renamed)} in TO not as in FROM: description; Atlas does not go by it`,
      '',
      renamed.map(versionOf),
    ),
  ]
}

function versionsText(rows: readonly RowComparison[]): string {
  return `version ${listNames(rows.map(versionOf))} ${rows.length === 1 ? 'is' : 'are'}`
}

function versionOf({ version }: RowComparison): string {
  return version
}

/**
 * The versions that the database returns after greater ones. Atlas takes for granted that rows come
 * in bytewise order.
 */
export function misplacedVersions(rows: readonly Revision[]): readonly string[] {
  return rows
    .filter((row, i) => i > 0 && compareBytewise(rows[i - 1]!.version, row.version) > 0)
    .map(row => row.version)
}

/** Differences in the order in which the databases return the rows, and in which the rows ran. */
export function orderDifferences(
  from: readonly Revision[],
  to: readonly Revision[],
): readonly Difference[] {
  return [...collationOrder(from, to), ...executionOrder(from, to)]
}

function collationOrder(from: readonly Revision[], to: readonly Revision[]): readonly Difference[] {
  const misplaced = misplacedVersions(to)
  if (misplaced.length === 0) return []
  const old = new Set(misplacedVersions(from))
  const found = `TO orders version ${listNames(misplaced)} after greater ones; Atlas takes the order for bytewise`
  const remedy = 'create TO with collation C, or use versions of digits only'
  const asBefore = misplaced.every(version => old.has(version))
  return asBefore
    ? [note(`${found} (as in FROM)`, remedy, misplaced)]
    : [blocks('revision-order', { found, remedy }, misplaced)]
}

/**
 * Compares the order in which the rows ran, for those that both tables have. The lineage of a table
 * is read in this order.
 */
function executionOrder(from: readonly Revision[], to: readonly Revision[]): readonly Difference[] {
  const shared = new Set(to.map(row => row.version))
  const ran = sequence(from).filter(version => shared.has(version))
  const known = new Set(ran)
  const ranTo = sequence(to).filter(version => known.has(version))
  if (ran.join('\n') === ranTo.join('\n')) return []
  return [
    note(
      'the rows ran in another sequence (executed_at) in TO than in FROM: which directory wrote which row may be told otherwise',
    ),
  ]
}

function sequence(rows: readonly Revision[]): readonly string[] {
  return inExecutionOrder(rows).map(row => row.version)
}
