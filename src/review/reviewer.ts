import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import type { Rule } from '../policy/facts/finding.js'
import { migrationName } from '../policy/facts/migration-name.js'
import type { WrittenKind } from '../policy/enforcement/foreign-evidence.js'
import type { Settings } from '../policy/settings/settings.js'
import type { AdmissionAnswer, AdmissionRequest, Reviewer } from './ports/admission.js'
import { type AnswerInput, buildAnswer, skipped, type Undecided } from './verdict/answer.js'
import { Arrivals } from './verdict/arrivals.js'
import { mapBounded } from './limits/bounded.js'
import { buildClusterView } from './facts/cluster-view.js'
import {
  evaluate,
  type Evaluate,
  type Evaluation,
  type EvaluationContext,
} from './verdict/evaluation.js'
import { type FaultListener, faultReason, ignoreFault, lateReason } from './ports/fault.js'
import { isNeverDenied } from './verdict/never-denied.js'
import { KnownDatabases } from './facts/known-databases.js'
import { buildPatience, type PatienceLimits, reviewPatience } from './limits/patience.js'
import { passing } from './limits/passing.js'
import type { Cluster, Deadline, RevisionsReader } from './ports/ports.js'
import type { ReachedFindings } from './verdict/reached-findings.js'
import {
  type Affected,
  findSubject,
  type ObjectReference,
  type Subject,
} from './verdict/subject.js'
import { Turns } from './verdict/turns.js'
import type { TableRoom } from './limits/table-room.js'
import { TableReads } from './facts/table-reads.js'
import type { TargetIndex } from './facts/target-index.js'

export interface ReviewerDependencies {
  readonly cluster: Cluster
  readonly reader: RevisionsReader
  /** The index of all targets, shared by all reviews and the audit. */
  readonly targets: TargetIndex
  readonly rules: readonly Rule[]
  /** Read anew for each review, since the policy file may change. */
  readonly settings: Settings
  readonly now: () => Date
  /**
   * Whether an object that is admitted will appear in the cluster: true for an API server, false
   * for a folder, which only its files change.
   */
  readonly followsAdmission?: boolean
  /** Told of every error that no port declares, each time it happens. */
  readonly onFault?: FaultListener
  /**
   * Where a review notes its verdicts while it runs, for {@link buildFailureAnswer}. Absent: such
   * an answer has no verdicts.
   */
  readonly reached?: ReachedFindings
  /**
   * What databases say of themselves, shared by all reviews and the audit. Absent: each review asks
   * anew.
   */
  readonly known?: KnownDatabases
  /** Shared by all reviews and the audit, since they share the thread. Absent: each has its own. */
  readonly turns?: Turns
  /** Room for large tables, shared likewise. Absent: there is no limit. */
  readonly room?: TableRoom
  /** How one AtlasMigration is judged. Default: by its verdict alone. */
  readonly evaluate?: Evaluate
  /**
   * How long a review waits for the databases of other AtlasMigrations. Default:
   * {@link reviewPatience}.
   */
  readonly patienceMs?: PatienceLimits
}

/**
 * Evaluations at a time. One ConfigMap may be used by hundreds of AtlasMigrations: this many use
 * the time in which slow databases answer, and stay within the limits on connections.
 */
const maxConcurrentEvaluations = 16

/**
 * Builds the use case of an admission: what a request would do to the AtlasMigrations it touches.
 */
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

/**
 * The AtlasMigration of the request, if it is about to be stored and the cluster does not show it
 * yet.
 */
function arrivalOf(
  { dryRun }: AdmissionRequest,
  { object, affected: [written] }: AffectedSubject,
): AtlasMigration | undefined {
  if (dryRun || object.kind !== 'AtlasMigration' || written?.unchanged) return undefined
  return written?.after.migration
}

/**
 * Builds the answer for a review that fails as a whole. What it had found until then counts, so
 * that a denial stays one. Otherwise the answer is "cannot decide", and the policy's onError says
 * what follows.
 */
