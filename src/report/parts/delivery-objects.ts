import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import type { Outlook } from '../../policy/explain/outlook.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { Verdict } from '../../review/ports/admission.js'
import type { DeliveredWrite } from '../../review/delivery.js'
import type { Evaluation } from '../../review/verdict/evaluation.js'
import { gravestFirst } from './severity-order.js'

/** What a whole delivery means for one AtlasMigration. */
export interface DeliveredVerdict {
  /** As it was judged last. */
  readonly migration: AtlasMigration
  readonly verdict: Verdict
  /** The most severe first. */
  readonly judged: readonly JudgedFinding[]
  readonly undecided: readonly string[]
  readonly unchecked: readonly string[]
  readonly outlook: Outlook | null
  readonly notices: readonly string[]
}

interface Collected {
  migration: AtlasMigration
  readonly evaluations: Evaluation[]
  /**
   * What the last write that touched it left undecided. An earlier write's open questions may be
   * answered by then.
   */
  undecided: readonly string[]
}

/**
 * The verdict on each AtlasMigration, in the order in which they first occur. It is that of the
 * last write that touches the object, but what an earlier write would have been denied for stays, and
 * so does what a rule says of a change.
 */
export function summarizeDelivery(writes: readonly DeliveredWrite[]): readonly DeliveredVerdict[] {
  const collected = new Map<string, Collected>()
  for (const { touched, evaluations, undecided } of writes) {
    for (const migration of touched) {
      const key = migrationName(migration)
      const entry = collected.get(key) ?? { migration, evaluations: [], undecided: [] }
      collected.set(key, entry)
      entry.migration = migration
      entry.undecided = undecided
        .filter(({ object: { namespace, name } }) => `${namespace}/${name}` === key)
        .map(({ reason }) => reason)
      entry.evaluations.push(
        ...evaluations.filter(({ affected }) => migrationName(affected.after.migration) === key),
      )
    }
  }
  return Array.from(collected.values(), describe)
}

function describe({ migration, evaluations, undecided }: Collected): DeliveredVerdict {
  const last = evaluations.at(-1)
  const judged = gravestFirst(mergeFindings(evaluations))
  return {
    migration,
    judged,
    undecided,
    unchecked: last?.unchecked ?? [],
    outlook: last?.outlook ?? null,
    notices: last?.notices ?? [],
    verdict: verdictOf(judged, { isJudged: last !== undefined, undecided }),
  }
}

function mergeFindings(evaluations: readonly Evaluation[]): readonly JudgedFinding[] {
  const last = withoutFolded(evaluations)
  const earlier = evaluations.slice(0, -1).flatMap(({ judged }) => judged)
  const kept = earlier.filter(({ action, rule }) => action === 'deny' || rule.isAboutChange)
  const stillThere = last.map(found => kept.find(other => covers(other, found)) ?? found)
  const passedBy = kept.filter(other => !last.some(found => covers(other, found)))
  return [...unique(stillThere), ...unique(passedBy)]
}

/**
 * Whether an earlier finding says already what a later one does. What a write brought about is old
 * for the next write, where less may be known of it.
 */
function covers(earlier: JudgedFinding, later: JudgedFinding): boolean {
  if (isSame(earlier, later)) return true
  const subjects = new Set(earlier.finding.subjects)
  return (
    earlier.rule.id === later.rule.id &&
    !later.introduced &&
    later.finding.subjects.every(subject => subjects.has(subject))
  )
}

/**
 * What the last write left as it was, except for what the write before it folded into a denial. A
 * Secret that moves a database is such a write: after it the move is over, and the advice of the rules
 * that only see the new database would be wrong.
 */
function withoutFolded(evaluations: readonly Evaluation[]): readonly JudgedFinding[] {
  const [last = [], before = []] = [evaluations.at(-1)?.judged, evaluations.at(-2)?.judged]
  if (!before.some(({ action }) => action === 'deny')) return last
  const said = new Set(before.map(({ rule }) => rule.id))
  return last.filter(({ action, introduced, rule }) => {
    return action === 'deny' || introduced || said.has(rule.id)
  })
}

/**
 * Whether a rule says the same of two writes. Of the same subjects it may say it in other words,
 * since each write knows another state before it: that is one cause all the same.
 */
function isSame(a: JudgedFinding, b: JudgedFinding): boolean {
  return (
    a.rule.id === b.rule.id &&
    (a.finding.found === b.finding.found || subjectsOf(a) === subjectsOf(b))
  )
}

function subjectsOf({ finding }: JudgedFinding): string {
  return JSON.stringify(finding.subjects.toSorted())
}

function unique(found: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return found.filter((entry, index) => !found.slice(0, index).some(other => isSame(entry, other)))
}

function verdictOf(
  judged: readonly JudgedFinding[],
  { isJudged, undecided }: { readonly isJudged: boolean; readonly undecided: readonly string[] },
): Verdict {
  if (judged.some(({ action }) => action === 'deny')) return 'fail'
  if (undecided.length > 0) return 'error'
  if (!isJudged) return 'skip'
  return judged.some(({ action }) => action === 'warn') ? 'warn' : 'pass'
}
