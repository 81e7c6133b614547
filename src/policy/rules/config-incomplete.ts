import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import { hasConfig, readableConfig } from '../facts/custom-config.js'
import { isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { urlMissing } from '../url/config-url.js'

export const configIncomplete: Rule = {
  id: 'config-incomplete',
  title: 'A custom config or a remote directory lacks something the operator needs.',
  why: 'Without envName or a cloud token the operator stops; for a remote directory with a config that has no atlas block it crashes, and does so again at every retry.',
  severity: 'deny',
  evidence: 'spec',
  order: 1040,
  since: '0.1.0',
  cel: {
    subjects: `
      o.?spec.?configFrom.?secretKeyRef.hasValue() ? [] :
      o.?spec.?config.orValue('') != '' ? (o.?spec.?envName.orValue('') == '' ? ['spec.envName'] : []) :
      o.?spec.?dir.?remote.?name.orValue('') != '' && !o.?spec.?cloud.?tokenFrom.?secretKeyRef.hasValue() ?
      ['spec.cloud.tokenFrom'] : []`,
    // The config in the Secret may be anything.
    possible: `
      (o.?spec.?envName.orValue('') == '' ? ['spec.envName'] : []) +
      (o.?spec.?dir.?remote.?name.orValue('') != '' && !o.?spec.?cloud.?tokenFrom.?secretKeyRef.hasValue() &&
      (o.?spec.?configFrom.?secretKeyRef.hasValue() || o.?spec.?config.orValue('') == '') ?
      ['spec.cloud.tokenFrom'] : [])`,
    found: `
      object.spec.?config.orValue('') != '' ?
      'a custom config without spec.envName ("env name must be set when using custom atlas.hcl config")' :
      'spec.dir.remote without a cloud token ("cannot use remote directory without Atlas Cloud token")'`,
    fix: `with a config set spec.envName, without one spec.cloud.tokenFrom.secretKeyRef`,
  },
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { spec } = facts.migration
  const config = readableConfig(facts)
  if (hasConfig(facts) && facts.operator.allowCustomConfig === false) return configRefused
  if (config.kind === 'unknown') return withoutEnvironment(spec, facts)
  if (config.kind === 'none') return isRemote(spec) && !hasToken(spec) ? tokenMissing : null
  if (!spec.envName) return environmentMissing
  const hasAtlas = config.body.blocks.some(block => block.type === 'atlas')
  if (isRemote(spec) && !hasAtlas && !hasCloud(spec)) return atlasBlockMissing
  return urlMissing(spec, config)
}

/**
 * The finding for a config without the environment. A config that could not be read to its end
 * still is one; one that could not be read at all may be empty.
 */
function withoutEnvironment(spec: AtlasMigrationSpec, { config }: Facts): Finding | null {
  return config.kind === 'read' && !spec.envName ? environmentMissing : null
}

function hasToken({ cloud }: AtlasMigrationSpec): boolean {
  return Boolean(cloud?.tokenFrom?.secretKeyRef)
}

/**
 * Whether the spec has a field for which the operator writes an `atlas` block of its own (operator
 * 0.7, `asBlocks`).
 */
function hasCloud(spec: AtlasMigrationSpec): boolean {
  return hasToken(spec) || Boolean(spec.cloud?.project) || Boolean(spec.cloud?.url)
}

const configRefused: Finding = {
  found: 'the operator takes no custom atlas.hcl (operator.allowCustomConfig: false in the policy)',
  expected: 'the settings in the spec, or an operator that allows a custom config',
  remedy: 'set url and dir in the spec, or install the operator with allowCustomConfig',
  field: 'spec.config',
  subjects: ['spec.config'],
  since: '0.2.0',
}

const environmentMissing: Finding = {
  found:
    'a custom config without spec.envName ("env name must be set when using custom atlas.hcl config")',
  expected: 'the name of the env block to use',
  remedy: 'set spec.envName',
  field: 'spec.envName',
  subjects: ['spec.envName'],
}

const tokenMissing: Finding = {
  found:
    'spec.dir.remote without a cloud token ("cannot use remote directory without Atlas Cloud token")',
  expected: 'a token, or a custom config that connects to Atlas Cloud',
  remedy: 'set spec.cloud.tokenFrom.secretKeyRef',
  field: 'spec.cloud.tokenFrom',
  subjects: ['spec.cloud.tokenFrom'],
}

const atlasBlockMissing: Finding = {
  found:
    'spec.dir.remote with a config that has no atlas block and no spec.cloud: the operator crashes',
  expected: 'an atlas { cloud { token } } block in the config, or spec.cloud',
  remedy: 'set spec.cloud.tokenFrom, or add the block',
  field: 'spec.cloud',
  subjects: ['spec.cloud'],
}
