import { ClusterError } from './cluster-error.js'
import type { Cluster } from './ports.js'

/** The objects that may be read for whoever writes an AtlasMigration, or claims to. */
export interface ReadScope {
  /** The namespaces that may be read. With none given, all but the cluster's own may. */
  readonly namespaces: readonly string[]
  /** The Secret with the key of this webhook's certificate; null when none is known. */
  readonly certificateSecret: { readonly namespace: string; readonly name: string } | null
}

/** A namespace that holds credentials of the whole cluster, and no database of a tenant. */
const clusterNamespace = 'kube-system'

/**
 * The type of Secrets that hold a certificate's key. No database URL is made of one, and the
 * webhook's own key may be in one, for example when cert-manager makes it.
 */
const certificateType = 'kubernetes.io/tls'

/**
 * The same cluster, but no ConfigMap and no Secret beyond the scope is read. A request may name any
 * namespace, and what a Secret says goes to the host that the same request names. Rejects with a
 * ClusterError for objects beyond the scope, so that messages call them unreadable and not missing.
 */
export function readWithin<C extends Cluster>(cluster: C, scope: ReadScope): C {
  return {
    ...cluster,
    async readConfigMap(namespace, name, deadline) {
      checkNamespace(namespace, scope)
      return cluster.readConfigMap(namespace, name, deadline)
    },
    async readSecret(namespace, name, deadline) {
      checkNamespace(namespace, scope)
      const own = scope.certificateSecret
      if (own?.namespace === namespace && own.name === name) throw refused(ofCertificate)
      const secret = await cluster.readSecret(namespace, name, deadline)
      if (secret?.type === certificateType) throw refused(ofCertificate)
      return secret
    },
    async configMapNames(namespace, prefix, deadline) {
      checkNamespace(namespace, scope)
      return cluster.configMapNames(namespace, prefix, deadline)
    },
    async consolidatedConfigMaps(namespace, deadline) {
      checkNamespace(namespace, scope)
      return cluster.consolidatedConfigMaps(namespace, deadline)
    },
  }
}

const ofCertificate = 'a Secret with the key of a certificate is never read'

function checkNamespace(namespace: string, { namespaces }: ReadScope): void {
  if (namespace === clusterNamespace)
    throw refused(`nothing in the namespace ${clusterNamespace} is ever read`)
  if (namespaces.length > 0 && !namespaces.includes(namespace))
    throw refused('its namespace is none of those that are watched (--namespaces)')
}

function refused(reason: string): ClusterError {
  return new ClusterError(reason)
}
