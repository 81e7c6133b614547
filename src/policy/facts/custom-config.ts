import type { Facts } from './facts.js'
import type { HclBlock, HclBody } from '../text/hcl.js'

/** A custom atlas.hcl, as far as it can be understood without evaluating it. */
export type CustomConfig =
  | { readonly kind: 'none' }
  /**
   * There is a config, but it could not be read, or not to its end. Nothing may be concluded from
   * it.
   */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'read'; readonly body: HclBody; readonly environments: readonly HclBody[] }

/**
 * The environment that the operator selects when spec.envName is empty (operator 0.7,
 * `defaultEnvName`).
 */
const defaultEnvironment = 'kubernetes'

/** The facts that tell of a custom config. */
export type ConfigSource = Pick<Facts, 'config' | 'migration'>

export function readableConfig(facts: ConfigSource): CustomConfig {
  if (!hasConfig(facts)) return { kind: 'none' }
  if (facts.config.kind !== 'read') return { kind: 'unknown' }
  const { body, complete } = facts.config.document
  if (!complete) return { kind: 'unknown' }
  const name = facts.migration.spec.envName || defaultEnvironment
  const environments = body.blocks.filter(block => isSelected(block, name))
  return { kind: 'read', body, environments: environments.map(block => block.body) }
}

/**
 * Whether there is a custom config. One that could not be read counts too, since it may set
 * anything.
 */
export function hasConfig({ config }: Pick<Facts, 'config'>): boolean {
  return config.kind !== 'none'
}

/**
 * Whether an `env` block is merged into the environment of the operator. One with a label is merged
 * by that label; one without is meant for every environment (`name = atlas.env`) or for the one it
 * names.
 */
function isSelected(block: HclBlock, environment: string): boolean {
  if (block.type !== 'env') return false
  if (block.labels.length > 0) return block.labels[0] === environment
  const name = block.body.attributes.get('name')
  return name?.kind !== 'string' || name.value === environment
}

/** Whether the config sets an attribute, such as `dev`, in a selected environment. */
export function setsAttribute(config: CustomConfig, name: string): boolean {
  return config.kind === 'read' && config.environments.some(body => body.attributes.has(name))
}

/**
 * Whether the config may set one of the attributes. What could not be read counts as setting them,
 * for conclusions that need their absence.
 */
export function maySet(config: CustomConfig, names: readonly string[]): boolean {
  return config.kind === 'unknown' || names.some(name => setsAttribute(config, name))
}

/**
 * Whether the config sets an attribute, such as `dir`, in the `migration` block of a selected
 * environment.
 */
export function setsInMigration(config: CustomConfig, name: string): boolean {
  return (
    config.kind === 'read' &&
    config.environments
      .flatMap(body => body.blocks)
      .some(block => block.type === 'migration' && block.body.attributes.has(name))
  )
}

/** What a custom atlas.hcl decides, or may decide, in place of the AtlasMigration's spec. */
export interface ConfigReach {
  /** Which database is migrated, and which schema of it. */
  readonly target: boolean
  /** Which files run, and in which order. */
  readonly plan: boolean
}

/**
 * Tells what the config decides. Every attribute of the config wins over the one that the operator
 * makes of the spec (0.7, mergeBlock).
 */
export function configReach(facts: ConfigSource): ConfigReach {
  const config = readableConfig(facts)
  if (config.kind === 'none') return { target: false, plan: false }
  if (config.kind === 'unknown' || setsAttribute(config, 'for_each'))
    return { target: true, plan: true }
  const sets = (...names: readonly string[]) => names.some(name => setsInMigration(config, name))
  return {
    target: setsAttribute(config, 'url') || sets('revisions_schema'),
    plan: sets('dir', 'format', 'exec_order', 'baseline'),
  }
}
