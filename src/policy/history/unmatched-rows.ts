import type { MigrationFile } from '../../atlas/directory/file.js'
import { nameOfRow } from '../../atlas/lineage/moved-texts.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import type { LiveHistory } from './live-history.js'
import { plannedHistory, versionsOf } from './live-history.js'
import { repeatAdvice } from './repeat-advice.js'
import { repeatedFiles } from './repeated-files.js'
import { listNames } from '../../atlas/text/name-list.js'

/**
 * Why rows have no file, and the way out. `found` is a clause that does not name the consequence.
 */
export interface UnmatchedCause {
  readonly kind: UnmatchedKind
  readonly found: string
  readonly remedy: string
  readonly details: readonly string[]
  /** The rule that names what is behind this cause; see `Finding`. */
  readonly partOf?: string
}

type Origin = 'shared' | 'repeated' | 'squashed' | 'removed' | 'unknown'

/**
 * emptied: the directory has no file at all. late: every row has a file, but a file came too late.
 */
export type UnmatchedKind = Origin | 'emptied' | 'late'

/**
 * In the order in which causes are named: first the one that is proven by the text itself, then
 * another directory that writes into the same table, because it is the most misleading one.
 */
const origins: readonly Origin[] = ['repeated', 'shared', 'squashed', 'removed', 'unknown']

/** Tells why rows most probably have no file; empty when every row has one. */
export function explainUnmatchedRows(
  facts: Facts,
  history: LiveHistory,
): readonly UnmatchedCause[] {
  const { files, unmatched } = history
  if (unmatched.length === 0) return []
  if (files.length === 0) return [emptied(unmatched)]
  const toOrigin = originFinder(facts, history)
  const rows = new Map(origins.map((origin): [Origin, Revision[]] => [origin, []]))
  for (const row of unmatched) rows.get(toOrigin(row))!.push(row)
  return [...rows].flatMap(([origin, found]) =>
    found.length > 0 ? [describe(origin, found, facts)] : [],
  )
}

/**
 * Makes a function that tells where a row comes from. The versions are collected once, since there
 * may be thousands of files, and of rows to ask about.
 */
function originFinder(facts: Facts, { files }: LiveHistory): (row: Revision) => Origin {
  const own = versionsOf(ownFiles(facts))
  // Hundreds of AtlasMigrations may use one directory.
  const directories = new Set(facts.sharing.map(({ directory }) => directory))
  const others = versionsOf([...directories].flatMap(directory => directory?.files ?? []))
  const squashed = squashFinder(files)
  const repeated = new Set(repeatedFiles(facts).flatMap(({ rows }) => rows))
  return row => {
    if (repeated.has(row)) return 'repeated'
    const wasOwn = own.has(row.version)
    if (!wasOwn && others.has(row.version)) return 'shared'
    if (squashed(row)) return 'squashed'
    return wasOwn ? 'removed' : 'unknown'
  }
}

/** The files before this write, and those of the last successful reconcile. */
function ownFiles({ before, dirState }: Facts): readonly MigrationFile[] {
  return [before?.directory, dirState].flatMap(source =>
    source?.kind === 'read' ? source.directory.files : [],
  )
}

/**
 * Rows whose files were removed, as by a squash. Where no other directory is known, nobody else may
 * have had them.
 */
export function removedRows(facts: Facts, { unmatched }: LiveHistory): readonly Revision[] {
  const own = versionsOf(ownFiles(facts))
  const isAlone = own.size === 0 && facts.sharing.length === 0
  return isAlone ? unmatched : unmatched.filter(({ version }) => own.has(version))
}

/** Names of the other AtlasMigrations on this table whose directory has one of these versions. */
function ownersOf(rows: readonly Revision[], { sharing }: Facts): readonly string[] {
  const wanted = versionsOf(rows)
  const directories = [...new Set(sharing.map(({ directory }) => directory))]
  const owning = new Set(
    directories.filter(directory => directory?.files.some(file => wanted.has(file.version))),
  )
  return sharing
    .filter(({ directory }) => owning.has(directory))
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

/**
 * Makes a test for rows whose file a checkpoint stands for, because it is not older. The file may
 * be gone, but a database that ran it still counts its row.
 */
export function squashFinder(files: readonly MigrationFile[]): (row: Revision) => boolean {
  let newest: string | null = null
  for (const { checkpoint, version } of files)
    if (checkpoint && (newest === null || compareBytewise(newest, version) < 0)) newest = version
  return ({ version }) => newest !== null && compareBytewise(version, newest) <= 0
}

/** A file without a row that has the description of one of the rows, as after a rebase. */
function namesakeOf(
  rows: readonly Revision[],
  facts: Facts,
): { readonly file: string; readonly old: string } | null {
  const history = plannedHistory(facts)
  if (!history) return null
  const applied = versionsOf(history.rows)
  const rowOf = new Map(rows.map(row => [row.description, row]))
  for (const { name, version, description } of history.files) {
    const row = description === '' || applied.has(version) ? undefined : rowOf.get(description)
    if (row) return { file: name, old: nameOfRow(row) }
  }
  return null
}

/** The cause that a text was renamed or squashed after it ran: one sentence for each such file. */
function repeatedCause(rows: readonly Revision[], facts: Facts): UnmatchedCause {
  const wanted = new Set(rows)
  const [main, ...others] = repeatedFiles(facts)
    .filter(repeat => repeat.rows.some(row => wanted.has(row)))
    .map(repeat => repeatAdvice(repeat, facts))
  const { found, remedy, details } = main!
  return {
    kind: 'repeated',
    found,
    remedy,
    details: [...details, ...others.map(other => `Also: ${other.found}; fix: ${other.remedy}`)],
  }
}

function emptied(rows: readonly Revision[]): UnmatchedCause {
  const count = rows.length === 1 ? 'one row' : `${rows.length} rows`
  return {
    kind: 'emptied',
    found: `the directory has no migration file, the revisions table ${count}`,
    remedy: 'put the migration files back',
    details: [],
  }
}

function describe(origin: Origin, rows: readonly Revision[], facts: Facts): UnmatchedCause {
  const versions = listNames(rows.map(row => row.version))
  if (origin === 'repeated') return repeatedCause(rows, facts)
  if (origin === 'shared') {
    const owners = listNames(ownersOf(rows, facts))
    return {
      kind: origin,
      found: `rows of ${owners} in the same table: ${versions}`,
      remedy: 'merge the directories: atlas-admission consolidate',
      details: [
        'Two directories cannot share a revisions table: the operator compares how many files and rows there are',
      ],
    }
  }
  if (origin === 'squashed')
    return {
      kind: origin,
      found: `files before a checkpoint are gone, but ran here: ${versions}`,
      remedy: 'keep the old files beside the checkpoint',
      details: [
        'A checkpoint runs only where there are no rows: what it holds and this database has not run is missing for good',
      ],
    }
  if (origin === 'removed')
    return {
      kind: origin,
      found: `applied files were removed: ${versions}`,
      remedy: 'put the removed files back',
      details: [],
    }
  const namesake = namesakeOf(rows, facts)
  if (namesake)
    return {
      kind: origin,
      found: `rows without a file: ${versions}; ${namesake.file} may be ${namesake.old} with a new version`,
      remedy: `if it is, give it the name ${namesake.old} back; if not, put the missing files back`,
      details: ['Never keep both of one text: it would run a second time'],
    }
  return {
    kind: origin,
    found: `rows without a file: ${versions}`,
    remedy: 'put their files back (git log finds them) and rehash',
    details: [
      'A file was removed after it ran, or a restored or moved database or another directory brought the row: then use the directory that ran here',
    ],
  }
}
