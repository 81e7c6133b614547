import type { AdmissionRequest } from '../ports/admission.js'
import type { Evaluation } from './evaluation.js'

/** What reviews in flight have concluded so far: if one does not come to an end, the answer is made of that. */
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
