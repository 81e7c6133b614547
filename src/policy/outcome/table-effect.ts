import type { Command } from '../../atlas/statement/commands.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { WordCursor, type QualifiedName } from '../../atlas/statement/word-cursor.js'

/** What a command does to the table in which Atlas records what ran. */
export type TableEffect =
  | 'creates'
  | 'drops'
  | 'may drop'
  | 'renames'
  | 'moves'
  | 'empties'
  | 'adds a primary key to'
  | 'changes the columns of'
  | 'changes rows of'
  | 'creates the schema of'
  | 'drops the schema of'
  | 'renames the schema of'

/** The table, as far as a command can name it. */
export interface EffectTarget {
  readonly dialect: StatementDialect
  readonly isTable: (name: QualifiedName) => boolean
  /** The schema in which the table lives. */
  readonly schema: string
}

/** What the command does to the table; null when it leaves it alone. */
export function tableEffect(command: Command, target: EffectTarget): TableEffect | null {
  const cursor = new WordCursor(command, target.dialect)
  switch (cursor.skip()?.key) {
    case 'create':
      return created(cursor, target)
    case 'drop':
      return dropped(cursor, target)
    case 'alter':
      return altered(cursor, target)
    case 'truncate':
      cursor.take('table')
      return cursor.takeNames().some(target.isTable) ? 'empties' : null
    case 'rename':
      return cursor.takeOneOf('table', 'tables') && named(cursor, target) ? 'renames' : null
    case 'delete':
    case 'insert':
      cursor.takeOneOf('from', 'into')
      return named(cursor, target) ? 'changes rows of' : null
    case 'update':
      return named(cursor, target) ? 'changes rows of' : null
    default:
      return null
  }
}

function named(cursor: WordCursor, { isTable }: EffectTarget): boolean {
  cursor.take('only')
  const name = cursor.takeName()
  return name !== null && isTable(name)
}

function created(cursor: WordCursor, target: EffectTarget): TableEffect | null {
  if (takesSchema(cursor, target)) {
    if (cursor.take('if', 'not', 'exists')) return null
    cursor.take('authorization')
    return cursor.takeName()?.name === target.schema ? 'creates the schema of' : null
  }
  cursor.take('unlogged')
  if (!cursor.take('table') || cursor.take('if', 'not', 'exists')) return null
  return named(cursor, target) ? 'creates' : null
}

function dropped(cursor: WordCursor, target: EffectTarget): TableEffect | null {
  // The role that migrates made the table, so it owns it unless somebody gave it away.
  if (cursor.take('owned', 'by'))
    return cursor.takeOneOf('current_user', 'session_user', 'current_role') ? 'may drop' : null
  const schema = takesSchema(cursor, target)
  if (!schema && !cursor.take('table')) return null
  cursor.take('if', 'exists')
  const names = cursor.takeNames()
  if (!schema) return names.some(target.isTable) ? 'drops' : null
  return names.some(({ name }) => name === target.schema) ? 'drops the schema of' : null
}

/** MySQL's databases are its schemas. */
function takesSchema(cursor: WordCursor, { dialect }: EffectTarget): boolean {
  return cursor.take('schema') || (dialect === 'mysql' && cursor.take('database'))
}

function altered(cursor: WordCursor, target: EffectTarget): TableEffect | null {
  if (cursor.take('schema')) {
    const renames = cursor.takeName()?.name === target.schema && cursor.take('rename')
    return renames ? 'renames the schema of' : null
  }
  if (!cursor.take('table')) return null
  cursor.take('if', 'exists')
  if (!named(cursor, target)) return null
  cursor.take('*')
  if (cursor.take('rename')) return renamed(cursor)
  if (cursor.take('set', 'schema')) return 'moves'
  if (cursor.take('drop')) return 'changes the columns of'
  if (!cursor.take('add')) return null
  if (cursor.take('constraint')) cursor.takeName()
  return cursor.take('primary', 'key') ? 'adds a primary key to' : null
}

function renamed(cursor: WordCursor): TableEffect | null {
  if (cursor.takeOneOf('to', 'as')) return 'renames'
  return cursor.take('constraint') || cursor.take('index') ? null : 'changes the columns of'
}
