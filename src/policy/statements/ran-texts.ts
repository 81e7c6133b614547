import type { Directory } from '../../atlas/directory/directory.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { type Revision, rowHash } from '../../atlas/engine/revision.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { readWords } from '../../atlas/statement/words.js'
import { comparedStatements } from './ran-statements.js'

/** Newest files that are read. A split is made of one that was written lately. */
export const mostFiles = 300

/** Characters that are read: a few milliseconds. */
const mostText = 1_000_000

/** The statements that ran as a row, and what the file of its version has of them today. */
export interface RanText {
  readonly row: Revision
  readonly statements: ReadonlySet<string>
  /** The present statements of the version; null where its file is gone. */
  readonly present: ReadonlySet<string> | null
  /** Whether the row's hash proves the text. */
  readonly isProven: boolean
  /** Whether it also removes something, so that a part of it may well be done again. */
  readonly isTaking: boolean
}

/** The files of a directory by version, and the hashes that a row of them would have. */
export interface Texts {
  readonly files: ReadonlyMap<string, MigrationFile>
  readonly hashes: () => ReadonlyMap<string, string>
}

export function textsOf({ files, sum }: Directory): Texts {
  let hashes: ReadonlyMap<string, string> | null = null
  return {
    files: new Map(files.map(file => [file.version, file])),
    hashes: () => (hashes ??= new Map(sum().lines.map(({ name, hash }) => [name, hash]))),
  }
}

/** The texts of the newest rows, by the directories that are known: the present one first. */
export function ranTexts(
  rows: readonly Revision[],
  known: readonly Texts[],
  dialect: StatementDialect,
): readonly RanText[] {
  const read = boundedReader(dialect)
  const texts: RanText[] = []
  for (const row of rows.slice(-mostFiles).toReversed()) {
    const found = ranFile(row, known)
    if (found === null) continue
    const present = known[0]!.files.get(row.version)
    const statements = read(found.file.content)
    const now = present === found.file ? statements : present && read(present.content)
    // What cannot be read whole could be one of several that have a statement.
    if (statements === null || now === null) return []
    const isTaking = takesBack(statements, dialect)
    texts.push({ row, statements, present: now ?? null, isProven: found.isProven, isTaking })
  }
  return texts
}

/**
 * The file that ran as a row. An applied file that was edited may be put right in the same write, so
 * that an old directory proves nothing without the row's hash.
 */
function ranFile(
  row: Revision,
  known: readonly Texts[],
): { readonly file: MigrationFile; readonly isProven: boolean } | null {
  const files = known.flatMap(({ files: of, hashes }) => {
    const file = of.get(row.version)
    return file?.description === row.description ? [{ file, hashes }] : []
  })
  const hash = rowHash(row)
  const proven = hash && files.find(({ file, hashes }) => hashes().get(file.name) === hash)
  if (proven) return { file: proven.file, isProven: true }
  const old = files.at(-1)
  return old ? { file: old.file, isProven: false } : null
}

/** Makes a function that reads texts until it has read too many; null from then on. */
function boundedReader(dialect: StatementDialect): (text: string) => ReadonlySet<string> | null {
  let left = mostText
  return text => {
    left -= text.length
    return left < 0 ? null : new Set(comparedStatements(text, dialect))
  }
}

const taking: ReadonlySet<string> = new Set(['delete', 'drop', 'truncate'])

/** Whether one of the statements removes something. */
export function takesBack(statements: Iterable<string>, dialect: StatementDialect): boolean {
  return [...statements].some(text => taking.has(readWords(text, dialect, 1)[0]?.key ?? ''))
}
