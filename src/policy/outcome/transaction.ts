import type { Command } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'

// Which commands PostgreSQL refuses inside a transaction, and which end or begin one. Each was tried
// on PostgreSQL 15. Whether a table is partitioned, which also matters, cannot be seen in the text.

/** Who began the transaction in which a command runs; null when none is open. */
export type OpenTransaction = 'atlas' | 'file' | null

/** The transaction that is open behind the command. */
export function afterCommand(open: OpenTransaction, command: Command): OpenTransaction {
  const cursor = cursorAt(command)
  if (cursor.take('begin') || cursor.take('start', 'transaction')) return open ?? 'file'
  if (!endsTransaction(command)) return open
  return chains(command) ? open : null
}

/** Whether the command ends the transaction that is open. */
export function endsTransaction(command: Command): boolean {
  const cursor = cursorAt(command)
  if (cursor.take('prepare', 'transaction')) return true
  if (cursor.takeOneOf('commit', 'end', 'rollback', 'abort') === null) return false
  cursor.takeOneOf('work', 'transaction')
  return !['to', 'prepared'].includes(cursor.next?.key ?? '')
}

/** `AND CHAIN` opens the next transaction at once. */
function chains(command: Command): boolean {
  return command.some(
    ({ key }, index) => key === 'chain' && command[index - 1]?.key === 'and' && index > 0,
  )
}

/** The name of a command that no transaction takes; null for all others. */
export function outsideOnly(command: Command): string | null {
  const cursor = cursorAt(command)
  switch (cursor.skip()?.key) {
    case 'create':
      return created(cursor)
    case 'drop':
      return dropped(cursor)
    case 'alter':
      return altered(cursor, command)
    case 'reindex':
      return reindexed(cursor)
    case 'vacuum':
      return 'VACUUM'
    case 'cluster':
      return clustersAll(cursor) ? 'CLUSTER without a table' : null
    case 'discard':
      return cursor.take('all') ? 'DISCARD ALL' : null
    case 'commit':
      return cursor.take('prepared') ? 'COMMIT PREPARED' : null
    case 'rollback':
      return cursor.take('prepared') ? 'ROLLBACK PREPARED' : null
    default:
      return null
  }
}

/** The name of a command that needs a transaction; null for all others. */
export function insideOnly(command: Command): string | null {
  const cursor = cursorAt(command)
  if (cursor.take('lock')) return 'LOCK TABLE'
  if (cursor.take('savepoint')) return 'SAVEPOINT'
  if (cursor.take('release')) return 'RELEASE SAVEPOINT'
  if (cursor.takeOneOf('rollback', 'abort') === null) return null
  cursor.takeOneOf('work', 'transaction')
  return cursor.take('to') ? 'ROLLBACK TO' : null
}

function created(cursor: WordCursor): string | null {
  if (cursor.take('database')) return 'CREATE DATABASE'
  if (cursor.take('tablespace')) return 'CREATE TABLESPACE'
  if (cursor.take('subscription')) return makesSlot(cursor) ? 'CREATE SUBSCRIPTION' : null
  cursor.take('unique')
  return cursor.take('index', 'concurrently') ? 'CREATE INDEX CONCURRENTLY' : null
}

/** A subscription makes a slot on the publisher unless an option says otherwise. */
function makesSlot(cursor: WordCursor): boolean {
  for (let word = cursor.skip(); word !== null; word = cursor.skip()) {
    if (word.key === 'connect') return false
    if (word.key === 'create_slot' && cursor.take('=')) return !isOff(cursor)
  }
  return true
}

function dropped(cursor: WordCursor): string | null {
  if (cursor.take('database')) return 'DROP DATABASE'
  if (cursor.take('tablespace')) return 'DROP TABLESPACE'
  return cursor.take('index', 'concurrently') ? 'DROP INDEX CONCURRENTLY' : null
}

function altered(cursor: WordCursor, command: Command): string | null {
  if (cursor.take('system')) return 'ALTER SYSTEM'
  if (cursor.take('database')) {
    cursor.takeName()
    return cursor.take('set', 'tablespace') ? 'ALTER DATABASE ... SET TABLESPACE' : null
  }
  const detaches =
    cursor.take('table') &&
    command.some(({ key }, index) => key === 'detach' && command[index + 1]?.key === 'partition') &&
    command.at(-1)?.key === 'concurrently'
  return detaches ? 'ALTER TABLE ... DETACH PARTITION CONCURRENTLY' : null
}

const switchedOff: ReadonlySet<string> = new Set(['false', 'off', '0'])

function reindexed(cursor: WordCursor): string | null {
  let concurrently = false
  if (cursor.take('('))
    for (let word = cursor.skip(); word !== null && word.key !== ')'; word = cursor.skip())
      if (word.key === 'concurrently') concurrently = !isOff(cursor)
  const kind = cursor.skip()?.key ?? ''
  if (concurrently || cursor.take('concurrently')) return 'REINDEX CONCURRENTLY'
  return ['database', 'system', 'schema'].includes(kind) ? `REINDEX ${kind.toUpperCase()}` : null
}

function isOff({ next }: WordCursor): boolean {
  return switchedOff.has(next?.text ?? '')
}

function clustersAll(cursor: WordCursor): boolean {
  if (cursor.take('('))
    for (let word = cursor.skip(); word !== null && word.key !== ')';) word = cursor.skip()
  cursor.take('verbose')
  return cursor.next === null
}

function cursorAt(command: Command): WordCursor {
  return new WordCursor(command, 'postgres')
}
