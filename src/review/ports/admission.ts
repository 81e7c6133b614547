import type { PatchOperation } from '../../policy/consolidation/directory-rewrite.js'
import type { Deadline } from './ports.js'

/** The part of an admission.k8s.io/v1 AdmissionRequest that a review needs. Objects are untrusted. */
export interface AdmissionRequest {
  readonly uid: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly subResource?: string
  readonly namespace?: string
  readonly name?: string
  readonly object: unknown
  readonly oldObject: unknown
  readonly dryRun: boolean
}

/** One machine-readable cause of a denial (metav1.StatusCause). */
export interface Cause {
  readonly reason: string
  readonly field: string
  readonly message: string
}

/** The metav1.Status of an answer that does not allow. */
export interface DenialStatus {
  readonly code: 403 | 503
  readonly reason: 'Forbidden' | 'ServiceUnavailable'
  readonly message: string
  readonly details: {
    readonly causes?: readonly Cause[]
    readonly retryAfterSeconds?: number
  }
}

/** The words for a result that PolicyReport uses. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'error' | 'skip'

/**
 * What /mutate did with an AtlasMigration whose ConfigMap another one consolidates. rewritten: it
 * was pointed to that one. The others leave it alone. unsafe: the operator could fail with the
 * other ConfigMap. ambiguous: more than one claims to consolidate it. undecided: something needed
 * could not be read.
 */
export type RewriteOutcome = 'rewritten' | 'unsafe' | 'ambiguous' | 'undecided'

/** The content of an answer, before it is put into an AdmissionReview. */
export interface AdmissionAnswer {
  readonly verdict: Verdict
  readonly allowed: boolean
  readonly status?: DenialStatus
  /** Single lines, short enough for an API server to pass on. */
  readonly warnings: readonly string[]
  /** The keys are the name part of a qualified name; the API server adds the webhook's name. */
  readonly auditAnnotations: Readonly<Record<string, string>>
  /** What each rule led to, for log and metrics. There are no more of them than rules. */
  readonly findings: readonly {
    readonly rule: string
    readonly result: 'denied' | 'warned' | 'audited' | 'exempted' | 'overridden'
  }[]
  /** The change to the object, only of /mutate. */
  readonly patch?: readonly PatchOperation[]
  /**
   * What became of the rewrite, only of /mutate, for log and metrics. Absent where nothing was to
   * be rewritten.
   */
  readonly rewrite?: {
    readonly outcome: RewriteOutcome
    /** Names of ConfigMaps; absent where there is not exactly one. */
    readonly from?: string
    readonly to?: string
  }
}

/**
 * What answers /validate or /mutate. Rejects with a CodedError, and only when the request itself
 * cannot be judged.
 */
export interface Reviewer {
  review(request: AdmissionRequest, deadline: Deadline): Promise<AdmissionAnswer>
}
