import { fileNamed } from '../../atlas/directory/directory.js'
import { isPartial } from '../../atlas/engine/revision.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import { movedRows } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import { changedHere } from '../history/file-lineage.js'
import type { ChangedFile } from '../history/file-lineage.js'
import type { Finding, Rule } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { comparedStatements } from '../statements/ran-statements.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { proveRewriting, type Rewriting, rewrittenPart } from '../rendering/rewritten-files.js'
import { listNames } from '../../atlas/text/name-list.js'
import { namesakeDirectories } from '../history/namesake-directories.js'
import { partsOf, repeatedNames } from '../history/repeated-files.js'
import { removedRows } from '../history/unmatched-rows.js'
import { nameOfRow } from '../../atlas/lineage/moved-texts.js'
import { isTableChanged } from '../history/target-change.js'

export const appliedFileEdited: Rule = {
  id: 'applied-file-edited',
  title: 'A file was changed after it ran on this database.',
  why: 'Atlas never compares a file that has a row: the change does not run here, the AtlasMigration is Ready, and new databases differ from this one for good.',
  severity: 'deny',
  evidence: 'database',
  order: 4070,
  since: '0.1.0',
  steps,
  evaluate,
}

function* steps(facts: Facts): Steps<void> {
  if (plannedHistory(facts)) yield* changedHere.steps(facts)
}

function evaluate(facts: Facts): Finding | null {
  // The files of a namesake are not edits of each other, as the rule revision-table-shared says.
  if (!plannedHistory(facts) || namesakeDirectories(facts).size > 0) return null
  // Where the database changed, revision-table-incomplete tells that another text ran in the new one.
  const byMove = new Set(movedRows(facts)?.differing)
  const changed = changedHere(facts).filter(
    ({ file, row, change }) =>
      change !== 'replaced' &&
      !byMove.has(file.version) &&
      !isPartial(row) &&
      !passedAsItIs(file, facts) &&
      !repeatedNames(facts).has(file.name),
  )
  if (changed.length === 0) return null
  const certain = changed.filter(file => isCertain(file, facts))
  const named = certain.length > 0 ? certain : changed
  const parts = changedParts(named, facts)
  return {
    found: describe(named, certain.length > 0),
    expected: 'every applied file as it ran',
    remedy: 'restore it, and put the change into a new file',
    field: 'spec.dir',
    subjects: named.map(({ file }) => file.name),
    details: [untold, ...parts.map(rewriting => partText(rewriting, facts))],
    ...squashAdvice(facts),
    ...splitAdvice(named, facts),
    ...(parts.length === 1 && isOf(named, parts[0]!) && onlyPart(parts[0]!, facts)),
    ...(certain.length === 0 && { severity: 'warn' as const, isOld: true as const }),
  }
}

/**
 * The way out where what a file lost stands in a file that would run: it is done here already, and
 * the rule file-runs-again tells of it.
 */
function splitAdvice(named: readonly ChangedFile[], facts: Facts): Partial<Finding> {
  const parts = named.map(({ row }) => partsOf(facts, row))
  const names = [...new Set(parts.flat())].map(({ name }) => name)
  if (names.length === 0) return {}
  return {
    remedy: `restore it, and take out of ${listNames(names)} what it had when it ran`,
    ...(parts.every(of => of.length > 0) && { partOf: 'file-runs-again' }),
  }
}

/** A dump under the name of the last of the files that it replaces has nothing for a new file. */
function squashAdvice(facts: Facts): Partial<Finding> {
  const removed = removedRows(facts, plannedHistory(facts)!)
  if (removed.length === 0) return {}
  return {
    remedy: `restore it, and put ${listNames(removed.map(nameOfRow))} back as ${removed.length === 1 ? 'it' : 'they'} ran`,
  }
}

const untold = 'Atlas will not run the change and will not tell: it never reads the hash of a row'

const comments = 'comments only'

/**
 * What is another in the files, where nothing else is: an editor or a checkout rewrites all files of
 * a directory at once, which is one cause and not hundreds. Files with other changes are in none.
 */
function changedParts(named: readonly ChangedFile[], facts: Facts): readonly Rewriting[] {
  const files = new Map<string, string[]>()
  for (const { file, ran } of named.filter(({ change }) => change === 'edited')) {
    const part = partOf(file, ran ?? storedText(file.name, facts.dirState), facts)
    if (part !== null) files.set(part, [...(files.get(part) ?? []), file.name])
  }
  const known = Array.from(files, ([part, names]) => ({ part, files: names }))
  const [first] = named
  if (known.length > 0 || first?.change !== 'edited') return known
  // Without the old texts only the first file is known to be another, and the hashes tell the rest.
  const { files: all, rows } = plannedHistory(facts)!
  const proven = proveRewriting(all, rows, first.file)
  return proven ? [proven] : []
}

