import type { AdmissionAnswer, Reviewer } from '../review/ports/admission.js'
import { isNeverDenied } from '../review/verdict/never-denied.js'
import type { ClusterWatch } from './opened-cluster.js'

export interface SyncWait {
  readonly watch: Pick<ClusterWatch, 'synced' | 'whenSynced'>
  /**
   * The answer to a write that is never denied, given before the first sync without waiting for the
   * cluster.
   */
  readonly unjudged: AdmissionAnswer
}

/**
 * Reviews only after the first sync. Before it, a ConfigMap seems to have no users and a revisions
 * table no other users, so an answer could wrongly allow. Readiness keeps calls away until then;
 * one that comes nevertheless waits as long as its deadline allows.
 */
export function reviewingAfterSync(reviewer: Reviewer, { watch, unjudged }: SyncWait): Reviewer {
  return {
    async review(request, deadline) {
      if (!watch.synced() && isNeverDenied(request)) return unjudged
      await watch.whenSynced(deadline.signal)
      return reviewer.review(request, deadline)
    },
  }
}
