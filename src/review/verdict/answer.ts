import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import { causes, denialMessage } from '../../policy/message.js'
import { namespaceEnforcement } from '../../policy/enforcement/namespace-enforcement.js'
import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import type { Settings } from '../../policy/settings/settings.js'
import { warningLines } from '../../policy/warning.js'
import type {
  AdmissionAnswer,
  AdmissionRequest,
  DenialStatus,
  Verdict,
} from '../ports/admission.js'
import type { Evaluation } from './evaluation.js'
import { isNeverDenied } from './never-denied.js'
import type { ObjectReference } from './subject.js'

/** The answer when there is nothing to judge: allowed, without a word. */
export const skipped: AdmissionAnswer = {
  verdict: 'skip',
  allowed: true,
  warnings: [],
  auditAnnotations: { verdict: 'skip' },
  findings: [],
}

/** One reason why a verdict is incomplete. */
export interface Undecided {
  readonly object: ObjectReference
  readonly reason: string
  /**
   * Whether the reason may deny the request. An object that does not change is admitted whatever
   * cannot be read.
   */
  readonly deniable: boolean
}

export interface AnswerInput {
  readonly request: AdmissionRequest
  readonly settings: Settings
  readonly evaluations: readonly Evaluation[]
  readonly undecided: readonly Undecided[]
}

/**
 * Makes one answer of all verdicts of a request: denied, with every finding in one message; else
 * "cannot decide", as `onError` says; else allowed, with warnings.
 */
export function buildAnswer(input: AnswerInput): AdmissionAnswer {
  const { evaluations, request, settings } = input
  const judged = evaluations.flatMap(evaluation => evaluation.judged)
  // An object must be able to go (Flux loses track of one whose deletion failed), and one of which nothing changes
  // was stored already.
  const status = isNeverDenied(request) ? null : (denial(judged, settings) ?? refusal(input))
  const notices = evaluations.flatMap(evaluation => evaluation.notices)
  const warnings = warningLines(judged, [...notices, ...undecidedLines(input, judged)])
  const verdict = verdictOf(input, judged)
  return {
    verdict,
    allowed: status === null,
    ...(status !== null && { status }),
    warnings,
    auditAnnotations: annotations(input, judged, verdict),
    findings: judged.map(found => ({ rule: found.rule.id, result: resultOf(found) })),
  }
}

function denial(judged: readonly JudgedFinding[], settings: Settings): DenialStatus | null {
  if (!judged.some(found => found.action === 'deny')) return null
  const details = { causes: causes(judged) }
  return { code: 403, reason: 'Forbidden', message: denialMessage(judged, settings), details }
}

/** Long enough for a database to come back after a failover, short enough for a person to wait. */
const retryAfterSeconds = 2

function refusal({ undecided, settings }: AnswerInput): DenialStatus | null {
  const first = undecided.find(
    ({ deniable, object }) => deniable && isRefused(settings, object.namespace),
  )
  if (!first) return null
  return {
    code: 503,
    reason: 'ServiceUnavailable',
    message: undecidedLine(first),
    details: { retryAfterSeconds },
  }
}

function isRefused(settings: Settings, namespace: string): boolean {
  const { mode, onError } = namespaceEnforcement(settings, namespace)
  return mode === 'enforce' && onError === 'deny'
}

/**
 * The lines for what could not be decided. A failing database has a finding of its own that says
 * the same, so its line is left out.
 */
function undecidedLines(
  { undecided }: AnswerInput,
  judged: readonly JudgedFinding[],
): readonly string[] {
  const said = judged
    .filter(found => found.action !== 'audit')
    .map(found => `${found.finding.found} ${found.finding.details?.join(' ') ?? ''}`)
  return undecided
    .filter(({ reason }) => !said.some(text => text.includes(reason)))
    .map(undecidedLine)
}

function undecidedLine({ object, reason }: Undecided): string {
  const { kind, namespace, name } = object
  return shorten(sanitizeText(`cannot decide on ${kind} ${namespace}/${name}: ${reason}`), 256)
}

function verdictOf(
  { undecided, evaluations, request }: AnswerInput,
  judged: readonly JudgedFinding[],
): Verdict {
  const denied = judged.some(found => found.action === 'deny')
  if (denied && !isNeverDenied(request)) return 'fail'
  if (undecided.length > 0) return 'error'
  const notices = evaluations.some(evaluation => evaluation.notices.length > 0)
  return denied || notices || judged.some(found => found.action === 'warn') ? 'warn' : 'pass'
}

function resultOf(found: JudgedFinding): AdmissionAnswer['findings'][number]['result'] {
  if (found.cause === 'exempted' || found.cause === 'overridden') return found.cause
  return ({ deny: 'denied', warn: 'warned', audit: 'audited' } as const)[found.action]
}

function annotations(
  { evaluations, request }: AnswerInput,
  judged: readonly JudgedFinding[],
  verdict: Verdict,
): Readonly<Record<string, string>> {
  const rules = new Set(judged.map(found => found.rule.id))
  const unchecked = new Set(evaluations.flatMap(evaluation => evaluation.unchecked))
  return {
    verdict,
    ...(rules.size > 0 && { rules: [...rules].join(',') }),
    ...(unchecked.size > 0 && { 'not-checked': [...unchecked].join(', ') }),
    ...(request.dryRun && { 'dry-run': 'true' }),
  }
}
