import type { TableFacts } from '../../policy/facts/facts.js'

/** Bytes that a row takes beside its texts: some ten short texts, and the object that holds them. */
const bytesPerRow = 600

/** What a table takes in memory, roughly. */
export function tableBytes(table: TableFacts): number {
  if (table.kind !== 'read' || table.revisions === null) return 0
  let bytes = 0
  for (const { description, error, errorStatement, partialHashes } of table.revisions) {
    bytes += bytesPerRow + description.length + error.length + errorStatement.length
    for (const hash of partialHashes) bytes += hash.length
  }
  return bytes
}
