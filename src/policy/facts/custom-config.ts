import type { Facts } from './facts.js'
import type { HclBlock, HclBody } from './hcl.js'

/** A custom atlas.hcl, as far as it can be followed without evaluating it. */
export type CustomConfig =
  | { readonly kind: 'none' }
  /** There is one, but it could not be read or followed to its end: nothing may be concluded. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'read'; readonly body: HclBody; readonly environments: readonly HclBody[] }

/** The environment that the operator selects when spec.envName is empty (operator 0.7, `defaultEnvName`). */
const defaultEnvironment = 'kubernetes'

/** The facts that a custom config stands in. */
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

/** One that could not be read counts too: it may name anything. */
export function hasConfig({ config }: Pick<Facts, 'config'>): boolean {
  return config.kind !== 'none'
}

/**
 * An `env` block is merged into the operator's own by its label; one without label is meant for every
 * environment (`name = atlas.env`) or for the one it names.
 */
function isSelected(block: HclBlock, environment: string): boolean {
  if (block.type !== 'env') return false
  if (block.labels.length > 0) return block.labels[0] === environment
  const name = block.body.attributes.get('name')
  return name?.kind !== 'string' || name.value === environment
}

/** An attribute in a selected environment, such as `dev`. */
export function setsAttribute(config: CustomConfig, name: string): boolean {
  return config.kind === 'read' && config.environments.some(body => body.attributes.has(name))
}

/** The same, when what could not be followed counts as well: for conclusions that need its absence. */
export function maySet(config: CustomConfig, names: readonly string[]): boolean {
  return config.kind === 'unknown' || names.some(name => setsAttribute(config, name))
}

/** An attribute of the `migration` block of a selected environment, such as `dir`. */
export function setsInMigration(config: CustomConfig, name: string): boolean {
  return (
    config.kind === 'read' &&
    config.environments
      .flatMap(body => body.blocks)
      .some(block => block.type === 'migration' && block.body.attributes.has(name))
  )
}

/** What of an AtlasMigration its custom atlas.hcl decides, or may decide, instead of the spec. */
export interface ConfigReach {
  /** Which database, and which schema of it. */
  readonly target: boolean
  /** Which files run, and in which order. */
  readonly plan: boolean
}

/** The operator lets every attribute of the config win over the spec's (0.7, mergeBlock). */
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
