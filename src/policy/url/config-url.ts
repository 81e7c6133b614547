import { listNames } from '../../atlas/text/name-list.js'
import type { AtlasMigrationSpec } from '../facts/atlas-migration.js'
import type { CustomConfig } from '../facts/custom-config.js'
import { isPlainName } from './driver-parameters.js'
import type { Finding } from '../facts/finding.js'
import { namesTarget } from '../facts/named-target.js'

type ReadConfig = Extract<CustomConfig, { readonly kind: 'read' }>

/**
 * The finding for a config in which the operator looks for a URL in vain; null when there is one. It
 * merges the config into an env block that it makes of the spec, and wants a `url` in what comes out
 * (operator 0.7, `render`).
 */
export function urlMissing(spec: AtlasMigrationSpec, config: ReadConfig): Finding | null {
  if (namesTarget(spec) || config.environments.some(({ attributes }) => attributes.has('url')))
    return null
  const { envName = '', configFrom } = spec
  const lack =
    config.environments.length > 0
      ? `the env block ${envName} of the config has no url`
      : `the config has no env block ${envName}`
  return {
    found: `${lack}, spec no URL ("database URL is empty")`,
    expected: 'a url in the env block that spec.envName names, or in the spec',
    remedy: `${config.environments.length > 0 ? 'add a url to it' : 'add that block with a url'}${otherBlocks(config)}`,
    field: 'spec.envName',
    subjects: [`spec.envName ${envName}`],
    since: '0.2.0',
    // The Secret may change without this object.
    ...(configFrom?.secretKeyRef && { severity: 'warn' as const }),
  }
}

/** Names the blocks that have a URL: the name of the block is often only misspelt. */
function otherBlocks({ body }: ReadConfig): string {
  const labels = body.blocks
    .filter(({ type, body }) => type === 'env' && body.attributes.has('url'))
    .flatMap(({ labels }) => labels.slice(0, 1))
  const names = [...new Set(labels.filter(isPlainName))]
  return names.length > 0 ? `, or name one that has a url in spec.envName: ${listNames(names)}` : ''
}
