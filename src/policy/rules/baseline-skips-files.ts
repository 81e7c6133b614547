import type { MigrationFile } from '../../atlas/directory/file.js'
import { listNames } from '../../atlas/text/name-list.js'
import type { DatabaseContent } from '../facts/database-content.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { tableNames } from '../history/first-run.js'
import { emptyBaselineText } from '../history/first-run-advice.js'
import { plannedHistory } from '../history/live-history.js'
import { madeTables } from '../statements/made-tables.js'

export const baselineSkipsFiles: Rule = {
  id: 'baseline-skips-files',
  title: 'spec.baseline skips files whose tables are not in the database.',
  why: 'On a first run Atlas takes every file up to the baseline for done. Where they never ran, their tables are missing for good, and the operator says Ready, or a later file fails.',
  severity: 'warn',
  evidence: 'database',
  order: 4125,
  since: '0.2.0',
  evaluate,
}

/**
 * Warns only, because the tables may have been renamed by hand since, or be called otherwise than
 * the files say.
 */
function evaluate(facts: Facts): Finding | null {
  const skipped = skippedFiles(facts)
  const content = facts.table.kind === 'read' ? facts.table.content : undefined
  if (skipped.length === 0 || !content?.isWhole) return null
  const missing = missingOf(skipped, content, facts)
  if (missing === null) return null
  const { names, tables, isAll } = missing
  const { baseline = '' } = facts.migration.spec
  const [remedy, ...details] = waysOut(facts, isAll)
  return {
    found: `baseline ${baseline} skips ${listNames(names)}, and the database has none of what ${names.length === 1 ? 'it makes' : 'they make'}`,
    expected: 'a baseline that stands for what is there already',
    remedy,
    field: 'spec.baseline',
    subjects: names,
    details: [...(tables.length > 0 ? [`Not there: ${listNames(tables)}`] : []), ...details],
  }
}

/** The first is the one to take, where nothing else is known. */
function waysOut(facts: Facts, isAll: boolean): readonly [string, ...string[]] {
  const ran = 'set spec.baseline to the last version that really ran there'
  const none = emptyBaselineText(facts)
  if (!isAll) return [ran, `If none ran: ${none}`]
  const isClean = facts.table.kind === 'read' && facts.table.notClean === null
  return isClean
    ? ['remove spec.baseline, and every file runs', `If some ran: ${ran}`]
    : [none, `If some ran: ${ran}`]
}

/** The files that count as done by the baseline alone, at a first run. */
function skippedFiles(facts: Facts): readonly MigrationFile[] {
  const history = plannedHistory(facts)
  const { baseline = '' } = facts.migration.spec
  if (!history || baseline === '' || history.rows.length > 0) return []
  const files = history.files.filter(({ checkpoint }) => !checkpoint)
  return files.slice(0, files.findLastIndex(({ version }) => version === baseline) + 1)
}

interface Missing {
  /** Names of the files. */
  readonly names: readonly string[]
  readonly tables: readonly string[]
  /** Whether nothing of the skipped files is there. */
  readonly isAll: boolean
}

function missingOf(
  files: readonly MigrationFile[],
  content: DatabaseContent,
  facts: Facts,
): Missing | null {
  const dialect = statementDialect(facts)
  if (!dialect) return null
  const made = madeTables(files, dialect)
  const present = tableNames(content)
  if (!made.hasStatements) return null
  if (made.tables.size === 0)
    return present.size === 0
      ? { names: files.map(({ name }) => name), tables: [], isAll: true }
      : null
  const lost = [...made.tables].filter(([table]) => !present.has(table))
  // Where some of the tables are there, a statement that is not understood may have dropped the others.
  const isCertain = lost.length === made.tables.size || !made.isUnclear
  if (lost.length === 0 || !isCertain) return null
  return {
    names: [...new Set(lost.map(([, file]) => file.name))],
    tables: lost.map(([table]) => table),
    isAll: lost.length === made.tables.size,
  }
}
