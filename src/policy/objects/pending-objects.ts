import { readCommands } from '../../atlas/statement/commands.js'
import type { FilePlace } from '../facts/finding.js'
import { objectKey, type AskedObject, type FoundObject } from '../facts/catalog-objects.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { pendingStatements } from '../outcome/pending-statements.js'
import { commandObjects } from './command-objects.js'
import { EarlierCommands } from './earlier-commands.js'
import type { ObjectUse } from './object-use.js'
import { pendingSettings } from './pending-settings.js'

/** Most names that are asked for. A half-restored database shows within the first few. */
const mostNames = 200

/** Most uses, of which a file can have many for one name. */
const mostUses = 1000

/** A use of an object, and the statement of a pending file that it stands in. */
export interface PlacedUse {
  readonly use: ObjectUse
  readonly at: FilePlace
}

/**
 * What the pending files make, change and drop, in the order in which they run. Only where the
 * catalog as it is now still tells: no earlier command may have changed what the name stands for.
 */
export const pendingObjects: (facts: Facts) => readonly PlacedUse[] = oncePerFacts(facts => {
  const pending = pendingStatements(facts)
  if (pending?.dialect !== 'postgres') return []
  const earlier = new EarlierCommands()
  const names = new Set<string>()
  const uses: PlacedUse[] = []
  for (const { name: file, statements } of pending.files) {
    // Atlas stops at a file that it cannot split.
    if (statements === null) return uses
    for (const { text, line } of statements)
      for (const command of readCommands(text, 'postgres')) {
        if (earlier.overtaken || names.size >= mostNames || uses.length >= mostUses) return uses
        for (const use of commandObjects(command))
          if (!earlier.isOvertaken(use)) {
            names.add(objectKey(use.asked))
            uses.push({ use, at: { file, line } })
          }
        earlier.add(command)
      }
  }
  return uses
})

/** What to ask the database, each once. */
export function askedObjects(facts: Facts): readonly AskedObject[] {
  const objects = unique(pendingObjects(facts).map(({ use }) => use.asked))
  const settings = unique(pendingSettings(facts).map(({ asked }) => asked))
  return [...objects.slice(0, mostNames), ...settings]
}

function unique(asked: readonly AskedObject[]): readonly AskedObject[] {
  return [...new Map(asked.map(object => [objectKey(object), object] as const)).values()]
}

/** A use with what the database says of its object. */
export interface KnownUse extends PlacedUse {
  readonly found: FoundObject
}

/** The uses of which the database told something. */
export function knownUses(facts: Facts): readonly KnownUse[] {
  const { objects } = facts
  if (objects === undefined) return []
  return pendingObjects(facts).flatMap(placed => {
    const found = objects.get(objectKey(placed.use.asked))
    return found ? [{ ...placed, found }] : []
  })
}

/** Names the object of a use, such as `table public.orders` or `column public.orders.total`. */
export function nameUse({ use: { noun, asked }, found }: KnownUse): string {
  const schema = ['relation', 'type', 'index', 'existing', 'column', 'constraint'].includes(
    asked.kind,
  )
    ? (found.schema ?? asked.schema)
    : null
  const inTable = asked.kind === 'column' || asked.kind === 'constraint' ? asked.table : null
  return `${noun} ${[schema, inTable, asked.name].filter(part => part !== null).join('.')}`
}
