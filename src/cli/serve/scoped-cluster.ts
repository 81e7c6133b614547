import { readWithin } from '../../review/ports/read-scope.js'
import type { CertificateChoice } from './certificate-choice.js'
import type { OpenedCluster } from '../../gate/opened-cluster.js'
import type { ClusterChoice } from '../input/cluster-choice.js'

/**
 * The cluster as far as a review may read it. A folder of manifests holds only what belongs to the
 * user.
 */
export function inScope(
  opened: OpenedCluster,
  choice: ClusterChoice,
  certificate: CertificateChoice,
): OpenedCluster {
  if (choice.kind === 'manifests') return opened
  const certificateSecret = certificate.kind === 'cluster' ? certificate.secret : null
  const { namespaces } = choice
  return { ...opened, cluster: readWithin(opened.cluster, { namespaces, certificateSecret }) }
}
