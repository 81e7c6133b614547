import type { MigrationFile } from '../../atlas/directory/file.js'
import { RevisionType, type Revision } from '../../atlas/engine/revision.js'
import {
  findMovedTexts,
  nameOfRow,
  type MovedText,
  type MovedTextInput,
} from '../../atlas/lineage/moved-texts.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { keptTexts } from './kept-text.js'
import { type LiveHistory, plannedHistory } from './live-history.js'
import { comparedStatements, isLasting } from '../statements/ran-statements.js'
import type { RepeatedFile } from './repeated-file.js'
import { splitFiles } from './split-files.js'

/**
 * Every file whose text, or a part of it, ran on this database under another version. Empty where the operator does not come to read
 * the rows.
 */
export const repeatedFiles = oncePerFacts((facts): readonly RepeatedFile[] => {
  const history = plannedHistory(facts)
  const dialect = statementDialect(facts)
  if (!history || !dialect || history.rows.length === 0) return []
  const search = searchOf(facts, history)
  // Nothing can have moved where every row has its file, and every file its row.
  if (search.candidates.length === 0 && search.displaced.length === 0) return []
  const moved = byText(search, dialect)
  const whole = [...moved, ...byHash(search, moved, dialect), ...keptTexts(history, dialect)]
  const told = new Set(whole.map(({ file }) => file))
  const parts = splitFiles(facts, history, dialect).filter(({ file }) => !told.has(file))
  return [...whole, ...parts]
})

interface Search {
  readonly history: LiveHistory
  /** Rows whose text is not what their version has now. */
  readonly displaced: readonly Revision[]
  /** The text that ran, by version, for displaced rows whose old file is known. */
  readonly ran: ReadonlyMap<string, MigrationFile>
  /** Files that may hold such a text: those without a row, and those of a displaced row. */
  readonly candidates: readonly MigrationFile[]
}

/** Rows and files that are tried by hashes, which costs more. */
const mostHashed = 50
const mostFollowers = 5

/** More displaced rows and candidates than a rebase or a squash leaves. More would cost time. */
const most = 300

const recorded = RevisionType.baseline | RevisionType.resolved

function searchOf(facts: Facts, history: LiveHistory): Search {
  const { files, rows } = history
  const present = new Map(files.map(file => [file.version, file]))
  const old = oldTexts(facts, rows)
  const displaced = rows.filter(row => {
    if ((row.type & recorded) !== 0) return false
    const file = present.get(row.version)
    if (file === undefined) return true
    const text = old.get(row.version)
    return text ? text.content !== file.content : file.description !== row.description
  })
  const moved = new Set(displaced.map(row => row.version))
  const applied = new Set(rows.map(row => row.version))
  const candidates = files.filter(
    ({ version, checkpoint }) => !checkpoint && (!applied.has(version) || moved.has(version)),
  )
  return {
    history,
    displaced: displaced.slice(0, most),
    ran: old,
    candidates: candidates.slice(-most),
  }
}

/** The texts that ran, as the directories before this write and of the last success have them. */
function oldTexts(
  { before, dirState }: Facts,
  rows: readonly Revision[],
): ReadonlyMap<string, MigrationFile> {
  const names = new Set(rows.map(nameOfRow))
  return new Map(
    [before?.directory, dirState]
      .flatMap(source => (source?.kind === 'read' ? source.directory.files : []))
      .filter(({ name, checkpoint }) => !checkpoint && names.has(name))
      .map(file => [file.version, file]),
  )
}

/** Compares the old texts themselves with the files, statement by statement. */
function byText(
  { displaced, ran, candidates }: Search,
  dialect: StatementDialect,
): readonly RepeatedFile[] {
  const known = displaced.flatMap(row => {
    const text = ran.get(row.version)
    const statements = text ? comparedStatements(text.content, dialect) : null
    return statements?.some(statement => isLasting(statement, dialect)) ? [{ row, statements }] : []
  })
  if (known.length === 0) return []
  return candidates.flatMap(file => {
    const statements = comparedStatements(file.content, dialect)
    if (!statements) return []
    const covered = new Set<number>()
    const placeOf = placesOf(statements)
    const rows = known.flatMap(({ row, statements: part }) => {
      const at = placeOf(part)
      if (at === -1) return []
      for (let i = 0; i < part.length; i++) covered.add(at + i)
      return [row]
    })
    const isReworded = rows.every(row => ran.get(row.version)?.content !== file.content)
    return repeated(file, rows, covered.size < statements.length).map(found => ({
      ...found,
      isReworded,
    }))
  })
}

