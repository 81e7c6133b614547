import type { QualifiedName, WordCursor } from '../../atlas/statement/word-cursor.js'
import { creation, type ObjectUse, ownersOnly } from './object-use.js'

/** What a command makes, or changes on the way; the cursor is behind CREATE. */
export function createdObjects(cursor: WordCursor): readonly ObjectUse[] {
  const replaces = cursor.take('or', 'replace')
  cursor.takeOneOf('global', 'local')
  // Nobody else sees a temporary object, and it stands in nobody's way.
  if (cursor.takeOneOf('temp', 'temporary')) return []
  cursor.takeOneOf('unlogged', 'recursive')
  const word = cursor.skip()?.key
  if (word === 'unique') return cursor.take('index') ? indexOf(cursor) : []
  if (word === 'foreign' || word === 'materialized') {
    const noun = `${word} ${cursor.skip()?.key}`
    return noun === 'foreign table' || noun === 'materialized view' ? relationOf(cursor, noun) : []
  }
  return makers.get(word ?? '')?.(cursor, replaces) ?? []
}

type Maker = (cursor: WordCursor, replaces: boolean) => readonly ObjectUse[]

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['table', cursor => relationOf(cursor, 'table')],
  ['sequence', cursor => relationOf(cursor, 'sequence')],
  ['view', viewOf],
  ['index', cursor => indexOf(cursor)],
  ['type', cursor => named(cursor, 'type', 'type')],
  ['domain', cursor => named(cursor, 'type', 'domain')],
  ['extension', cursor => named(cursor, 'extension', 'extension')],
  ['schema', schemaOf],
  ['role', cursor => named(cursor, 'role', 'role')],
  ['group', cursor => named(cursor, 'role', 'role')],
  ['user', cursor => (cursor.take('mapping') ? [] : named(cursor, 'role', 'role'))],
  ['policy', changedTable],
])

function named(
  cursor: WordCursor,
  kind: 'relation' | 'type' | 'extension' | 'role',
  noun: string,
): readonly ObjectUse[] {
  const guarded = cursor.take('if', 'not', 'exists')
  const name = cursor.takeName()
  return name === null || isTemporary(name) ? [] : [creation({ kind, noun, guarded }, name)]
}

function relationOf(cursor: WordCursor, noun: string): readonly ObjectUse[] {
  const made = named(cursor, 'relation', noun)
  const parent = cursor.take('partition', 'of') ? cursor.takeName() : null
  return parent === null ? made : [...made, ownersOnly('change', 'table', parent)]
}

function viewOf(cursor: WordCursor, replaces: boolean): readonly ObjectUse[] {
  const name = cursor.takeName()
  if (name === null || isTemporary(name)) return []
  const made = creation({ kind: 'relation', noun: 'view', guarded: replaces }, name)
  return replaces ? [made, ownersOnly('change', 'view', name)] : [made]
}

/** An index lies in the schema of its table, whatever its name says. */
function indexOf(cursor: WordCursor): readonly ObjectUse[] {
  cursor.take('concurrently')
  const guarded = cursor.take('if', 'not', 'exists')
  const name = cursor.next?.key === 'on' ? null : cursor.takeName()
  cursor.take('on')
  cursor.take('only')
  const table = cursor.takeName()
  if (table === null || isTemporary(table)) return []
  const changed = ownersOnly('change', 'table', table)
  if (name === null) return [changed]
  return [creation({ kind: 'index', noun: 'index', guarded }, name, table), changed]
}

function schemaOf(cursor: WordCursor): readonly ObjectUse[] {
  const guarded = cursor.take('if', 'not', 'exists')
  // CREATE SCHEMA AUTHORIZATION x makes a schema with the name of the role.
  cursor.take('authorization')
  const name = cursor.takeName()
  return name === null ? [] : [creation({ kind: 'schema', noun: 'schema', guarded }, name)]
}

/** `POLICY p ON table`, and the like for triggers and rules. */
export function changedTable(cursor: WordCursor): readonly ObjectUse[] {
  // It may not be there, and then nobody's right is asked for.
  if (cursor.take('if', 'exists')) return []
  const name = cursor.takeName()
  const table = name !== null && cursor.take('on') ? cursor.takeName() : null
  return table === null ? [] : [ownersOnly('change', 'table', table)]
}

function isTemporary({ schema }: QualifiedName): boolean {
  return schema === 'pg_temp'
}
