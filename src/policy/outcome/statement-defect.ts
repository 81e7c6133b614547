import { readCommands, type Command } from '../../atlas/statement/commands.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { PlacedStatement } from '../../atlas/statement/statement.js'
import { clientText } from './client-text.js'
import { lineOf, type StatementDefect } from './defect.js'
import type { PendingFile } from './pending-statements.js'
import { afterCommand, insideOnly, outsideOnly, type OpenTransaction } from './transaction.js'

export interface PlacedDefect {
  readonly defect: StatementDefect
  /** 1-based line of the file. */
  readonly line: number
}

/** The first statement of a file that cannot run, whatever the database holds; null without one. */
export function firstDefect(file: PendingFile, dialect: StatementDialect): PlacedDefect | null {
  let open: OpenTransaction = file.inTransaction ? 'atlas' : null
  for (const statement of file.statements ?? []) {
    const defect = clientText(statement.text, dialect)
    if (defect !== null) return placed(statement, defect)
    if (dialect !== 'postgres') continue
    const commands = readCommands(statement.text, dialect)
    for (const command of commands) {
      const refused = transactionDefect(command, { open, alone: commands.length === 1 })
      if (refused !== null) return placed(statement, refused)
      open = afterCommand(open, command)
    }
  }
  return null
}

function placed(statement: PlacedStatement, defect: StatementDefect): PlacedDefect {
  return { defect, line: lineOf(statement, defect.at) }
}

interface Surroundings {
  readonly open: OpenTransaction
  /** Whether nothing else is sent together with the command. */
  readonly alone: boolean
}

function transactionDefect(
  command: Command,
  { open, alone }: Surroundings,
): StatementDefect | null {
  const at = command[0]!.start
  const outside = outsideOnly(command)
  if (outside !== null && (open !== null || !alone))
    return {
      reason: `${outside} cannot run ${open === null ? 'together with other statements' : 'inside a transaction'}`,
      remedy: ways[open ?? 'together'],
      at,
    }
  const inside = open === null && alone ? insideOnly(command) : null
  if (inside === null) return null
  return {
    reason: `${inside} needs a transaction`,
    remedy: 'put BEGIN before it and COMMIT behind it',
    at,
  }
}

const ways = {
  atlas: 'put `-- atlas:txmode none` and an empty line at its top',
  file: 'remove the BEGIN before it and the COMMIT behind it',
  // PostgreSQL runs what comes in one message in one transaction.
  together: 'end the statement before it with the delimiter',
} as const
