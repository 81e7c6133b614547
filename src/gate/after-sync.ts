import type { AdmissionAnswer, Reviewer } from '../review/ports/admission.js'
import { isNeverDenied } from '../review/verdict/never-denied.js'
import type { ClusterWatch } from './opened-cluster.js'

export interface SyncWait {
  readonly watch: Pick<ClusterWatch, 'synced' | 'whenSynced'>
  /** What a write that is never denied is answered with before the first sync: it does not wait for the cluster. */
  readonly unjudged: AdmissionAnswer
}

/**
 * Lets reviews begin only after the first sync: before it a ConfigMap seems to have no users and a table no others, so
 * an answer could wrongly allow. Readiness keeps calls away until then; one that comes nevertheless waits as long as
 * its deadline allows.
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
