import { matchesSomeGlob } from '../settings/glob.js'
import type { Enforcement, Settings } from '../settings/settings.js'

/**
 * What a policy says for one namespace: the settings for all, with the overrides that match it.
 * Later overrides win over earlier ones.
 */
export function namespaceEnforcement(settings: Settings, namespace: string): Enforcement {
  return settings.namespaces
    .filter(({ match }) => matchesSomeGlob(match, namespace))
    .reduce<Enforcement>(overrideEnforcement, settings)
}

function overrideEnforcement(below: Enforcement, above: Partial<Enforcement>): Enforcement {
  return {
    mode: above.mode ?? below.mode,
    onError: above.onError ?? below.onError,
    dryRun: above.dryRun ?? below.dryRun,
    newRules: above.newRules ?? below.newRules,
    rules: { ...below.rules, ...above.rules },
  }
}
