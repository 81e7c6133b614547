import type { Command } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import type { ObjectUse } from './object-use.js'
import { takeIfExists, takeRelationKind } from './relation-kind.js'

/** Settings that decide what a name stands for, or with whose rights a command runs. */
const deciding: ReadonlySet<string> = new Set(['search_path', 'schema', 'role', 'authorization'])

/**
 * Follows what the commands before a command did, as far as the catalog, which was read before all
 * of them, can no longer be relied on.
 */
export class EarlierCommands {
  #anything = false
  /** Whether a table or a part of one was dropped, and with it indexes and sequences of any name. */
  #parts = false
  readonly #dropped = new Set<string>()
  readonly #altered = new Set<string>()

  /** Whether nothing can be told any more. */
  get overtaken(): boolean {
    return this.#anything
  }

  /** Whether what the catalog says of the object may not hold any more. */
  isOvertaken({ noun, asked: { kind, table, name } }: ObjectUse): boolean {
    if (this.#anything || this.#dropped.has(name)) return true
    if (table !== null && (this.#dropped.has(table) || this.#altered.has(table))) return true
    return this.#parts && (kind === 'index' || noun === 'sequence')
  }

  add(command: Command): void {
    const first = command[0]?.key ?? ''
    this.#anything ||= doesAnything(first, command)
    if (first === 'drop') this.#drop(new WordCursor(command.slice(1), 'postgres'))
    if (first === 'alter' && command.some(({ key }) => key === 'drop')) this.#alter(command)
  }

  #drop(cursor: WordCursor): void {
    const noun = takeRelationKind(cursor) ?? cursor.skip()?.key ?? ''
    takeIfExists(cursor)
    for (const { name } of cursor.takeNames()) this.#dropped.add(name)
    this.#parts ||= noun.endsWith('table') || noun === 'materialized view'
  }

  #alter(command: Command): void {
    const cursor = new WordCursor(command.slice(1), 'postgres')
    takeRelationKind(cursor)
    takeIfExists(cursor)
    const name = cursor.takeName()
    if (name) this.#altered.add(name.name)
    this.#parts = true
  }
}

function doesAnything(first: string, command: Command): boolean {
  const has = (key: string) => command.some(word => word.key === key)
  switch (first) {
    case 'do':
    case 'call':
    case 'execute':
    case 'discard':
    case 'reassign':
      return true
    case 'reset':
    case 'set':
      return command.slice(1, 4).some(({ key }) => deciding.has(key)) || resetsAll(command)
    case 'select':
      return has('set_config') || callsFunction(command)
    case 'grant':
      return !has('on')
    case 'drop':
      return has('cascade') || ['schema', 'owned', 'extension'].includes(command[1]?.key ?? '')
    case 'alter':
      return has('rename') || setsElsewhere(command)
    default:
      return false
  }
}

/** `SELECT f(...)`: the function may do anything, unless it is one that pg_dump writes. */
function callsFunction(command: Command): boolean {
  const cursor = new WordCursor(command.slice(1), 'postgres')
  const called = cursor.takeName()
  return called !== null && cursor.next?.key === '(' && called.name !== 'setval'
}

function resetsAll([first, second]: Command): boolean {
  return first?.key === 'reset' && second?.key === 'all'
}

/** SET SCHEMA, and what a role or a database sets for sessions to come. */
function setsElsewhere(command: Command): boolean {
  if (['role', 'user', 'database'].includes(command[1]?.key ?? '')) return true
  return command.some(({ key }, at) => key === 'set' && command[at + 1]?.key === 'schema')
}
