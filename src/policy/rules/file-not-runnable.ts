import { fileDirectives } from '../../atlas/directory/directive.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { quoteGo } from '../../atlas/text/go-string.js'
import { printScanError, scanStatements, type ScanError } from '../../atlas/statement/statement.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const fileNotRunnable: Rule = {
  id: 'file-not-runnable',
  title:
    'A pending file cannot be run by any database: atlas:sum ignore, a bad or repeated txmode, or text that cannot be split into statements.',
  why: 'The operator fails at this file, at every retry, and no later file is reached.',
  severity: 'deny',
  evidence: 'content',
  order: 2040,
  since: '0.1.0',
  evaluate,
}

interface Defect {
  readonly file: string
  readonly reason: string
  /** 1-based. */
  readonly line: number
  /** Whether the file runs was not found out. */
  readonly undecided: boolean
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const { prediction } = facts
  const dialect = statementDialect(facts)
  const pending = prediction && new Set(prediction.first.pending)
  const defects = used.directory.files
    .filter(({ name }) => pending === null || pending.has(name))
    .flatMap(file => defectsOf(file, dialect))
    .sort((a, b) => Number(a.undecided) - Number(b.undecided))
  const [first, ...others] = defects
  if (first === undefined) return null
  return {
    found: first.undecided
      ? `${first.file} was not checked: ${first.reason}`
      : `${first.file} cannot run: ${first.reason}`,
    expected: 'files that Atlas can split and run',
    remedy: first.undecided
      ? 'nest its blocks less deeply and run `atlas migrate hash`'
      : 'correct the file and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: defects.map(({ file }) => file),
    details: others.map(({ file, reason }) => `${file}: ${reason}`),
    at: { file: first.file, line: first.line },
    // Without a prediction it is not known whether the file will run at all: a baseline may stand
    // for it.
    ...(prediction === null || first.undecided ? { severity: 'warn' as const } : {}),
  }
}

/** At most one defect: the first that Atlas v1.2.3 meets (`migrate apply`, then the executor). */
function defectsOf(file: MigrationFile, dialect: StatementDialect | null): readonly Defect[] {
  const reason = transactionDefect(file) ?? sumDefect(file)
  const { name } = file
  if (reason !== null) return [{ file: name, reason, line: 1, undecided: false }]
  const error = statementError(file, dialect)
  if (error === null) return []
  const { undecided } = error
  return [{ file: name, reason: printScanError(error), line: Math.max(error.line, 1), undecided }]
}

function transactionDefect({ content }: MigrationFile): string | null {
  const [mode, ...others] = fileDirectives(content, 'txmode')
  if (mode === undefined) return null
  if (others.length > 0) return 'multiple txmode values found'
  if (mode === 'all') return 'txmode "all" is not allowed in file directive. Use "file" instead'
  return ['none', 'file'].includes(mode) ? null : `unknown txmode ${quoteGo(mode)}`
}

function sumDefect({ sumIgnored }: MigrationFile): string | null {
  return sumIgnored ? 'atlas:sum ignore keeps it out of atlas.sum ("checksum not found")' : null
}

function statementError(file: MigrationFile, dialect: StatementDialect | null): ScanError | null {
  const scan = dialect === null ? null : scanStatements(file.content, dialect)
  return scan !== null && 'error' in scan ? scan.error : null
}
