import { rewritePatch } from '../policy/consolidation/directory-rewrite.js'
import type { AdmissionAnswer, Reviewer } from './ports/admission.js'
import { skipped } from './verdict/answer.js'
import { passing } from './limits/passing.js'
import { buildContext, type Review, type ReviewerDependencies } from './reviewer.js'
import { decideRewrite, type RewriteDecision } from './rewrite/rewrite.js'
import { rewriteWarning } from './rewrite/text.js'
import { type Affected, findSubject, type Subject } from './verdict/subject.js'

/** Only AtlasMigrations are rewritten, so who refers to a ConfigMap or Secret does not matter. */
const nobody = { migrationsOfConfigMap: () => [], migrationsOfSecret: () => [] }

/** The answer when there is nothing to rewrite, without a word for the audit log either. */
export const untouched: AdmissionAnswer = { ...skipped, auditAnnotations: {} }

/**
 * The answer when a rewrite fails or takes too long. The object stays as it was sent, and the
 * validating webhook judges it.
 */
export const unrewritten: AdmissionAnswer = {
  ...untouched,
  verdict: 'error',
  auditAnnotations: { rewrite: 'undecided' },
  rewrite: { outcome: 'undecided' },
}

/**
 * Builds the use case behind /mutate: a patch that points an AtlasMigration to its consolidated
 * ConfigMap, where the policy says so and it is safe. It never denies. If anything cannot be read
 * in time, the object stays as it is.
 */
export function buildRewriter(dependencies: ReviewerDependencies): Reviewer {
  return {
    async review(request, deadline) {
      if (dependencies.settings.consolidation.rewrite === 'off') return untouched
      const subject = findSubject(request, nobody)
      if (subject.kind !== 'affected') return untouched
      const review = { request, deadline, dependencies, arriving: [] }
      return Promise.race([
        rewriteSubject(subject, review),
        passing(deadline).then(() => unrewritten),
      ])
    },
  }
}

async function rewriteSubject(
  subject: Extract<Subject, { kind: 'affected' }>,
  review: Review,
): Promise<AdmissionAnswer> {
  // Only an AtlasMigration gets here, and such a request affects just that one.
  const [affected] = subject.affected as readonly [Affected]
  return answerOf(await decideRewrite(affected, buildContext(subject, review)))
}

function answerOf(decision: RewriteDecision): AdmissionAnswer {
  if (decision.kind === 'unclaimed') return untouched
  if (decision.kind === 'kept') {
    const { outcome, from, to } = decision
    const verdict = outcome === 'undecided' ? 'error' : 'pass'
    const rewrite = { outcome, from, ...(to !== undefined && { to }) }
    // The answer of /validate says why an object is left alone. Saying it here as well would show
    // it twice.
    return { ...untouched, verdict, auditAnnotations: { rewrite: outcome }, rewrite }
  }
  const { from, to } = decision.rewrite
  return {
    ...untouched,
    verdict: 'warn',
    warnings: [rewriteWarning(decision.rewrite)],
    auditAnnotations: { rewrite: 'rewritten' },
    rewrite: { outcome: 'rewritten', from, to },
    patch: rewritePatch(decision.rewrite),
  }
}
