import type { DatabaseLimits } from '../../policy/settings/settings.js'
import type { KubernetesChoice } from './cluster-choice.js'

/** What stands for the cluster; null for nothing. */
type Place = { readonly kind: 'manifests' } | KubernetesChoice | null

/**
 * The limits of the policy, for the place where this process runs. In a pod, loopback belongs to
 * the pod, and whoever may write an AtlasMigration must not reach it. With a kubeconfig, or without
 * a cluster, this is a machine that a person works on.
 */
export function limitsAt(place: Place, limits: DatabaseLimits): DatabaseLimits {
  if (limits.ownAddresses !== 'auto') return limits
  const isPod = place?.kind === 'kubernetes' && place.kubeconfig === null
  return { ...limits, ownAddresses: isPod ? 'refused' : 'allowed' }
}
