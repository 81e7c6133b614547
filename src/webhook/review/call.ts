import { CodedError } from '../../review/ports/coded-error.js'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../../review/ports/admission.js'
import type { CallBudget } from './call-deadline.js'

/** The review did not end in time: neither by itself nor by its deadline's signal. */
export class DeadlineError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_DEADLINE'
}

/** The connection closed before the answer: whatever it would be, nobody reads it. */
export class ClientGoneError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_CLIENT_GONE'

  constructor() {
    super('the client closed the connection before it was answered')
  }
}

export interface ReviewCall {
  readonly reviewer: Reviewer
  readonly request: AdmissionRequest
  readonly budget: CallBudget
  /** Milliseconds of the budget that receiving the call has used up. */
  readonly usedMs: number
  /** Aborted by this call at the deadline, and by the caller with a ClientGoneError. */
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
    // The review is told by the same signal; nothing is left to wait for.
    controller.signal.addEventListener('abort', () => {
      if (controller.signal.reason instanceof ClientGoneError) reject(controller.signal.reason)
    })
  })
  // Called within a promise: a review that throws must not leave the backstop without a listener.
  const review = Promise.resolve().then(() => reviewer.review(request, deadline))
  const [settled] = await Promise.allSettled([Promise.race([review, backstop])])
  clearTimeout(abort)
  clearTimeout(giveUp)
  if (settled.status === 'fulfilled') return { answer: settled.value, failure: null }
  const error: unknown = settled.reason
  return { answer: call.onFailure(request, error), failure: { error } }
}

function overrun(): DeadlineError {
  return new DeadlineError(
    'the review did not end within the time limit of the call; raise timeoutSeconds or look at what it waited for',
  )
}
