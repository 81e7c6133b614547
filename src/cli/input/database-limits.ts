import type { DatabaseLimits } from '../../policy/settings/settings.js'
import type { KubernetesChoice } from './cluster-choice.js'

/** What stands for the cluster; null where none does. */
type Place = { readonly kind: 'manifests' } | KubernetesChoice | null

/**
 * The limits of the policy where this runs. Loopback is a pod's own business, and whoever may write an AtlasMigration
 * has none there; with a kubeconfig, as without a cluster, this is a machine that somebody works on.
 */
export function limitsAt(place: Place, limits: DatabaseLimits): DatabaseLimits {
  if (limits.ownAddresses !== 'auto') return limits
  const isPod = place?.kind === 'kubernetes' && place.kubeconfig === null
  return { ...limits, ownAddresses: isPod ? 'refused' : 'allowed' }
}
