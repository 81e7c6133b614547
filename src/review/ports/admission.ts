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

/** metav1.Status of an answer that does not allow. */
export interface DenialStatus {
  readonly code: 403 | 503
  readonly reason: 'Forbidden' | 'ServiceUnavailable'
  readonly message: string
  readonly details: {
    readonly causes?: readonly Cause[]
    readonly retryAfterSeconds?: number
  }
}

/** PolicyReport's result words. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'error' | 'skip'

/**
 * What became of an AtlasMigration whose ConfigMap another consolidates: pointed to that one, or left alone since that
 * would not be safe, since more than one claims it, or since that could not be decided.
 */
export type RewriteOutcome = 'rewritten' | 'unsafe' | 'ambiguous' | 'undecided'

/** The content of an answer, before it is put into an AdmissionReview. */
export interface AdmissionAnswer {
  readonly verdict: Verdict
  readonly allowed: boolean
  readonly status?: DenialStatus
  /** Single lines that a kube-apiserver does not drop. */
  readonly warnings: readonly string[]
  /** Keys are the name part of a qualified name. */
  readonly auditAnnotations: Readonly<Record<string, string>>
  /** For log and metrics: what each rule led to. Bounded by the catalogue. */
  readonly findings: readonly {
    readonly rule: string
    readonly result: 'denied' | 'warned' | 'audited' | 'exempted' | 'overridden'
  }[]
  /** Only of /mutate: what is to be stored instead. */
  readonly patch?: readonly PatchOperation[]
  /** Only of /mutate, for log and metrics; absent where nothing was to be rewritten. */
  readonly rewrite?: {
    readonly outcome: RewriteOutcome
    /** Names of ConfigMaps; absent where there is not one. */
    readonly from?: string
    readonly to?: string
  }
}

/** The use case behind /validate or /mutate. Rejects only when the request itself cannot be judged (CodedError). */
export interface Reviewer {
  review(request: AdmissionRequest, deadline: Deadline): Promise<AdmissionAnswer>
}
