import { readCommands, type Command } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import type { PlacedStatement } from '../../atlas/statement/statement.js'
import { lineOf } from './defect.js'
import type { PendingFile } from './pending-statements.js'
import { afterCommand, endsTransaction, type OpenTransaction } from './transaction.js'

/** A value that an enum gets in a transaction, and a text of that kind in the same transaction. */
export interface UsedValue {
  readonly value: string
  readonly type: string
  /** 1-based, of the statement that adds it. */
  readonly addedAt: number
  /** 1-based, of the first statement that seems to use it. */
  readonly usedAt: number
}

interface Added extends Pick<UsedValue, 'value' | 'type'> {
  readonly statement: PlacedStatement
  readonly at: number
}

/** Most values that are followed, so that a long list of them and long blocks take no long time. */
const mostValues = 20

/** Commands that may name a new value, and those that hold any text. */
const harmless: ReadonlySet<string> = new Set(['alter type', 'comment on', 'create type'])

/**
 * The first use of a new value of an enum before its transaction is over, which PostgreSQL refuses
 * (55P04). Whether a text means the value is only known to the server. A type that the file itself
 * makes is left out, as PostgreSQL 17 takes its values at once. null without one.
 */
export function newValueUsed(file: PendingFile): UsedValue | null {
  // Most files have no such command, and need no second reading.
  if (!file.statements?.some(({ text }) => addsValue.test(text))) return null
  let open: OpenTransaction = file.inTransaction ? 'atlas' : null
  const made = new Set<string>()
  const added = new Map<string, Added>()
  for (const statement of file.statements) {
    for (const command of readCommands(statement.text, 'postgres')) {
      // Lines are counted at the end alone: counting them for each command would take too long.
      const at = command[0]!.start
      const used = usedValue(command, added)
      if (used !== null) return placed(used, lineOf(statement, at))
      if (endsTransaction(command)) added.clear()
      open = afterCommand(open, command)
      const type = madeType(command)
      if (type !== null) made.add(type)
      const more = addedValue(command)
      if (more === null || open === null || made.has(more.type)) continue
      if (added.size < mostValues) added.set(more.value, { ...more, statement, at })
    }
  }
  return null
}

function placed({ value, type, statement, at }: Added, usedAt: number): UsedValue {
  return { value, type, addedAt: lineOf(statement, at), usedAt }
}

const addsValue = /\badd\s+value\b/i

/** The value that `ALTER TYPE name ADD VALUE [IF NOT EXISTS] 'value'` adds. */
function addedValue(command: Command): Pick<UsedValue, 'type' | 'value'> | null {
  const cursor = new WordCursor(command, 'postgres')
  const type = cursor.take('alter', 'type') ? cursor.takeName() : null
  if (type === null || !cursor.take('add', 'value')) return null
  cursor.take('if', 'not', 'exists')
  const value = cursor.takeString()
  return value === null || value === '' ? null : { type: type.name, value }
}

function madeType(command: Command): string | null {
  const cursor = new WordCursor(command, 'postgres')
  return cursor.take('create', 'type') ? (cursor.takeName()?.name ?? null) : null
}

/** The first text of the command that is one of the values. A block runs its text at once. */
function usedValue(command: Command, added: ReadonlyMap<string, Added>): Added | null {
  const [first, second] = command
  if (added.size === 0 || harmless.has(`${first!.key} ${second?.key}`)) return null
  for (const { kind, text } of command) {
    if (kind !== 'string') continue
    const used = added.get(text) ?? (first!.key === 'do' ? valueInBlock(text, added) : undefined)
    if (used) return used
  }
  return null
}

function valueInBlock(body: string, added: ReadonlyMap<string, Added>): Added | undefined {
  return [...added.values()].find(({ value }) => body.includes(`'${value}'`))
}
