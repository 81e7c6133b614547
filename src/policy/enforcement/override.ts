import type { AtlasMigration } from '../facts/atlas-migration.js'
import type { Settings } from '../settings/settings.js'

/**
 * Annotation of an AtlasMigration: `<rule-id>: <reason>`, several separated by `;` or line breaks.
 */
export const allowAnnotation = 'atlas-admission.io/allow'

/** One entry of the annotation. */
export interface Override {
  readonly rule: string
  readonly reason: string
}

export interface Overrides {
  readonly overrides: readonly Override[]
  /** Entries that cannot be used, as the object's author wrote them. */
  readonly malformed: readonly string[]
}

/**
 * Entries that are read: more than there are rules to override. Reasons are repeated in warnings
 * and logs.
 */
const maxEntries = 20

/**
 * Characters that are read: twenty long reasons. An annotation may have 256 KiB, and is read for
 * every finding.
 */
const longestText = 8192

/** The overrides that an object asks for. Whether they count is up to the policy. */
export function parseOverrides(migration: AtlasMigration): Overrides {
  const text = migration.metadata.annotations?.[allowAnnotation] ?? ''
  const entries = text
    .slice(0, longestText)
    .split(/[;\r\n]+/)
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .slice(0, maxEntries)
  const parsed = entries.map(entry => ({ entry, override: parseEntry(entry) }))
  return {
    overrides: parsed.flatMap(({ override }) => override ?? []),
    malformed: parsed.flatMap(({ entry, override }) => (override === null ? [entry] : [])),
  }
}

function parseEntry(entry: string): Override | null {
  const colon = entry.indexOf(':')
  if (colon < 1) return null
  const rule = entry.slice(0, colon).trim()
  const reason = entry.slice(colon + 1).trim()
  return rule === '' || reason === '' ? null : { rule, reason }
}

/** Whether the policy lets objects override a rule by annotation. */
export function isOverridable({ overridable }: Settings, rule: string): boolean {
  return overridable.includes(rule) || overridable.includes('*')
}
