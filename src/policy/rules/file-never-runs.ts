import type { MigrationFile } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { baselineTest, RevisionType } from '../../atlas/engine/revision.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import { foldIntoMove } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import { foldIntoFormat } from '../formats/way-out.js'
import { changedHere, knownDirectories } from '../history/file-lineage.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { closedAdvice } from '../history/closed-directory.js'
import { loweredIfKnown } from '../history/known-trouble.js'
import { lostToCheckpoint } from '../history/lost-to-checkpoint.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory, versionsOf } from '../history/live-history.js'
import { comparedStatements } from '../statements/ran-statements.js'
import { nameOfRow } from '../../atlas/lineage/moved-texts.js'
import { removedRows } from '../history/unmatched-rows.js'
import { repeatedNames } from '../history/repeated-files.js'
import { listNames } from '../../atlas/text/name-list.js'

export const fileNeverRuns: Rule = {
  id: 'file-never-runs',
  title: 'A file will never run on this database, although the AtlasMigration will be Ready.',
  why: 'Atlas takes a file as done when it is older than the first row, when its version has a row whatever ran under it, or when linear-skip passed it by. Its tables and rows are missing, and nothing says so.',
  severity: 'deny',
  evidence: 'database',
  order: 4090,
  since: '0.1.0',
  steps,
  evaluate,
}

interface Silence {
  readonly files: readonly string[]
  readonly found: string
  readonly remedy: string
  readonly severity?: Severity
  readonly details?: readonly string[]
  readonly since?: string
}

function* steps(facts: Facts): Steps<void> {
  const history = plannedHistory(facts)
  if (history && hasOtherDescription(history)) yield* changedHere.steps(facts)
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  const first = history?.rows[0]
  if (!history || !first) return null
  const silences = [
    lostFiles(facts, history),
    replacedFiles(facts, history),
    skippedFiles(facts, history),
    olderFiles(facts, history, first),
  ].filter(silence => silence.files.length > 0)
  const worst = silences.filter(silence => !silence.severity)
  const [main, ...others] = worst.length > 0 ? worst : silences
  if (!main) return null
  const subjects = [main, ...others].flatMap(({ files }) => files)
  const remedies = new Set([main, ...others].map(({ remedy }) => remedy))
  return {
    found: main.found,
    expected: 'every file either ran or is pending',
    remedy: main.remedy,
    field: 'spec.dir',
    subjects,
    details: [
      ...others.map(({ found, remedy }) => `Also: ${found}; fix: ${remedy}`),
      ...[main, ...others].flatMap(({ details }) => details ?? []),
      ...(remedies.has(rename) || remedies.has(renameNew)
        ? ['After a renaming run "atlas migrate hash"']
        : []),
    ],
    // What an older version denies, too, stays denied.
    ...(main.since !== undefined &&
      others.every(({ since }) => since !== undefined) && { since: main.since }),
    ...(main.severity ? { severity: main.severity } : loweredIfKnown(facts, subjects)),
    ...(foldIntoFormat(facts, subjects) ??
      (main.remedy === rename ? closedAdvice(facts, subjects) : null)),
    ...foldIntoMove(facts, subjects),
  }
}

const rename = 'rename it to a newer version and rehash'

/** A squash that nothing proves looks the same, and must not be given a newer version. */
const renameNew = 'if nothing of it ran yet, rename it to a newer version and rehash'

function neverRun(files: readonly string[]): string {
  return `${listNames(files)} never run${files.length === 1 ? 's' : ''}`
}

/** Files that this write removes although they had still to run here. */
function lostFiles(facts: Facts, history: LiveHistory): Silence {
  const found = lostToCheckpoint(facts, history)
  if (!found) return { files: [], found: '', remedy: '' }
  const { lost, removed, checkpoint } = found
  const files = lost.map(({ name }) => name)
  const old = listNames(removed.map(({ name }) => name))
  const clashes = removed.some(({ version }) => version === checkpoint.version)
  return {
    files,
    found: `${neverRun(files)}: pending here and removed, and ${checkpoint.name} runs only where there are no rows`,
    remedy: clashes
      ? `put ${old} back, and make the checkpoint anew above all files`
      : `put ${old} back beside the checkpoint and rehash`,
    details: [
      'Old files beside a checkpoint do no harm: new databases start at the checkpoint, others run the files',
      ...(clashes
        ? [
            `${checkpoint.name} has the version of an old file: delete it, and run "atlas migrate checkpoint"`,
          ]
        : []),
    ],
    since: '0.2.0',
  }
}

