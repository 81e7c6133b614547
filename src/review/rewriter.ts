import { rewritePatch } from '../policy/consolidation/directory-rewrite.js'
import type { AdmissionAnswer, Reviewer } from './ports/admission.js'
import { skipped } from './verdict/answer.js'
import { passing } from './limits/passing.js'
import { buildContext, type Review, type ReviewerDependencies } from './reviewer.js'
import { decideRewrite, type RewriteDecision } from './rewrite/rewrite.js'
import { rewriteWarning } from './rewrite/text.js'
import { type Affected, findSubject, type Subject } from './verdict/subject.js'

/** Only AtlasMigrations are rewritten, so nobody asks who refers to what. */
const nobody = { migrationsOfConfigMap: () => [], migrationsOfSecret: () => [] }

/** Nothing to rewrite: an answer without a word, also for the audit log. */
export const untouched: AdmissionAnswer = { ...skipped, auditAnnotations: {} }

/** When a rewrite fails or overruns its time: the object stays as it was sent, for the validating webhook to judge. */
export const unrewritten: AdmissionAnswer = {
  ...untouched,
  verdict: 'error',
  auditAnnotations: { rewrite: 'undecided' },
  rewrite: { outcome: 'undecided' },
}

/**
 * The use case behind /mutate: a patch that points an AtlasMigration to its consolidated ConfigMap, where the policy
 * says so and it is safe. It never denies, and whatever cannot be read or read in time leaves the object alone.
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
  // Only an AtlasMigration has come this far, and it is about itself alone.
  const [affected] = subject.affected as readonly [Affected]
  return answerOf(await decideRewrite(affected, buildContext(subject, review)))
}

function answerOf(decision: RewriteDecision): AdmissionAnswer {
  if (decision.kind === 'unclaimed') return untouched
  if (decision.kind === 'kept') {
    const { outcome, from, to } = decision
    const verdict = outcome === 'undecided' ? 'error' : 'pass'
    const rewrite = { outcome, from, ...(to !== undefined && { to }) }
    // Why it is left alone is for the validating answer to say: here it would be said twice.
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
