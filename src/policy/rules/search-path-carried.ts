import { readCommands, type Command } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { lineOf } from '../outcome/defect.js'
import { pendingStatements, type PendingFile } from '../outcome/pending-statements.js'
import { changedPath, firstPath, type SearchPath } from '../outcome/search-path.js'

export const searchPathCarried: Rule = {
  id: 'search-path-carried',
  title:
    'A pending file changes search_path for its session, and a later one names a new table without a schema.',
  why: 'All pending files run in one session. The later file then fails, or makes its table in another schema than on a database where it runs alone.',
  severity: 'warn',
  evidence: 'content',
  order: 2079,
  since: '0.2.0',
  evaluate,
}

interface Carried {
  readonly changedBy: string
  readonly file: string
  readonly line: number
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  const pending = pendingStatements(facts)
  if (used === null || pending?.dialect !== 'postgres' || facts.target.kind !== 'resolved')
    return null
  const first = firstPath(facts.target.target.boundSchema, 'postgres')
  const carried = findCarried(pending.files, first)
  if (carried === null) return null
  const { changedBy, file, line } = carried
  return {
    found: `${file} creates a table without its schema (line ${line}), after ${changedBy} changed search_path`,
    expected: 'files that run alike alone',
    remedy: `end ${changedBy} with \`RESET search_path;\` and run \`atlas migrate hash\``,
    field: directoryField(used),
    subjects: [file],
    at: { file, line },
  }
}

function findCarried(files: readonly PendingFile[], first: SearchPath | null): Carried | null {
  let changedBy: string | null = null
  for (const { name: file, statements } of files) {
    const earlier: string | null = changedBy
    for (const statement of statements ?? []) {
      if (!/search_path|discard|reset|create/i.test(statement.text.slice(0, 2000))) continue
      for (const command of readCommands(statement.text, 'postgres')) {
        const changed = isLocal(command) ? undefined : changedPath(command, first)
        if (changed !== undefined)
          changedBy = changed?.schema === first?.schema && changed !== null ? null : file
        const table = changedBy !== null && changedBy === earlier ? newTable(command) : null
        if (table !== null && changedBy !== null)
          return { changedBy, file, line: lineOf(statement, command[0]!.start) }
      }
    }
  }
  return null
}

/** Whether a change of the path ends with the transaction. */
function isLocal(command: Command): boolean {
  if (command[1]?.key === 'local') return true
  const call = command.findIndex(({ key }) => key === 'set_config')
  return call !== -1 && command[call + 6]?.key === 'true'
}

/** The name of the table that the command creates, where it has no schema. */
function newTable(command: Command): string | null {
  const cursor = new WordCursor(command, 'postgres')
  if (!cursor.take('create')) return null
  cursor.take('unlogged')
  if (!cursor.take('table')) return null
  cursor.take('if', 'not', 'exists')
  const name = cursor.takeName()
  return name?.schema === null ? name.name : null
}