function partOf({ content }: MigrationFile, ran: string | undefined, facts: Facts): string | null {
  if (ran === undefined) return null
  return (
    rewrittenPart(content, ran) ?? (haveSameStatements([content, ran], facts) ? comments : null)
  )
}

/** Whether two texts differ in comments only. A directive is a comment that does something. */
function haveSameStatements([a, b]: readonly [string, string], facts: Facts): boolean {
  const dialect = statementDialect(facts)
  if (dialect === null || directivesOf(a) !== directivesOf(b)) return false
  const [now, ran] = [comparedStatements(a, dialect), comparedStatements(b, dialect)]
  return now !== null && ran !== null && JSON.stringify(now) === JSON.stringify(ran)
}

function directivesOf(content: string): string {
  return content
    .split('\n')
    .filter(line => line.includes('atlas:'))
    .map(line => line.trim())
    .join('\n')
}

/** Whether the part is all that is another in the files. */
function isOf(named: readonly ChangedFile[], { files }: Rewriting): boolean {
  const names = new Set(files)
  return named.every(({ file }) => names.has(file.name))
}

function onlyPart({ part, files }: Rewriting, facts: Facts): Partial<Finding> {
  return {
    found: `applied here, and since then changed in ${part}: ${countedNames(files, facts)}`,
    remedy:
      part === comments
        ? 'restore it; a comment can stand in a new file'
        : 'restore the text as it ran, and run `atlas migrate hash`',
    subjects: files,
    details: [
      untold,
      part === comments
        ? 'The statements are the same, so new databases become like this one; but the hash of the row is that of the old text'
        : 'Nothing else changed: with that undone, the text is the one that ran',
      ...(part.includes('CRLF now') ? [gitAttributes] : []),
    ],
  }
}

const gitAttributes =
  'Git changes line breaks at a checkout: "*.sql text eol=lf" in .gitattributes keeps LF'

function partText({ part, files }: Rewriting, facts: Facts): string {
  return `Changed in ${part}: ${countedNames(files, facts)}`
}

/** One cause for hundreds of files is told with their number. */
function countedNames(files: readonly string[], facts: Facts): string {
  const count = plannedHistory(facts)!.files.length
  return count > 1 && files.length === count ? `all ${count} files` : listNames(files)
}

/**
 * Whether the operator's last successful reconcile had the same text: a file that failed half-way,
 * for example, and was repaired.
 */
export function passedAsItIs({ name, content }: MigrationFile, { dirState }: Facts): boolean {
  return storedText(name, dirState) === content
}

/**
 * Whether the edit is proven. A dir-state proves it by its text. The hash of the row counts only
 * where there is no dir-state, as after a move to another cluster. With linear-skip it may cover a
 * late file that never ran and is gone.
 */
function isCertain({ file, change, evidence }: ChangedFile, facts: Facts): boolean {
  const { dirState } = facts
  if (change !== 'edited' || wasReadyAsItIs(file, facts)) return false
  if (evidence === 'text' || storedText(file.name, dirState) !== undefined) return true
  const mayCoverSkipped = facts.migration.spec.execOrder === 'linear-skip'
  return evidence === 'hash' && dirState.kind === 'absent' && !mayCoverSkipped
}

/**
 * Whether the file is as it was before this write, and the operator read it then too. Whatever is
 * wrong with it is old.
 */
function wasReadyAsItIs({ name, content }: MigrationFile, facts: Facts): boolean {
  const old = facts.before && !isTableChanged(facts) ? plannedHistory(facts.before) : null
  return old !== null && fileNamed(old.directory, name)?.content === content
}

function storedText(name: string, dirState: Facts['dirState']): string | undefined {
  if (dirState.kind !== 'read') return undefined
  return fileNamed(dirState.directory, name)?.content
}

function describe(files: readonly ChangedFile[], isCertain: boolean): string {
  const names = listNames(files.map(({ file }) => file.name))
  if (isCertain) return `applied here, and since then changed: ${names}`
  if (files.every(({ change }) => change === 'renamed'))
    return `applied here, and since then renamed: ${names}`
  return `applied here, and since then perhaps changed (or repaired, or an earlier file is gone): ${names}`
}
