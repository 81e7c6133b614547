import { type Command, readCommands } from '../../atlas/statement/commands.js'
import { WordCursor } from '../../atlas/statement/word-cursor.js'
import { type AskedObject, objectKey } from '../facts/catalog-objects.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { pendingStatements } from '../outcome/pending-statements.js'

/** Most parameters that are asked for. A dump sets about ten. */
const mostSettings = 50

/** Most places that are kept, of which a file can have many for one name. */
const mostPlaces = 1000

/**
 * Parameters that can be set although pg_settings does not list them, for this role or for any: old
 * names, and those that only an administrator sees. Compared with SET on PostgreSQL 15.
 */
const unlisted: ReadonlySet<string> = new Set([
  'role',
  'session_authorization',
  'seed',
  'default_with_oids',
  'ssl_renegotiation_limit',
  'sort_mem',
  'vacuum_mem',
  'dynamic_library_path',
  'extension_control_path',
  'session_preload_libraries',
])

/** A pending file sets a parameter of the server. */
export interface PlacedSetting {
  readonly asked: AskedObject
  readonly file: string
  /** 1-based. */
  readonly line: number
}

/** The parameters that pending files set with SET. Nothing that runs before can make one known. */
export const pendingSettings: (facts: Facts) => readonly PlacedSetting[] = oncePerFacts(facts => {
  const pending = pendingStatements(facts)
  if (pending?.dialect !== 'postgres') return []
  const names = new Set<string>()
  const places: PlacedSetting[] = []
  for (const { name: file, statements } of pending.files) {
    // Atlas stops at a file that it cannot split.
    if (statements === null) return places
    for (const { text, line } of statements) {
      if (!mayBeSet.test(text)) continue
      for (const command of readCommands(text, 'postgres')) {
        const name = settingName(command)
        if (name === null) continue
        if (names.size >= mostSettings || places.length >= mostPlaces) return places
        names.add(name)
        places.push({ asked: { kind: 'setting', schema: null, table: null, name }, file, line })
      }
    }
  }
  return places
})

/** Spares the reading of long statements that have no such word at all. */
const mayBeSet = /\bset\b/i

/** Those of which the server said that it does not know them. */
export function unknownSettings(facts: Facts): readonly PlacedSetting[] {
  const { objects } = facts
  if (objects === undefined) return []
  return pendingSettings(facts).filter(
    ({ asked }) => objects.get(objectKey(asked))?.exists === false,
  )
}

/**
 * The parameter of `SET name TO` or `SET name =`. Other forms, such as SET TIME ZONE, have neither
 * word there. A name with a dot belongs to an extension, and any is taken.
 */
function settingName(command: Command): string | null {
  const cursor = new WordCursor(command, 'postgres')
  if (!cursor.take('set')) return null
  cursor.takeOneOf('session', 'local')
  const name = cursor.takeName()
  if (name === null || name.schema !== null || cursor.takeOneOf('to', '=') === null) return null
  const known = name.name.toLowerCase()
  return unlisted.has(known) ? null : known
}
