import {
  type ConfigSource,
  configReach,
  type CustomConfig,
  readableConfig,
  setsAttribute,
  setsInMigration,
} from './facts/custom-config.js'
import type { Facts } from './facts/facts.js'

/**
 * What is not checked since a custom atlas.hcl decides it, which is read but never evaluated (a URL is often
 * `getenv("...")`). Said when a write brings it about: the object works, so every further write would say it for nothing.
 * A Secret that cannot be read, and a directory that the config sets, are said elsewhere.
 */
export function configNotices(facts: Facts): readonly string[] {
  const notice = noticeOf(facts)
  if (notice === null || (facts.before && noticeOf(facts.before) === notice)) return []
  return [notice]
}

function noticeOf(facts: ConfigSource): string | null {
  const config = readableConfig(facts)
  if (facts.config.kind !== 'read' || config.kind === 'none') return null
  const place = facts.migration.spec.configFrom?.secretKeyRef ? 'spec.configFrom' : 'spec.config'
  if (config.kind === 'unknown')
    return `the atlas.hcl of ${place} has parts that cannot be followed, and may name another database: ${nothingChecked}`
  const set = decisive(config)
  if (set.length === 0) return null
  const open = configReach(facts).target
    ? nothingChecked
    : 'what the operator will do is not predicted'
  return `${place} sets ${set.join(', ')}, and atlas.hcl is not evaluated here: ${open}. What spec says instead is checked`
}

const nothingChecked = 'neither the database nor what the operator will do with it is checked'

/** The attributes that decide on the database or the plan. */
function decisive(config: CustomConfig): readonly string[] {
  return [
    ...(setsAttribute(config, 'url') ? ['url'] : []),
    ...['revisions_schema', 'format', 'exec_order', 'baseline'].filter(name =>
      setsInMigration(config, name),
    ),
  ]
}