/** Whether a row tells another description than the file of its version. */
function hasOtherDescription({ rows, files }: LiveHistory): boolean {
  const descriptions = new Map(rows.map(row => [row.version, row.description]))
  return files.some(
    ({ version, description }) => (descriptions.get(version) ?? description) !== description,
  )
}

/** Files whose version has a row of another migration. */
function replacedFiles(facts: Facts, history: LiveHistory): Silence {
  const changed = hasOtherDescription(history) ? changedHere(facts) : []
  const repeated = repeatedNames(facts)
  const replaced = changed.filter(
    ({ change, file }) => change === 'replaced' && !repeated.has(file.name),
  )
  const files = replaced.map(({ file }) => file.name)
  const removed = removedRows(facts, history)
  return {
    files,
    found: `${neverRun(files)}: another migration ran under the version`,
    ...(removed.length === 0
      ? { remedy: renameNew }
      : undoSquash([...removed, ...replaced.map(({ row }) => row)], files)),
    ...(replaced.some(({ evidence }) => evidence === 'none') && { severity: 'warn' }),
  }
}

/** A dump in place of the files that ran makes what is there: under a newer version it would fail. */
function undoSquash(
  rows: readonly Revision[],
  files: readonly string[],
): Pick<Silence, 'remedy' | 'details'> {
  const old = rows.toSorted((a, b) => compareBytewise(a.version, b.version)).map(nameOfRow)
  return {
    remedy: `delete ${listNames(files)}, put ${listNames(old)} back as they ran, and rehash`,
    details: [
      'To spare new databases the old files, add a checkpoint beside them: "atlas migrate checkpoint"',
    ],
  }
}

/**
 * Files that linear-skip passes by. From the next reconcile on, the operator tries to undo
 * migrations because of them.
 */
function skippedFiles(facts: Facts, { prediction }: LiveHistory): Silence {
  const { migration } = facts
  const { action, status } = prediction.first
  const isSkipping = action === 'apply' && migration.spec.execOrder === 'linear-skip'
  const repeated = repeatedNames(facts)
  const files = isSkipping && status ? status.outOfOrder.filter(name => !repeated.has(name)) : []
  return {
    files,
    found: `${neverRun(files)}: linear-skip leaves it out, and down follows`,
    remedy: rename,
  }
}

/**
 * Files older than the first row. The engine looks for late files only from that row on, in every
 * execution order (Atlas v1.2.3, `Executor.Pending`).
 */
function olderFiles(facts: Facts, history: LiveHistory, first: Revision): Silence {
  const applied = versionsOf(history.rows)
  const checkpoint = isCheckpoint(first, facts, history)
  const repeated = repeatedNames(facts)
  const files = history.files.filter(
    file =>
      !file.checkpoint &&
      !applied.has(file.version) &&
      !repeated.has(file.name) &&
      compareBytewise(file.version, first.version) < 0,
  )
  const baselined = baselineTest(history.rows)
  const covered = (file: MigrationFile) => checkpoint || baselined(file)
  const dialect = statementDialect(facts)
  const names = files
    .filter(file => !covered(file) && !hasNoStatement(file, dialect))
    .map(file => file.name)
  return {
    files: names,
    found: `${neverRun(names)}: older than the first row (${first.version})`,
    remedy: rename,
    ...(isUncertainStart(first, facts, history) && { severity: 'warn' }),
  }
}

/** An empty file may stand before the others as a baseline, and there is nothing of it to run. */
function hasNoStatement({ content }: MigrationFile, dialect: StatementDialect | null): boolean {
  return dialect !== null && comparedStatements(content, dialect)?.length === 0
}

/** Whether the database started from a checkpoint, which stands for the older files. */
function isCheckpoint({ version }: Revision, facts: Facts, { files }: LiveHistory): boolean {
  return [files, ...knownDirectories(facts)]
    .flat()
    .some(file => file.checkpoint && file.version === version)
}

/**
 * Whether the first row was set by hand, or no known directory has its file. It may then be that of
 * a checkpoint, or meant as a baseline.
 */
function isUncertainStart(first: Revision, facts: Facts, { files }: LiveHistory): boolean {
  const known = [files, ...knownDirectories(facts)].flat()
  return (
    (first.type & RevisionType.resolved) !== 0 ||
    !known.some(file => file.version === first.version)
  )
}