/** Makes a function that finds where a list of statements stands within another one. */
function placesOf(statements: readonly string[]): (part: readonly string[]) => number {
  const starts = new Map<string, number>()
  statements.forEach((statement, at) => {
    if (!starts.has(statement)) starts.set(statement, at)
  })
  return part => {
    const at = starts.get(part[0] ?? '') ?? -1
    return at !== -1 && part.every((statement, i) => statements[at + i] === statement) ? at : -1
  }
}

/** Finds texts of which no old file is known, by the hashes of the rows. */
function byHash(
  { history, displaced, candidates }: Search,
  moved: readonly RepeatedFile[],
  dialect: StatementDialect,
): readonly RepeatedFile[] {
  const told = new Set(moved.flatMap(({ rows }) => rows.map(row => row.version)))
  const lost = new Set(displaced.map(row => row.version))
  const applied = new Set(history.rows.map(row => row.version))
  const inPlace = history.files.filter(({ version }) => applied.has(version) && !lost.has(version))
  const open = displaced.filter(row => !told.has(row.version)).slice(0, mostHashed)
  const search = { inPlace, displaced: open, candidates: candidates.slice(-mostHashed) }
  const texts = [...findMovedTexts(search), ...inFollowers(search, history)].filter(({ text }) =>
    comparedStatements(text, dialect)?.some(statement => isLasting(statement, dialect)),
  )
  return [...new Set(texts.map(({ file }) => file))].flatMap(file => {
    const own = texts.filter(text => text.file === file)
    const end = own.at(-1)?.end ?? 0
    return repeated(
      file,
      own.map(({ row }) => row),
      file.content.slice(end).trim() !== '',
    )
  })
}

/**
 * A squash may have the very name of the last of its files, so that nothing tells it from the file
 * that ran. Tries the files that follow rows without a file.
 */
function inFollowers(
  { inPlace, displaced }: MovedTextInput,
  { rows, files }: LiveHistory,
): readonly MovedText[] {
  const lost = new Set(displaced.map(({ version }) => version))
  const followers = rows.filter((row, at) => {
    const previous = rows[at - 1]
    return previous !== undefined && lost.has(previous.version) && !lost.has(row.version)
  })
  if (followers.length === 0 || followers.length > mostFollowers) return []
  const versions = new Set(followers.map(({ version }) => version))
  return findMovedTexts({
    inPlace: inPlace.filter(({ version }) => !versions.has(version)),
    displaced: [...displaced, ...followers],
    candidates: files.filter(({ version }) => versions.has(version)),
  })
}

/** A file under the version of its only row is the same file with another description. */
function repeated(
  file: MigrationFile,
  found: readonly Revision[],
  hasRest: boolean,
): readonly RepeatedFile[] {
  if (!found.some(row => row.version !== file.version)) return []
  const rows = found.toSorted((a, b) => compareBytewise(a.version, b.version))
  return [{ file, rows, hasRest, isKept: false }]
}

/**
 * Those that no row without a file tells of: their text would run, or would if they were given a
 * newer version.
 */
export const repeatsToRun = oncePerFacts((facts): readonly RepeatedFile[] => {
  const told = new Set(repeatsOfRecordedFiles(facts))
  return repeatedFiles(facts).filter(repeat => !told.has(repeat))
})

/**
 * Those whose file has a row of its own version, as after a squash into the version of the last of
 * its files. Nothing of them runs, and the rows whose files are gone are what is found.
 */
export const repeatsOfRecordedFiles = oncePerFacts((facts): readonly RepeatedFile[] => {
  const history = plannedHistory(facts)
  if (!history) return []
  const applied = new Set(history.rows.map(row => row.version))
  const unmatched = new Set(history.unmatched)
  return repeatedFiles(facts).filter(
    ({ file, rows }) => applied.has(file.version) && rows.some(row => unmatched.has(row)),
  )
})

/** The files to run that hold a part of what ran as the row of a file, as after a split of it. */
export function partsOf(facts: Facts, row: Revision): readonly MigrationFile[] {
  return repeatsToRun(facts)
    .filter(({ isPart, isKept, rows }) => isPart && !isKept && rows.includes(row))
    .map(({ file }) => file)
}

/** Names of all these files, which must not be given a newer version. */
export const repeatedNames = oncePerFacts(
  (facts): ReadonlySet<string> => new Set(repeatedFiles(facts).map(({ file }) => file.name)),
)
