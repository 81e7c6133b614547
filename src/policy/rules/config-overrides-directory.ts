import { readableConfig, setsAttribute, setsInMigration } from '../facts/custom-config.js'
import type { CustomConfig } from '../facts/custom-config.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const configOverridesDirectory: Rule = {
  id: 'config-overrides-directory',
  title: 'The selected environment of the custom atlas.hcl sets migration.dir or for_each.',
  why: 'Atlas then runs another directory, or several databases; the directory of spec.dir, which is checked here and stored by the operator, is not the one used.',
  severity: 'warn',
  evidence: 'spec',
  order: 1050,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const overrides = overridesOf(readableConfig(facts))
  if (overrides.length === 0) return null
  const { config } = facts.migration.spec
  return {
    found: `the config's environment sets ${overrides.join(' and ')}: spec.dir is not what runs, nor checked`,
    expected: 'one database and one directory per AtlasMigration, named by spec.dir',
    remedy: 'remove that from the config',
    field: config ? 'spec.config' : 'spec.configFrom',
    subjects: overrides,
  }
}

function overridesOf(config: CustomConfig): readonly string[] {
  return [
    ...(setsInMigration(config, 'dir') ? ['migration.dir'] : []),
    ...(setsAttribute(config, 'for_each') ? ['for_each'] : []),
  ]
}
