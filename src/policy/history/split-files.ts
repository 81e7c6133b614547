import type { Directory } from '../../atlas/directory/directory.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { isPartial, RevisionType, rowHash } from '../../atlas/engine/revision.js'
import { findSplitText } from '../../atlas/lineage/split-text.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { readWords } from '../../atlas/statement/words.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Facts } from '../facts/facts.js'
import { comparedStatements, isHarmfulTwice, isLasting } from '../statements/ran-statements.js'
import {
  mostFiles,
  type RanText,
  ranTexts,
  takesBack,
  type Texts,
  textsOf,
} from '../statements/ran-texts.js'
import { takenBack } from './kept-text.js'
import type { LiveHistory } from './live-history.js'
import type { RepeatedFile } from './repeated-file.js'

/**
 * Finds files to run that hold a part of a text that ran: somebody split an applied file. Atlas
 * knows a file by its version only, so the part runs a second time.
 */
export function splitFiles(
  facts: Facts,
  history: LiveHistory,
  dialect: StatementDialect,
): readonly RepeatedFile[] {
  const last = history.rows.at(-1)?.version ?? ''
  const pending = history.files
    .filter(({ version, checkpoint }) => !checkpoint && compareBytewise(version, last) > 0)
    .slice(0, mostFiles)
    .map(file => ({ file, statements: comparedStatements(file.content, dialect) ?? [] }))
    .filter(({ statements }) => statements.some(text => isTelling(text, dialect)))
  if (pending.length === 0) return []
  const old = oldDirectories(facts).map(textsOf)
  const joined =
    old.length > 0
      ? []
      : joinedText(
          history,
          pending.map(({ file }) => file),
        )
  const known = [textsOf(history.directory), ...old, ...joined]
  const owners = ownersOf(ranTexts(history.rows, known, dialect))
  const matches = new Map<MigrationFile, Match>()
  for (const { file, statements } of pending) {
    const found = matchOf(statements, owners, dialect)
    if (found) matches.set(file, found)
  }
  const again = takenBack(history.files, file => matches.get(file)?.rows[0], dialect)
  return [...matches].flatMap(([file, found]) => (again.has(file) ? [] : [{ file, ...found }]))
}

/** The text that a statement is of; null for one that several files have, which tells nothing. */
type Owners = ReadonlyMap<string, RanText | null>

function ownersOf(texts: readonly RanText[]): Owners {
  const owners = new Map<string, RanText | null>()
  for (const text of texts)
    for (const statement of new Set([...text.statements, ...(text.present ?? [])]))
      owners.set(statement, owners.has(statement) ? null : text)
  return owners
}

/** The directories before this write and of the operator's last success. */
function oldDirectories({ before, dirState }: Facts): readonly Directory[] {
  return [before?.directory, dirState].flatMap(source =>
    source?.kind === 'read' ? [source.directory] : [],
  )
}

/** The text of the first row that is another, where no old directory tells it, as in CI. */
function joinedText(
  { directory, rows }: LiveHistory,
  candidates: readonly MigrationFile[],
): readonly Texts[] {
  const { files, hashes } = textsOf(directory)
  for (const row of rows) {
    const file = files.get(row.version)
    if (!file || rowHash(row) === '' || hashes().get(file.name) === rowHash(row)) continue
    const content = findSplitText({ files: directory.files, row, file, candidates })
    if (content === null) return []
    const ran = new Map([[row.version, { ...file, content }]])
    return [{ files: ran, hashes: () => new Map([[file.name, rowHash(row)]]) }]
  }
  return []
}

type Match = Omit<RepeatedFile, 'file'>

function matchOf(
  statements: readonly string[],
  owners: Owners,
  dialect: StatementDialect,
): Match | null {
  if (takesBack(statements, dialect)) return null
  const telling = statements.filter(text => isTelling(text, dialect))
  const ran = telling.flatMap(text => ranAs(text, owners) ?? [])
  const lost = new Set(telling.flatMap(text => lostBy(text, owners) ?? []))
  const lasting = statements.filter(text => isLasting(text, dialect))
  const found = new Set(lost.size > 0 ? lost : ran)
  const hasRest = lasting.some(text => !found.has(ranAs(text, owners)!))
  if (lost.size === 0) return hasRest || found.size > 1 ? null : keptMatch(ran[0], lasting)
  const texts = [...lost]
  return {
    rows: texts.map(({ row }) => row),
    hasRest,
    isKept: false,
    isReworded: true,
    isPart: true,
    // A file that is gone would be denied in any case.
    isUnsure: texts.every(
      ({ isProven, present, isTaking }) => present !== null && (!isProven || isTaking),
    ),
  }
}

/** The text that ran with the statement, where it is only one, and all of it ran. */
function ranAs(statement: string, owners: Owners): RanText | null {
  const owner = owners.get(statement)
  return owner?.statements.has(statement) && isWhole(owner) ? owner : null
}

/** The same, where the file of its version does not have the statement any more. */
function lostBy(statement: string, owners: Owners): RanText | null {
  const owner = ranAs(statement, owners)
  return owner?.present?.has(statement) ? null : owner
}

/**
 * The text is where it ran, as after a split of which one half was taken back. Somebody may also
 * mean to do the same again, so that this is never certain.
 */
function keptMatch(text: RanText | undefined, lasting: readonly string[]): Match | null {
  if (!text?.isProven || text.isTaking || text.statements.size <= lasting.length) return null
  return { rows: [text.row], hasRest: false, isKept: true, isPart: true }
}

/** Whether all of the text ran: not where the row was set by hand, or the file failed half-way. */
function isWhole({ row }: RanText): boolean {
  return (row.type & (RevisionType.baseline | RevisionType.resolved)) === 0 && !isPartial(row)
}

/** What tells that a statement may find its own work and leave it. In a string, it only silences. */
const cautious = /\b(?:not exists|on conflict|on duplicate|insert ignore|or replace)\b/i

/**
 * Whether a second run of the statement fails or doubles what it made. An UPDATE, for example, does
 * the same again, and often that changes nothing.
 */
function isTelling(statement: string, dialect: StatementDialect): boolean {
  if (!isHarmfulTwice(statement, dialect) || cautious.test(statement)) return false
  const keys = readWords(statement, dialect).map(({ key }) => key)
  return (
    keys[0] === 'insert' ||
    keys[0] === 'create' ||
    (keys[0] === 'alter' && (keys.includes('add') || keys.includes('rename')))
  )
}
