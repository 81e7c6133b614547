import type { DatabaseContent, SchemaContent } from '../../policy/facts/database-content.js'
import { checkNames, object, text, texts } from './answer-json.js'
import { maxContent } from './content-query.js'

export const contentShape = {
  type: 'array',
  items: object({ name: text, tables: texts }),
} as const

/**
 * Reads the answer to the query of what the database holds. The answer has one entry more than the
 * limit where that is not all.
 * @throws DatabaseFault for more names, or longer ones, than the query can return.
 */
export function readContent(schemas: readonly SchemaContent[]): DatabaseContent {
  checkNames(
    schemas.map(({ name }) => name),
    maxContent + 1,
  )
  let count = 0
  for (const { tables } of schemas) {
    checkNames(tables, maxContent + 1 - count)
    count += Math.max(1, tables.length)
  }
  return { schemas, isWhole: count <= maxContent }
}
