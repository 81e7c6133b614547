import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { readWords } from '../../atlas/statement/words.js'
import type { LiveHistory } from './live-history.js'
import { comparedStatements, isHarmfulTwice } from '../statements/ran-statements.js'
import type { RepeatedFile } from './repeated-file.js'

/**
 * Finds files without a row that repeat files which are still there. People do run one text twice
 * on purpose: a table that was dropped is made again, a counter goes up every month. So one file
 * counts only when it also has the description of the other, and when that text did not run twice
 * before. Several files in a row, joined in one, are a squash.
 */
export function keptTexts(
  { files, rows }: LiveHistory,
  dialect: StatementDialect,
): readonly RepeatedFile[] {
  const rowOf = new Map(rows.map(row => [row.version, row]))
  const ran = files.flatMap(file => {
    const row = rowOf.get(file.version)
    return row?.description === file.description && !file.checkpoint ? [{ file, row }] : []
  })
  const twins = twinsOf(ran)
  const twinOf = (file: MigrationFile) =>
    rowOf.has(file.version) ? undefined : twins.get(twinKey(file))
  const again = takenBack(files, twinOf, dialect)
  const steps = { left: mostSteps }
  return files
    .filter(file => !file.checkpoint && !rowOf.has(file.version))
    .flatMap(file => {
      if (again.has(file)) return []
      const twin = twinOf(file)
      const found = twin ? [twin] : joined(file, ran, steps)
      if (found.length === 0 || !isHarmful(file, dialect)) return []
      return [{ file, rows: found, hasRest: false, isKept: true }]
    })
}

interface RanFile {
  readonly file: MigrationFile
  readonly row: Revision
}

/** The texts that ran once, by what makes a copy of one. */
function twinsOf(ran: readonly RanFile[]): ReadonlyMap<string, Revision> {
  const twins = new Map<string, Revision>()
  const habits = new Set<string>()
  for (const { file, row } of ran) {
    const key = twinKey(file)
    // Files that are named by their version alone all have one description, which tells nothing.
    if (twins.has(key) || file.description === '') habits.add(key)
    else twins.set(key, row)
  }
  for (const key of habits) twins.delete(key)
  return twins
}

function twinKey({ description, content }: MigrationFile): string {
  return `${description}\n${content}`
}

/**
 * Comparisons of one text with another, for all files together: a few milliseconds. Files can be
 * made so that each of them fits many times.
 */
const mostSteps = 50_000

/** The rows of at least two neighbouring files that the file joins; empty for none. */
function joined(
  { content }: MigrationFile,
  ran: readonly RanFile[],
  steps: { left: number },
): readonly Revision[] {
  for (let first = 0; first < ran.length; first++) {
    const rows: Revision[] = []
    let at = 0
    for (let next = first; next < ran.length; next++) {
      const { file, row } = ran[next]!
      if (steps.left-- < 0) return []
      if (file.content === '' || !content.startsWith(file.content, at)) break
      rows.push(row)
      at = skipLineBreaks(content, at + file.content.length)
    }
    if (at >= content.length && rows.length > 1) return rows
  }
  return []
}

const taking: ReadonlySet<string> = new Set(['delete', 'drop', 'truncate'])

/** Words of those statements that name nothing. */
const nameless: ReadonlySet<string> = new Set([
  ...taking,
  ...'table view index type schema sequence materialized public'.split(' '),
  ...'from only if exists where and or in cascade restrict'.split(' '),
])

/** Words of a statement that are looked at: names stand in front. */
const namedWithin = 16

/**
 * Of each file without a row, whether a file behind the one that it repeats takes back something
 * that it names. Then it is made again on purpose: to delete the second text would leave the
 * database without it. Every file is read once, in the order in which they run.
 */
export function takenBack(
  files: readonly MigrationFile[],
  twinOf: (file: MigrationFile) => Revision | undefined,
  dialect: StatementDialect,
): ReadonlySet<MigrationFile> {
  const found = new Set<MigrationFile>()
  if (!files.some(twinOf)) return found
  const takenAt = new Map<string, string>()
  for (const file of files) {
    const statements = comparedStatements(file.content, dialect) ?? []
    const twin = twinOf(file)
    const names = twin ? statements.flatMap(text => namesOf(text, dialect)) : []
    if (twin && names.some(name => (takenAt.get(name) ?? '') > twin.version)) found.add(file)
    for (const text of statements) {
      if (!taking.has(readWords(text, dialect, 1)[0]?.key ?? '')) continue
      for (const name of namesOf(text, dialect)) takenAt.set(name, file.version)
    }
  }
  return found
}

function namesOf(statement: string, dialect: StatementDialect): readonly string[] {
  return readWords(statement, dialect, namedWithin)
    .filter(({ kind, key }) => (kind === 'word' || kind === 'name') && !nameless.has(key))
    .map(({ text }) => text)
}

function skipLineBreaks(content: string, from: number): number {
  let at = from
  while (content[at] === '\n' || content[at] === '\r') at++
  return at
}

function isHarmful({ content }: MigrationFile, dialect: StatementDialect): boolean {
  return comparedStatements(content, dialect)?.some(text => isHarmfulTwice(text, dialect)) ?? false
}
