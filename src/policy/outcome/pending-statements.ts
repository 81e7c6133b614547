import { fileDirectives } from '../../atlas/directory/directive.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { placeStatements, type PlacedStatement } from '../../atlas/statement/statement.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { usedDirectory } from '../facts/used-directory.js'

/** A file that the operator would run now. */
export interface PendingFile {
  readonly name: string
  /**
   * The statements that it would send, in order: without those that a partial row counts as done.
   * null when Atlas cannot split the file, so that nothing of it runs.
   */
  readonly statements: readonly PlacedStatement[] | null
  /** Whether its statements share one transaction: false with `-- atlas:txmode none`. */
  readonly inTransaction: boolean
}

export interface PendingStatements {
  readonly dialect: StatementDialect
  /** In the order in which they run. Empty when nothing would run. */
  readonly files: readonly PendingFile[]
}

/**
 * What the operator would send to the database at the next reconcile. null when it is not known
 * which files would run: the database or the directory was not read.
 */
export const pendingStatements: (facts: Facts) => PendingStatements | null =
  oncePerFacts(readPending)

/** What would run, or what might: `certain` tells which. */
export interface StatementsAhead extends PendingStatements {
  readonly certain: boolean
}

/**
 * What the operator would send at the next reconcile; where that is not known, the statements of
 * every file. null when the directory or the kind of the database is not known.
 */
export const statementsAhead: (facts: Facts) => StatementsAhead | null = oncePerFacts(facts => {
  const pending = pendingStatements(facts)
  if (pending !== null) return { ...pending, certain: true }
  const used = usedDirectory(facts)
  const dialect = statementDialect(facts)
  if (used === null || dialect === null || facts.prediction !== null) return null
  const files = used.directory.files.map(file => readFile(file, dialect, 0))
  return { dialect, files, certain: false }
})

function readPending(facts: Facts): PendingStatements | null {
  const used = usedDirectory(facts)
  const dialect = statementDialect(facts)
  if (used === null || dialect === null || facts.prediction === null) return null
  const applied = appliedStatements(facts)
  const files = new Map(used.directory.files.map(file => [file.name, file]))
  return {
    dialect,
    files: facts.prediction.first.pending
      .map(name => files.get(name))
      .filter(file => file !== undefined)
      .map(file => readFile(file, dialect, applied.get(file.version) ?? 0)),
  }
}

/** Reads a file of which the row counts the first `done` statements as done. */
function readFile(file: MigrationFile, dialect: StatementDialect, done: number): PendingFile {
  const scan = placeStatements(file.content, dialect)
  return {
    name: file.name,
    statements: 'error' in scan || done < 0 ? null : scan.statements.slice(done),
    inTransaction: fileDirectives(file.content, 'txmode')[0] !== 'none',
  }
}

/** For each version with a row, how many statements of its file were done. */
function appliedStatements({ table }: Facts): ReadonlyMap<string, number> {
  const rows = table.kind === 'read' ? (table.revisions ?? []) : []
  return new Map(rows.map(({ version, applied }) => [version, applied]))
}
