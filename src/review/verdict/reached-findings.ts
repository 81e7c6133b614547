import type { AdmissionRequest } from '../ports/admission.js'
import type { Evaluation } from './evaluation.js'

/**
 * The verdicts of reviews that are still running. If a review fails as a whole, its answer is made
 * of these.
 */
export class ReachedFindings {
  readonly #evaluations = new WeakMap<AdmissionRequest, Evaluation[]>()

  note(request: AdmissionRequest, evaluation: Evaluation): void {
    const known = this.#evaluations.get(request)
    if (known) known.push(evaluation)
    else this.#evaluations.set(request, [evaluation])
  }

  of(request: AdmissionRequest): readonly Evaluation[] {
    return this.#evaluations.get(request) ?? []
  }
}
