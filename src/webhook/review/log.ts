import type { Logger } from 'pino'
import type { AdmissionRequest } from '../../review/ports/admission.js'
import type { ReviewOutcome } from './call.js'

export interface LoggedReview extends ReviewOutcome {
  readonly path: string
  readonly request: AdmissionRequest
  readonly seconds: number
}

/** Longest name in Kubernetes. A request that was made by hand may have any. */
const MAX_NAME = 253

/**
 * Logs one line for each review: what was asked and what was answered. It holds nothing of the
 * objects themselves.
 */
export function logReview(log: Logger, review: LoggedReview): void {
  const { request, answer, failure } = review
  const line = {
    uid: request.uid,
    path: review.path,
    operation: request.operation,
    kind: shorten(request.kind.kind),
    namespace: shorten(request.namespace),
    name: shorten(request.name),
    subResource: shorten(request.subResource),
    dryRun: request.dryRun,
    verdict: answer.verdict,
    allowed: answer.allowed,
    findings: answer.findings.map(({ rule, result }) => `${rule}=${result}`),
    rewrite: answer.rewrite?.outcome,
    rewrittenFrom: answer.patch && answer.rewrite?.from,
    rewrittenTo: answer.patch && answer.rewrite?.to,
    durationMs: Math.round(review.seconds * 1000),
  }
  if (failure === null) log.info(line, 'reviewed')
  else log.error({ ...line, err: failure.error }, 'review failed, the policy for errors answered')
}

function shorten(text: string | undefined): string | undefined {
  return text?.slice(0, MAX_NAME)
}
