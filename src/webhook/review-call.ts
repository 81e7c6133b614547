import { CodedError } from '../review/coded-error.js'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../review/admission.js'
import type { CallBudget } from './call-deadline.js'

/** The review did not end in time: neither by itself nor by its deadline's signal. */
export class DeadlineError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_DEADLINE'
}

export interface ReviewCall {
  readonly reviewer: Reviewer
  readonly request: AdmissionRequest
  readonly budget: CallBudget
  /** Milliseconds of the budget that receiving the call has used up. */
  readonly usedMs: number
  /** Aborted by this call at the deadline, and by the caller when the client is gone. */
  readonly controller: AbortController
  /** What to answer when the review fails: a policy's `onError` decides. */
  readonly onFailure: (request: AdmissionRequest, error: unknown) => AdmissionAnswer
}

export interface ReviewOutcome {
  readonly answer: AdmissionAnswer
  /** Why `answer` is onFailure's; null when the review itself has answered. */
  readonly failure: { readonly error: unknown } | null
}

/** Runs one review. Always ends by the answer's time limit, whatever the reviewer does; rejects only if onFailure throws. */
export async function reviewInTime(call: ReviewCall): Promise<ReviewOutcome> {
  const { reviewer, request, budget, controller } = call
  const left = (limitMs: number) => Math.max(0, limitMs - call.usedMs)
  const deadline = { at: Date.now() + left(budget.reviewMs), signal: controller.signal }
  const abort = setTimeout(() => controller.abort(overrun()), left(budget.reviewMs))
  let giveUp: NodeJS.Timeout | undefined
  const backstop = new Promise<never>((_resolve, reject) => {
    giveUp = setTimeout(() => reject(overrun()), left(budget.answerMs))
  })
  try {
    const answer = await Promise.race([reviewer.review(request, deadline), backstop])
    return { answer, failure: null }
  } catch (error) {
    return { answer: call.onFailure(request, error), failure: { error } }
  } finally {
    clearTimeout(abort)
    clearTimeout(giveUp)
  }
}

function overrun(): DeadlineError {
  return new DeadlineError(
    'the review did not end within the time limit of the call; raise timeoutSeconds or look at what it waited for',
  )
}
