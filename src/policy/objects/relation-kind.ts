import type { WordCursor } from '../../atlas/statement/word-cursor.js'

const kinds: readonly (readonly string[])[] = [
  ['foreign', 'table'],
  ['table'],
  ['materialized', 'view'],
  ['view'],
  ['sequence'],
  ['index'],
]

/** Takes the kind of a relation, such as MATERIALIZED VIEW; null when none comes next. */
export function takeRelationKind(cursor: WordCursor): string | null {
  return kinds.find(words => cursor.take(...words))?.join(' ') ?? null
}

/** Takes IF EXISTS, and ONLY, which may stand before the name of a table. */
export function takeIfExists(cursor: WordCursor): void {
  cursor.take('concurrently')
  cursor.take('if', 'exists')
  cursor.take('only')
}
