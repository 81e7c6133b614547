import type { Audit } from '../audit/background-audit.js'
import type { AdmissionRequest, Reviewer } from '../review/ports/admission.js'
import type { Cluster } from '../review/ports/ports.js'

export interface ToldAudit {
  readonly cluster: Cluster
  /** null while none runs. */
  readonly audit: () => Pick<Audit, 'touch'> | null
}

/**
 * Tells the audit what is written: a ConfigMap or Secret is not watched, and a warning about it would reach nobody
 * under Flux. On another replica than the one that audits, the operator tells: it writes the status of each
 * AtlasMigration whose ConfigMap or Secret has changed.
 */
export function tellingAudit(reviewer: Reviewer, { cluster, audit }: ToldAudit): Reviewer {
  return {
    async review(request, deadline) {
      const answer = await reviewer.review(request, deadline)
      if (answer.allowed && !request.dryRun) audit()?.touch(usersOf(request, cluster))
      return answer
    },
  }
}

function usersOf({ kind, namespace = '', name = '' }: AdmissionRequest, cluster: Cluster) {
  if (kind.kind === 'ConfigMap') return cluster.migrationsOfConfigMap(namespace, name)
  if (kind.kind === 'Secret') return cluster.migrationsOfSecret(namespace, name)
  // An AtlasMigration is watched.
  return []
}
