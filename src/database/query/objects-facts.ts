import {
  type AskedObject,
  type CatalogObjects,
  type FoundObject,
  objectKey,
} from '../../policy/facts/catalog-objects.js'
import type { TextRow } from '../wire/session.js'
import { checkNames, flag, misdescribed, object, parseAnswer, text } from './answer-json.js'

/** An entry of the answer to objects-query.ts; names that are null are left out. */
interface ObjectRow extends Pick<FoundObject, 'exists' | 'owned' | 'mayDrop' | 'mayCreate'> {
  readonly n: number
  readonly schema?: string
  readonly table?: string
  readonly owner?: string
}

const rowsShape = {
  type: 'array',
  items: object(
    {
      n: { type: 'integer' },
      exists: flag,
      schema: text,
      table: text,
      owner: text,
      owned: flag,
      mayDrop: flag,
      mayCreate: flag,
    },
    'schema',
    'table',
    'owner',
  ),
} as const

/**
 * The answers by the objects that were asked for.
 * @throws DatabaseFault for an answer that is not of the shape of the query.
 */
export function parseObjectRows(
  rows: readonly TextRow[] | undefined,
  asked: readonly AskedObject[],
): CatalogObjects {
  const entries = parseAnswer(rows, rowsShape) as readonly ObjectRow[]
  if (entries.length !== asked.length) throw misdescribed()
  const found = new Map<string, FoundObject>()
  for (const { n, schema = null, table = null, owner = null, ...flags } of entries) {
    const object = asked[n]
    if (object === undefined) throw misdescribed()
    checkNames([schema ?? '', table ?? '', owner ?? ''])
    found.set(objectKey(object), { ...flags, schema, table, owner })
  }
  return found
}
