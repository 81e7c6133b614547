import { countOf, listNames } from '../../atlas/text/name-list.js'
import {
  foldIntoPlace,
  isAnotherHistory,
  type MovedRows,
  movedRows,
  movedRowsSteps,
} from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory, versionsOf } from '../history/live-history.js'
import { isTableChanged, resolvedTarget, tableSubject } from '../history/target-change.js'

export const revisionTableIncomplete: Rule = {
  id: 'revision-table-incomplete',
  title: 'Versions that this AtlasMigration has applied are not in the revisions table.',
  why: 'The database was moved or restored without its full revisions table, or it is another one. The operator would run those files again.',
  severity: 'deny',
  evidence: 'database',
  order: 4140,
  since: '0.1.0',
  isAboutChange: true,
  steps: movedRowsSteps,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (!history) return null
  const moved = movedRows(facts)
  if (isFreshStart(history)) return moved && freshStart(facts, moved)
  if (moved === null) return lostFromStatus(facts, history)
  const finding = isAnotherHistory(moved) ? anotherHistory(moved) : leftBehind(facts, moved)
  // What the status alone tells of a move was denied before 0.2.0.
  return finding && lostFromStatus(facts, history) === null
    ? { ...finding, since: '0.2.0' }
    : finding
}

/** Where the old table cannot be asked, the operator's own records tell which versions ran. */
function lostFromStatus(facts: Facts, history: LiveHistory): Finding | null {
  const lost = lostVersions(facts, history)
  if (lost.length === 0) return null
  return {
    found: `this AtlasMigration ran ${listNames(lost)} before, but the revisions table has no such row`,
    expected: 'a revisions table with every version that ran',
    remedy: 'restore the revisions table with the database',
    field: 'spec.url',
    subjects: lost,
    details: [olderDatabase],
    ...(!isTableChanged(facts) && { severity: 'warn' as const }),
  }
}

const olderDatabase =
  'If this really is another, older database: create a new AtlasMigration for it, and leave this one'

const compareDetail =
  '`atlas-admission compare` of both databases names every difference, and the command that copies the table'

function leftBehind(facts: Facts, { missing, differing }: MovedRows): Finding | null {
  if (missing.length + differing.length === 0) return null
  const texts = [
    ...(missing.length > 0
      ? [
          `the old database ran ${listNames(missing)}, but the revisions table of the new one has no such row`,
        ]
      : []),
    ...(differing.length > 0
      ? [
          `${listNames(differing)} ran otherwise in the new database: another text, or only a part of it`,
        ]
      : []),
  ]
  return {
    found: texts.join('; '),
    expected: 'a revisions table with every row of the old one',
    remedy: 'restore the revisions table with the database',
    field: 'spec.url',
    subjects: [...missing, ...differing],
    details: [olderDatabase, compareDetail],
    ...foldIntoPlace(facts),
  }
}

function anotherHistory({ from, to, missing }: MovedRows): Finding {
  return {
    found: `another application's database: it ran ${listNames(to.map(row => row.version))}, and none of the ${from.length} versions that ran in the old one`,
    expected: 'the database of this AtlasMigration, or a copy of it',
    remedy: 'put the URL of the right database there',
    field: 'spec.url',
    subjects: missing,
    details: [
      'Do not add files for the versions that ran there, and do not copy a revisions table over that one',
    ],
  }
}

function freshStart(facts: Facts, { from }: MovedRows): Finding | null {
  const target = resolvedTarget(facts)
  // revision-table-elsewhere tells where the rows may be.
  if (!target || (facts.table.kind === 'read' && facts.table.elsewhere.length > 0)) return null
  return {
    found: `the new database is empty, and the old one has ${countOf(from.length, 'row')}: the operator runs everything from the first file`,
    expected: 'the data of the old database and its revisions table, if this is a move',
    remedy: 'restore both first, or leave it if the new database is to start empty',
    field: 'spec.url',
    subjects: [tableSubject(facts, target)],
    severity: 'warn',
  }
}

/**
 * Whether the database is empty and has no revisions table. Nothing is lost then: everything runs,
 * from the first file on.
 */
function isFreshStart({ rows, notClean }: LiveHistory): boolean {
  return rows.length === 0 && notClean === null
}

/**
 * Versions that ran and have no row. Only files count that Atlas would take for new: a version that
 * neither table nor directory has was undone together with its file, and a file that a baseline, a
 * checkpoint or linear-skip passed by is in the dir-state without having run.
 */
function lostVersions(facts: Facts, history: LiveHistory): readonly string[] {
  const ran = ranBefore(facts)
  const applied = versionsOf(history.rows)
  const news = new Set(newFiles(facts, history))
  return history.files
    .filter(({ name, version }) => news.has(name) && ran.has(version) && !applied.has(version))
    .map(file => file.version)
}

function newFiles({ migration }: Facts, { files, prediction }: LiveHistory): readonly string[] {
  const { error, pending, status } = prediction.first
  if (error?.type === 'NotCleanError') return files.map(file => file.name)
  const isSkipping = migration.spec.execOrder === 'linear-skip'
  return [...pending, ...(isSkipping ? [] : (status?.outOfOrder ?? []))]
}

/**
 * Versions that ran before. The dir-state is the directory of the last successful reconcile, which
 * left nothing pending.
 */
function ranBefore({ migration, dirState }: Facts): ReadonlySet<string> {
  const stored = dirState.kind === 'read' ? dirState.directory.files : []
  // The status may also hold the text "No migration applied yet", which is the version of no file.
  return new Set([
    ...stored.filter(file => !file.checkpoint).map(file => file.version),
    migration.status?.lastAppliedVersion ?? '',
  ])
}
