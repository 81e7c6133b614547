import { fileDirectives } from '../../atlas/directory/directive.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { quoteGo } from '../../atlas/text/go-string.js'
import { listNames } from '../../atlas/text/name-list.js'
import { printScanError, scanStatements } from '../../atlas/statement/statement.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { type PlacedSetting, unknownSettings } from '../objects/pending-settings.js'
import { copyBefore } from '../outcome/client-text.js'
import { newValueUsed } from '../outcome/new-enum-value.js'
import { firstDefect } from '../outcome/statement-defect.js'
import { statementsAhead, type PendingFile } from '../outcome/pending-statements.js'

export const fileNotRunnable: Rule = {
  id: 'file-not-runnable',
  title:
    'A pending file cannot be run by any database: atlas:sum ignore, a bad or repeated txmode, text that cannot be split into statements or that only a client such as psql understands, a statement that no transaction takes, or a parameter that the server does not know.',
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
  readonly remedy: string
  /** 1-based. */
  readonly line: number
  /** Whether it was not found out, or only the server can tell; null where the file cannot run. */
  readonly doubt: 'unchecked' | 'likely' | null
  /** What the finding is about, where it is not the whole file. */
  readonly subject?: string
  /** Whether an older version of this program did not find it. */
  readonly young?: boolean
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const { prediction } = facts
  const context = {
    dialect: statementDialect(facts),
    ahead: aheadByName(facts),
    unknown: unknownSettings(facts),
  }
  const pending = prediction && new Set(prediction.first.pending)
  const defects = used.directory.files
    .filter(({ name }) => pending === null || pending.has(name))
    .flatMap(file => [
      defectsOf(file, context) ?? [],
      unknownParameter(file, context) ?? [],
      earlyUse(file, context) ?? [],
    ])
    .flat()
    .sort((a, b) => Number(a.doubt !== null) - Number(b.doubt !== null))
  const [first, ...others] = defects
  if (first === undefined) return null
  return {
    found: `${first.file} ${outlooks[first.doubt ?? 'none']}: ${first.reason}`,
    expected: 'files that Atlas can split and run',
    remedy: `${first.remedy} and run \`atlas migrate hash\``,
    field: directoryField(used),
    subjects: [...new Set(defects.map(({ file, subject }) => subject ?? file))],
    details: others.map(({ file, reason }) => `${file}: ${reason}`),
    at: { file: first.file, line: first.line },
    ...(defects.every(({ young }) => young === true) ? { since: '0.2.0' } : {}),
    // Without a prediction it is not known whether the file will run at all: a baseline may stand
    // for it.
    ...(prediction === null || first.doubt !== null ? { severity: 'warn' as const } : {}),
  }
}

const outlooks = { none: 'cannot run', unchecked: 'was not checked', likely: 'may fail' } as const

interface Context {
  readonly dialect: StatementDialect | null
  readonly ahead: ReadonlyMap<string, PendingFile>
  readonly unknown: readonly PlacedSetting[]
}

function aheadByName(facts: Facts): ReadonlyMap<string, PendingFile> {
  return new Map(statementsAhead(facts)?.files.map(file => [file.name, file]))
}

/** At most one defect: the first that Atlas v1.2.3 meets (`migrate apply`, then the executor). */
function defectsOf(file: MigrationFile, { dialect, ahead }: Context): Defect | null {
  const { name } = file
  const reason = transactionDefect(file) ?? sumDefect(file)
  if (reason !== null)
    return { file: name, reason, remedy: 'correct the file', line: 1, doubt: null }
  if (dialect === null) return null
  const sent = ahead.get(name)
  if (sent === undefined || sent.statements === null) return scanDefect(file, dialect)
  const found = firstDefect(sent, dialect)
  if (found === null) return null
  const { defect, line } = found
  const where = `line ${line}: ${defect.reason}`
  return { file: name, reason: where, remedy: defect.remedy, line, doubt: null, young: true }
}

/**
 * A dump of a newer server sets what an older one does not know. It may have run elsewhere, and a file
 * that ran is not to be changed.
 */
function unknownParameter({ name }: MigrationFile, { unknown }: Context): Defect | null {
  const [first, ...others] = unknown.filter(({ file }) => file === name)
  if (first === undefined) return null
  const { line, asked } = first
  const names = listNames([...new Set([first, ...others].map(found => found.asked.name))])
  return {
    file: name,
    reason: `line ${line}: the server does not know the parameter ${asked.name}`,
    remedy: `where it ran on no database, remove the lines that set ${names}`,
    line,
    doubt: null,
    young: true,
  }
}

/** A new value of an enum that is used before the transaction that adds it is over. */
function earlyUse({ name }: MigrationFile, { dialect, ahead }: Context): Defect | null {
  const sent = ahead.get(name)
  const used = sent && dialect === 'postgres' ? newValueUsed(sent) : null
  if (used === null) return null
  const { value, type, addedAt, usedAt } = used
  return {
    file: name,
    reason: `line ${usedAt} uses '${value}' in the transaction that adds it to type ${type} (line ${addedAt}): "unsafe use of new value"`,
    remedy: `move line ${usedAt}, and what else uses '${value}', into a new file behind it`,
    line: usedAt,
    doubt: 'likely',
    subject: `${name}: '${value}'`,
    young: true,
  }
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

function scanDefect(file: MigrationFile, dialect: StatementDialect): Defect | null {
  const scan = scanStatements(file.content, dialect)
  if (!('error' in scan)) return null
  const { error } = scan
  const copy = dialect === 'postgres' ? copyBefore(file.content, error.line) : null
  return {
    file: file.name,
    reason: printScanError(error),
    remedy: error.undecided
      ? 'nest its blocks less deeply'
      : copy === null
        ? 'correct the file'
        : `write the rows of COPY (line ${copy}) as INSERT statements (\`pg_dump --inserts\`)`,
    line: Math.max(copy ?? error.line, 1),
    doubt: error.undecided ? 'unchecked' : null,
  }
}
