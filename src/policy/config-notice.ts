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
 * Says what is not checked because a custom atlas.hcl decides it. The config is read but never
 * evaluated (a URL is often `getenv("...")`). Only the write that brings this about gets the
 * notice: the object works, so every further write would repeat it for nothing. Other messages tell
 * of a Secret that cannot be read, and of a directory that the config sets.
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

/** Names of the attributes that decide on the database or the plan. */
function decisive(config: CustomConfig): readonly string[] {
  return [
    ...(setsAttribute(config, 'url') ? ['url'] : []),
    ...['revisions_schema', 'format', 'exec_order', 'baseline'].filter(name =>
      setsInMigration(config, name),
    ),
  ]
}
