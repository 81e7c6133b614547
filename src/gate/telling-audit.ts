import type { Audit } from '../audit/background-audit.js'
import type { AdmissionRequest, Reviewer } from '../review/ports/admission.js'
import type { Cluster } from '../review/ports/ports.js'

export interface ToldAudit {
  readonly cluster: Cluster
  /** Returns the audit; null while none runs. */
  readonly audit: () => Pick<Audit, 'touch'> | null
}

/**
 * Has the audit look at what a review admitted. ConfigMaps and Secrets are not watched, and under
 * Flux nobody would see a warning about them. On a replica that does not lead, the audit of the
 * other one learns of it from the operator, which writes the status of each AtlasMigration whose
 * ConfigMap or Secret has changed.
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
  // AtlasMigrations are watched, so the audit sees their changes itself.
  return []
}
