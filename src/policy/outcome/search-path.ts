import type { Command } from '../../atlas/statement/commands.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'

/** Where a server looks for a name without a schema. null where that is not known. */
export interface SearchPath {
  readonly schema: string
  /** Whether the URL or a file sets it. Otherwise the role or the database may have another. */
  readonly certain: boolean
}

/** The path of a session that nothing has changed yet. */
export function firstPath(
  boundSchema: string | null,
  dialect: StatementDialect,
): SearchPath | null {
  if (dialect !== 'postgres')
    return boundSchema === null ? null : { schema: boundSchema, certain: true }
  if (boundSchema === null) return { schema: 'public', certain: false }
  // PostgreSQL folds and splits what Atlas takes as it is. Only a plain name is the same for both.
  return /^[a-z_][a-z0-9_]*$/.test(boundSchema) ? { schema: boundSchema, certain: true } : null
}

/** How a command changes the path; undefined when it leaves it alone. */
export function changedPath(
  command: Command,
  first: SearchPath | null,
): SearchPath | null | undefined {
  const cursor = new WordCursor(command, 'postgres')
  if (cursor.take('reset')) return cursor.takeOneOf('search_path', 'all') ? first : undefined
  if (cursor.take('discard', 'all')) return first
  if (!cursor.take('set')) return setsByFunction(command) ? null : undefined
  const local = cursor.takeOneOf('session', 'local') === 'local'
  if (cursor.take('schema')) return local ? null : namedPath(cursor)
  if (!cursor.take('search_path')) return undefined
  if (cursor.takeOneOf('to', '=') === null || local) return null
  return cursor.take('default') ? first : namedPath(cursor)
}

function setsByFunction(command: Command): boolean {
  return command.some(
    ({ key }, index) => key === 'set_config' && command[index + 2]?.text === 'search_path',
  )
}

/** A path of exactly one schema. */
function namedPath(cursor: WordCursor): SearchPath | null {
  const schema = cursor.takeString() ?? cursor.takeName()?.name ?? ''
  const plain = schema !== '' && !schema.includes('$') && cursor.next === null
  return plain ? { schema, certain: true } : null
}
