import type { Command } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import { addedParts } from './alter-table.js'
import { changedTable, createdObjects } from './create-command.js'
import { type ObjectUse, ownersOnly } from './object-use.js'
import { takeIfExists, takeRelationKind } from './relation-kind.js'

/**
 * The objects that one command of PostgreSQL makes, changes or drops. Which commands only the owner
 * of a table may give was tried on PostgreSQL 15: TRUNCATE and CREATE TRIGGER have rights of their
 * own.
 */
export function commandObjects(command: Command): readonly ObjectUse[] {
  const cursor = new WordCursor(command, 'postgres')
  switch (cursor.skip()?.key) {
    case 'create':
      return createdObjects(cursor)
    case 'alter':
      return altered(cursor, command)
    case 'drop':
      return dropped(cursor)
    case 'comment':
      return cursor.take('on') ? commented(cursor, command) : []
    case 'refresh':
    case 'reindex':
      return rebuilt(cursor)
    default:
      return []
  }
}

function altered(cursor: WordCursor, command: Command): readonly ObjectUse[] {
  if (cursor.takeOneOf('policy', 'trigger', 'rule')) return changedTable(cursor)
  const noun = takeRelationKind(cursor)
  if (noun === null) return []
  takeIfExists(cursor)
  const name = cursor.takeName()
  // ALTER TABLE ALL IN TABLESPACE names no table.
  if (name === null || cursor.next?.key === 'in') return []
  return [ownersOnly('change', noun, name), ...addedParts(command, name)]
}

function dropped(cursor: WordCursor): readonly ObjectUse[] {
  if (cursor.takeOneOf('policy', 'trigger', 'rule')) return changedTable(cursor)
  const noun = takeRelationKind(cursor)
  if (noun === null) return []
  takeIfExists(cursor)
  return cursor.takeNames().map(name => ownersOnly('drop', noun, name))
}

function commented(cursor: WordCursor, command: Command): readonly ObjectUse[] {
  if (cursor.take('column')) return commentedColumn(command)
  const noun = takeRelationKind(cursor)
  const name = noun && cursor.takeName()
  return noun && name ? [ownersOnly('change', noun, name)] : []
}

/** `COMMENT ON COLUMN [schema.]table.column`: what is before the last dot is the table. */
function commentedColumn(command: Command): readonly ObjectUse[] {
  const end = command.findIndex(({ key }) => key === 'is')
  const name = new WordCursor(command.slice(3, end - 2), 'postgres').takeName()
  return name === null ? [] : [ownersOnly('change', 'table', name)]
}

function rebuilt(cursor: WordCursor): readonly ObjectUse[] {
  if (cursor.take('('))
    for (let word = cursor.skip(); word !== null && word.key !== ')';) word = cursor.skip()
  const noun = takeRelationKind(cursor)
  takeIfExists(cursor)
  const name = noun && cursor.takeName()
  return noun && name ? [ownersOnly('change', noun, name)] : []
}
