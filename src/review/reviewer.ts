import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { Rule } from '../policy/finding.js'
import type { WrittenKind } from '../policy/foreign-evidence.js'
import type { Settings } from '../policy/settings.js'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from './admission.js'
import { type AnswerInput, buildAnswer, skipped, type Undecided } from './answer.js'
import { Arrivals } from './arrivals.js'
import { mapBounded } from './bounded.js'
import { buildClusterView } from './cluster-view.js'
import type { Evaluation, EvaluationContext } from './evaluation.js'
import { passing } from './passing.js'
import type { Cluster, Deadline, RevisionsReader } from './ports.js'
import { evaluateWithRemark } from './rewrite-remark.js'
import { type Affected, findSubject, type ObjectReference, type Subject } from './subject.js'
import { TableReads } from './table-reads.js'
import type { TargetIndex } from './target-index.js'

export interface ReviewerDependencies {
  readonly cluster: Cluster
  readonly reader: RevisionsReader
  /** Shared by all reviews and the audit. */
  readonly targets: TargetIndex
  readonly rules: readonly Rule[]
  /** Asked anew for each review: a policy file may change. */
  readonly settings: Settings
  readonly now: () => Date
  /** What is admitted will show in the cluster: true for an API server, false for a folder, which only its files change. */
  readonly followsAdmission?: boolean
}

/**
 * One ConfigMap may feed hundreds of databases. So many are judged at a time: enough to use the time
 * of slow ones, few enough for the caps on connections.
 */
const maxConcurrentEvaluations = 16

/** The use case: what a request would do to the AtlasMigrations it touches. */
export function buildReviewer(dependencies: ReviewerDependencies): Reviewer {
  const { cluster, followsAdmission = false } = dependencies
  const arrivals = new Arrivals(dependencies.now)
  return {
    async review(request, deadline) {
      const arriving = arrivals.unseen(cluster)
      const subject = findSubject(request, arrivals.users(cluster))
      if (subject.kind === 'skip') return skipped
      if (subject.kind === 'unreadable') return unreadableAnswer(subject, request, dependencies)
      const judge = () => reviewAffected(subject, { request, deadline, dependencies, arriving })
      const arrival = followsAdmission ? arrivalOf(request, subject) : undefined
      return arrival ? arrivals.during(arrival, judge) : judge()
    },
  }
}

export type AffectedSubject = Extract<Subject, { kind: 'affected' }>

/** A new AtlasMigration that is going to be stored. */
function arrivalOf(
  { operation, dryRun }: AdmissionRequest,
  { object, affected }: AffectedSubject,
): AtlasMigration | undefined {
  if (operation !== 'CREATE' || dryRun || object.kind !== 'AtlasMigration') return undefined
  return affected[0]?.after.migration
}

/** The answer when a review fails as a whole: "cannot decide", as the policy's onError says. */
export function buildFailureAnswer(
  dependencies: Pick<ReviewerDependencies, 'settings'>,
): (request: AdmissionRequest, error: unknown) => AdmissionAnswer {
  return request => {
    const object = requestedObject(request)
    const reason =
      'the review did not come to an end; the log says why under the uid of the request'
    const undecided = [{ object, reason, deniable: request.operation !== 'DELETE' }]
    const { settings } = dependencies
    return buildAnswer({ request, settings, evaluations: [], undecided })
  }
}

function requestedObject({ kind, namespace = '', name = '' }: AdmissionRequest): ObjectReference {
  return { kind: kind.kind, namespace, name }
}

function unreadableAnswer(
  { object, problems }: Extract<Subject, { kind: 'unreadable' }>,
  request: AdmissionRequest,
  { settings }: ReviewerDependencies,
): AdmissionAnswer {
  const undecided = problems.map(reason => ({ object, reason, deniable: true }))
  return buildAnswer({ request, settings, evaluations: [], undecided })
}

/** A write that is to be judged. */
export interface Review {
  readonly request: AdmissionRequest
  readonly deadline: Deadline
  readonly dependencies: ReviewerDependencies
  /** AtlasMigrations that the cluster does not show yet. */
  readonly arriving: readonly AtlasMigration[]
}

async function reviewAffected(subject: AffectedSubject, review: Review): Promise<AdmissionAnswer> {
  const { request, dependencies } = review
  const evaluated = await evaluateSubject(subject, review)
  return buildAnswer({ request, settings: dependencies.settings, ...evaluated })
}

/** The verdicts on what a write touches, and why they are not complete. */
export type EvaluatedSubject = Pick<AnswerInput, 'evaluations' | 'undecided'>

/** Judges every AtlasMigration that a write touches, until the deadline. */
export async function evaluateSubject(
  subject: AffectedSubject,
  review: Review,
): Promise<EvaluatedSubject> {
  const { deadline } = review
  const context = buildContext(subject, review)
  const passed = passing(deadline)
  const outcomes = await mapBounded(subject.affected, maxConcurrentEvaluations, affected =>
    deadline.signal.aborted
      ? passed
      : Promise.race([evaluateWithRemark(affected, context), passed]),
  )
  const evaluations = outcomes.filter(outcome => outcome !== null)
  const undecided = outcomes.flatMap((outcome, index) =>
    undecidedOf(subject.affected[index] as Affected, outcome),
  )
  return { evaluations, undecided }
}

/** What is the same for every AtlasMigration of the review. */
export function buildContext(
  { object }: AffectedSubject,
  { request, deadline, dependencies, arriving }: Review,
): EvaluationContext {
  const { cluster, reader, targets, rules, settings, now } = dependencies
  return {
    view: { ...buildClusterView(cluster, deadline), arriving: () => arriving },
    tables: new TableReads(reader, deadline),
    targets,
    rules,
    settings,
    written: object.kind as WrittenKind,
    dryRun: request.dryRun,
    now: now(),
  }
}

function undecidedOf(affected: Affected, outcome: Evaluation | null): readonly Undecided[] {
  const { namespace = '', name = '' } = affected.after.migration.metadata
  const object = { kind: 'AtlasMigration', namespace, name }
  const reasons = outcome?.undecided ?? ['the time limit of the request has passed']
  return reasons.map(reason => ({ object, reason, deniable: !affected.unchanged }))
}
