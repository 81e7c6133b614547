import type { CatalogObjects } from '../../policy/facts/catalog-objects.js'
import type { Facts } from '../../policy/facts/facts.js'
import { askedObjects } from '../../policy/objects/pending-objects.js'
import type { PartReads } from './part-reads.js'
import type { TableUse } from './table-reads.js'
import type { ResolvedTarget } from './target-resolution.js'

interface ObjectSources {
  readonly use: Pick<TableUse, 'readObjects'>
  readonly parts: PartReads
  readonly turn: () => Promise<void>
}

const nothing: CatalogObjects = new Map()

/**
 * Asks the database for the names that the pending files use: a second trip, made only when files
 * are pending. null when nothing is to be asked. A database that does not answer leaves the verdict
 * complete but for this.
 */
export async function readPendingObjects(
  facts: Facts,
  { url }: ResolvedTarget,
  { use, parts, turn }: ObjectSources,
): Promise<CatalogObjects | null> {
  const pending = facts.prediction?.first.pending ?? []
  if (url === null || facts.table.kind !== 'read' || pending.length === 0) return null
  await turn()
  const asked = askedObjects(facts)
  if (asked.length === 0) return null
  const found = await parts.read<CatalogObjects>({
    name: 'what the database holds already',
    read: async () => (await use.readObjects(url, asked)) ?? nothing,
    fallback: () => nothing,
    unchecked: { part: 'reading', note: 'what the database holds already' },
  })
  return found.size === 0 ? null : found
}
