import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory, versionsOf } from '../history/live-history.js'
import { listNames } from '../../atlas/text/name-list.js'
import { isTableChanged } from '../history/target-change.js'

export const revisionTableIncomplete: Rule = {
  id: 'revision-table-incomplete',
  title: 'Versions that this AtlasMigration has applied are not in the revisions table.',
  why: 'The database was moved or restored without its full revisions table, or it is another one. The operator would run those files again.',
  severity: 'deny',
  evidence: 'database',
  order: 4140,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (!history || isFreshStart(history)) return null
  const lost = lostVersions(facts, history)
  if (lost.length === 0) return null
  return {
    found: `this AtlasMigration ran ${listNames(lost)} before, but the revisions table has no such row`,
    expected: 'a revisions table with every version that ran',
    remedy: 'restore the revisions table with the database',
    field: 'spec.url',
    subjects: lost,
    details: [
      'If this really is another, older database: create a new AtlasMigration for it, and leave this one',
    ],
    ...(!isTableChanged(facts) && { severity: 'warn' as const }),
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
