import type { Command } from '../../atlas/statement/commands.js'
import type { QualifiedName } from '../../atlas/statement/word-cursor.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import { creation, type ObjectUse } from './object-use.js'

/** What may follow ADD where neither COLUMN nor the name of a column does. */
const nameless: ReadonlySet<string> = new Set(['primary', 'unique', 'check', 'foreign', 'exclude'])

/**
 * The columns and constraints that an ALTER TABLE adds. None where it drops something as well, which
 * is done first.
 */
export function addedParts(command: Command, table: QualifiedName): readonly ObjectUse[] {
  if (command.some(({ key }) => key === 'drop')) return []
  return actionsOf(command)
    .filter(([first]) => first?.key === 'add')
    .flatMap(action => addedPart(new WordCursor(action.slice(1), 'postgres'), table))
}

/**
 * The actions of the command, which stand between commas that are in no parentheses. Those before
 * the first ADD or ALTER are left out: `ALTER COLUMN id ADD GENERATED` adds no column.
 */
function actionsOf(command: Command): readonly Command[] {
  const start = command.findIndex(({ key }, at) => key === 'add' || (key === 'alter' && at > 0))
  const actions: Command[number][][] = [[]]
  let depth = 0
  for (const word of start === -1 ? [] : command.slice(start)) {
    if (word.key === '(') depth++
    if (word.key === ')') depth--
    if (word.key === ',' && depth === 0) actions.push([])
    else actions.at(-1)!.push(word)
  }
  return actions
}

function addedPart(cursor: WordCursor, table: QualifiedName): readonly ObjectUse[] {
  if (cursor.take('constraint')) return addedConstraint(cursor, table)
  if (nameless.has(cursor.next?.key ?? '')) return []
  cursor.take('column')
  const guarded = cursor.take('if', 'not', 'exists')
  const name = cursor.takeName()
  return name === null ? [] : [creation({ kind: 'column', noun: 'column', guarded }, name, table)]
}

/** A unique constraint makes an index of its name. */
function addedConstraint(cursor: WordCursor, table: QualifiedName): readonly ObjectUse[] {
  const name = cursor.takeName()
  if (name === null) return []
  const made = { noun: 'constraint', guarded: false } as const
  const makesIndex = ['unique', 'primary', 'exclude'].includes(cursor.next?.key ?? '')
  // An index that is there can be made a constraint, and keeps its name.
  const uses = cursor.take('unique', 'using') || cursor.take('primary', 'key', 'using')
  const constraint = creation({ ...made, kind: 'constraint' }, name, table)
  return makesIndex && !uses
    ? [constraint, creation({ ...made, kind: 'index' }, name, table)]
    : [constraint]
}
