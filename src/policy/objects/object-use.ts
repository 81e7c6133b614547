import type { QualifiedName } from '../../atlas/statement/word-cursor.js'
import type { AskedObject } from '../facts/catalog-objects.js'

/** What a command of SQL does with one object that has a name. */
export interface ObjectUse {
  /** `change` and `drop` need its owner. */
  readonly purpose: 'create' | 'change' | 'drop'
  /** Whether IF NOT EXISTS or OR REPLACE lets it pass where the object is there. */
  readonly guarded: boolean
  /** For messages, such as `table`. */
  readonly noun: string
  readonly asked: AskedObject
}

interface Made {
  readonly kind: AskedObject['kind']
  readonly noun: string
  readonly guarded: boolean
}

/** A new object; `table` is that of an index, a column or a constraint. */
export function creation(
  { kind, noun, guarded }: Made,
  { schema, name }: QualifiedName,
  table: QualifiedName | null = null,
): ObjectUse {
  const place = table ? { schema: table.schema, table: table.name } : { schema, table: null }
  return { purpose: 'create', guarded, noun, asked: { kind, ...place, name } }
}

/** A change to a relation, or its end, which only its owner may bring about. */
export function ownersOnly(
  purpose: 'change' | 'drop',
  noun: string,
  { schema, name }: QualifiedName,
): ObjectUse {
  const asked = { kind: 'existing', schema, table: null, name } as const
  return { purpose, guarded: false, noun, asked }
}
