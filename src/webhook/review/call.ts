import { CodedError } from '../../review/ports/coded-error.js'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from '../../review/ports/admission.js'
import type { CallBudget } from './call-deadline.js'

/** The review did not end in time, although its deadline's signal has fired. */
export class DeadlineError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_DEADLINE'
}

/** The connection closed before the answer, so nobody reads the answer. */
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
  /** Milliseconds of the budget that receiving the call has taken. */
  readonly usedMs: number
  /** Aborted by this call at the deadline, and by the caller with a ClientGoneError. */
  readonly controller: AbortController
  /** Makes the answer when the review fails; the policy's `onError` decides it. */
  readonly onFailure: (request: AdmissionRequest, error: unknown) => AdmissionAnswer
}

export interface ReviewOutcome {
  readonly answer: AdmissionAnswer
  /** Why `answer` comes from onFailure; null when the review itself has answered. */
  readonly failure: { readonly error: unknown } | null
}

/**
 * Runs one review. It always ends by the time for the answer, whatever the reviewer does. Rejects
 * only if onFailure throws.
 */
export async function reviewInTime(call: ReviewCall): Promise<ReviewOutcome> {
  const { reviewer, request, budget, controller } = call
  const left = (limitMs: number) => Math.max(0, limitMs - call.usedMs)
  const deadline = { at: Date.now() + left(budget.reviewMs), signal: controller.signal }
  const abort = setTimeout(() => controller.abort(overrun()), left(budget.reviewMs))
  let giveUp: NodeJS.Timeout | undefined
  const backstop = new Promise<never>((_resolve, reject) => {
    giveUp = setTimeout(() => reject(overrun()), left(budget.answerMs))
    // The review gets the same signal, so there is nothing to wait for.
    controller.signal.addEventListener('abort', () => {
      if (controller.signal.reason instanceof ClientGoneError) reject(controller.signal.reason)
    })
  })
  // The `then` turns an exception of the review into a rejection. Without it, nobody would handle
  // the rejection of the backstop.
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