export function buildFailureAnswer(
  dependencies: Pick<ReviewerDependencies, 'settings' | 'reached'>,
): (request: AdmissionRequest, error: unknown) => AdmissionAnswer {
  return request => {
    const object = requestedObject(request)
    const reason =
      'the review did not come to an end; the log says why under the uid of the request'
    const undecided = [{ object, reason, deniable: !isNeverDenied(request) }]
    const { settings, reached } = dependencies
    return buildAnswer({ request, settings, evaluations: reached?.of(request) ?? [], undecided })
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
  const deniable = !isNeverDenied(request)
  const undecided = problems.map(reason => ({ object, reason, deniable }))
  return buildAnswer({ request, settings, evaluations: [], undecided })
}

/** A write that is to be judged, and what judging it takes. */
export interface Review {
  readonly request: AdmissionRequest
  readonly deadline: Deadline
  readonly dependencies: ReviewerDependencies
  /** AtlasMigrations of other requests that the cluster does not show yet; see {@link Arrivals}. */
  readonly arriving: readonly AtlasMigration[]
}

async function reviewAffected(subject: AffectedSubject, review: Review): Promise<AdmissionAnswer> {
  const { request, dependencies } = review
  const evaluated = await evaluateSubject(subject, review)
  return buildAnswer({ request, settings: dependencies.settings, ...evaluated })
}

/** The verdicts on the AtlasMigrations that a write touches, and why they are not complete. */
export type EvaluatedSubject = Pick<AnswerInput, 'evaluations' | 'undecided'>

/** Judges every AtlasMigration that a write touches, until the deadline. */
export async function evaluateSubject(
  subject: AffectedSubject,
  review: Review,
): Promise<EvaluatedSubject> {
  const { deadline, dependencies, request } = review
  const context = buildContext(subject, review)
  const outcomes = await mapBounded(subject.affected, maxConcurrentEvaluations, async affected => {
    // Hundreds that wait for nothing would keep every other request from being read.
    if (affected !== subject.affected[0])
      await context.turns.next(affected.after.migration.metadata.namespace ?? '')
    if (deadline.signal.aborted) return lateReason
    const outcome = await evaluateGuarded(dependencies.evaluate ?? evaluate, affected, context)
    if (typeof outcome !== 'string') dependencies.reached?.note(request, outcome)
    return outcome
  })
  const evaluations = outcomes.filter(outcome => typeof outcome !== 'string')
  const undecided = outcomes.flatMap((outcome, index) =>
    undecidedOf(subject.affected[index] as Affected, outcome),
  )
  return { evaluations, undecided }
}

/**
 * Evaluates one AtlasMigration. One ConfigMap may feed many, and an error with one of them must
 * leave the verdicts on the others. A returned text is the reason why there is no verdict.
 */
async function evaluateGuarded(
  evaluate: Evaluate,
  affected: Affected,
  context: EvaluationContext,
): Promise<Evaluation | string> {
  try {
    return await evaluate(affected, context)
  } catch (error) {
    context.onFault({ part: 'reading', where: migrationName(affected.after.migration), error })
    return faultReason
  }
}

/** Collects what is the same for every AtlasMigration of the review. */
export function buildContext(
  { object }: AffectedSubject,
  { request, deadline, dependencies, arriving }: Review,
): EvaluationContext {
  const { cluster, reader, targets, rules, settings, now, onFault = ignoreFault } = dependencies
  return {
    view: { ...buildClusterView(cluster, deadline), arriving: () => arriving },
    tables: new TableReads(reader, deadline, dependencies.room),
    targets,
    rules,
    settings,
    written: object.kind as WrittenKind,
    dryRun: request.dryRun,
    now: now(),
    passed: passing(deadline),
    onFault,
    turns: dependencies.turns ?? new Turns(),
    known: dependencies.known ?? new KnownDatabases(reader),
    patience: buildPatience(dependencies.patienceMs ?? reviewPatience),
  }
}

function undecidedOf(affected: Affected, outcome: Evaluation | string): readonly Undecided[] {
  const { namespace = '', name = '' } = affected.after.migration.metadata
  const object = { kind: 'AtlasMigration', namespace, name }
  const reasons = typeof outcome === 'string' ? [outcome] : outcome.undecided
  return reasons.map(reason => ({ object, reason, deniable: !affected.unchanged }))
}
