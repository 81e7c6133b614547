import { compareBytewise } from '../text/go-string.js'
import type { TracedRow } from './row.js'
import { isPartial } from '../engine/revision.js'

/** Why a row is in no chain; {@link UnexplainedRow.possible} describes each cause. */
export type PossibleCause =
  | 'edited'
  | 'edited-or-repaired'
  | 'file-missing'
  | 'later-than-an-edit'
  | 'later-than-a-missing-file'
  | 'undecided'

export interface UnexplainedRow {
  readonly version: string
  readonly file: string | null
  /**
   * - edited: its file was edited, or renamed, after it ran.
   * - edited-or-repaired: as before, or the file failed half-way and was repaired. The row then
   *   keeps the hash of the text that failed, so it cannot tell which of the two happened.
   * - file-missing: no file has its version.
   * - later-than-an-edit: its hash covers the edited file `because`; its own file need not have
   *   changed.
   * - later-than-a-missing-file: its hash covers the version `because`, whose file is gone.
   * - undecided: too many combinations of never-applied files could explain the row, or the earlier
   *   row of the file `because`, to try them all.
   */
  readonly possible: PossibleCause
  /**
   * The cause by name: a file for later-than-an-edit and undecided, a version for
   * later-than-a-missing-file. null where the row's own file is the cause.
   */
  readonly because: string | null
  /**
   * Index in `others` of the directory that holds the text that ran, which proves the edit; else
   * null.
   */
  readonly ranAs: number | null
}

/** The name under which Atlas ran the file, as far as version and description tell. */
function nameOf({ text, revision }: TracedRow): string {
  if (text !== null) return text.file.name
  return `${revision.version}${revision.description === '' ? '' : `_${revision.description}`}.sql`
}

/**
 * Finds files that run without a transaction around them. Only these can be half applied, because a
 * transaction around the whole file would leave no row behind.
 */
const withoutTransaction = /atlas:txmode +none/

function couldBeRepaired(row: TracedRow, covers: boolean): boolean {
  if (isPartial(row.revision)) return true
  if (row.ranAs !== null) return false
  if (row.provenAt < Number.POSITIVE_INFINITY && !covers) return true
  return row.text !== null && withoutTransaction.test(row.text.file.content)
}

interface Named {
  readonly row: TracedRow
  readonly name: string
}

/**
 * Says what could explain each row that no chain explains. A hash covers all files up to the row's
 * own, so an edited file makes its own row and those behind it unexplained. The smallest name is
 * therefore the one to blame, for every row up to the first that proves the file's present text.
 */
export function judgeUnexplained(rows: readonly TracedRow[]): readonly UnexplainedRow[] {
  const named = rows
    .filter(row => row.text === null || row.state === 'unexplained')
    .map(row => ({ row, name: nameOf(row) }))
    .sort((a, b) => compareBytewise(a.name, b.name))
  const verdicts = new Map<TracedRow, UnexplainedRow>()
  const blamed: Named[] = []
  const covering = new Set<TracedRow>()
  for (const entry of named) {
    const cause =
      entry.row.text === null || entry.row.ranAs !== null ? undefined : causeOf(entry, blamed)
    if (cause === undefined) blamed.push(entry)
    else covering.add(cause.row)
    if (entry.row.state === 'unexplained') verdicts.set(entry.row, verdictOf(entry, cause))
  }
  for (const { row } of blamed) {
    const verdict = verdicts.get(row)
    if (verdict?.possible !== 'edited' || !couldBeRepaired(row, covering.has(row))) continue
    verdicts.set(row, { ...verdict, possible: 'edited-or-repaired' })
  }
  return rows.flatMap(row => verdicts.get(row) ?? [])
}

/** The smallest file to blame that was in the directory with another text when the row ran. */
function causeOf({ row, name }: Named, blamed: readonly Named[]): Named | undefined {
  return blamed.find(other => other.row.provenAt > row.order && other.name !== name)
}

function verdictOf({ row }: Named, cause: Named | undefined): UnexplainedRow {
  const { version } = row.revision
  const base = { version, file: row.text?.file.name ?? null, because: null, ranAs: row.ranAs }
  if (row.text === null) return { ...base, possible: 'file-missing' }
  if (cause === undefined) return { ...base, possible: ownCause(row) }
  if (cause.row.text === null) {
    return { ...base, possible: 'later-than-a-missing-file', because: cause.row.revision.version }
  }
  if (ownCause(cause.row) === 'undecided')
    return { ...base, possible: 'undecided', because: cause.name }
  return { ...base, possible: 'later-than-an-edit', because: cause.name }
}

function ownCause(row: TracedRow): PossibleCause {
  return row.unfinished && row.ranAs === null && !isPartial(row.revision) ? 'undecided' : 'edited'
}
