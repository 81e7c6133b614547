import { Ancestries } from './ancestry.js'
import { Budget } from './budget.js'
import { Combinations } from './combination.js'
import { LikelyExplanations } from './likely.js'
import { newTracedRow, type TracedRow } from './row.js'
import type { Steps } from './steps.js'
import type { Text, TextIndex } from './text.js'
import { rowHash, type Revision } from '../engine/revision.js'

/**
 * Limits of the search, in units of the budget, beside a few passes over the directory. Once a file
 * is known to be edited, every row behind it is unexplained too. The search for such rows has the
 * budget `covered`, so that it cannot use up what finding further edited files needs (`accusing`).
 */
const accusing = { total: 250_000, share: 150_000 }
const covered = { total: 60_000, share: 15_000 }

/**
 * The texts that may have run for the row, likeliest first: those of the directory under review,
 * then those with the row's description.
 */
function candidatesOf(index: TextIndex, { version, description }: Revision): readonly Text[] {
  const texts = index.byVersion.get(version) ?? []
  if (texts.length < 2) return texts
  const foreign = ({ source }: Text) => Number(source > 0)
  const strange = ({ file }: Text) => Number(file.description !== description)
  return texts.toSorted((a, b) => foreign(a) - foreign(b) || strange(a) - strange(b))
}

/**
 * Follows the rows in the order of execution, and learns from their hashes which directories they
 * ran from.
 */
class Trace {
  readonly #index: TextIndex
  readonly #ancestries: Ancestries
  readonly #likely: LikelyExplanations
  readonly #combinations: Combinations
  readonly #budget: Budget
  readonly #coveredBudget: Budget
  #smallestFailed = Number.POSITIVE_INFINITY

  constructor(index: TextIndex, applied: ReadonlySet<string>) {
    let weight = 0
    for (const { cost } of index.texts) weight += cost
    this.#index = index
    this.#budget = new Budget(accusing.total + 12 * weight)
    this.#coveredBudget = new Budget(covered.total + 4 * weight)
    this.#ancestries = new Ancestries(index)
    this.#likely = new LikelyExplanations(index, this.#ancestries, this.#budget)
    this.#combinations = new Combinations(index, this.#ancestries, applied)
  }

  *trace(row: TracedRow): Steps<void> {
    const candidates = candidatesOf(this.#index, row.revision)
    const [best] = candidates
    row.text = best ?? null
    if (rowHash(row.revision) === '') row.state = 'baseline'
    else if (best !== undefined && !(yield* this.#place(row, candidates))) {
      this.#smallestFailed = Math.min(this.#smallestFailed, best.rank)
      this.#ancestries.fail(row, best)
    }
  }

  *#place(row: TracedRow, candidates: readonly Text[]): Steps<boolean> {
    const { hash } = row.revision
    for (const text of candidates) {
      const found = this.#likely.explain({ text, hash })
      if (found === null) continue
      this.#ancestries.accept(row, found)
      return true
    }
    for (const text of candidates) if (yield* this.#search(row, text)) return true
    return false
  }

  #search(row: TracedRow, text: Text): Steps<boolean> {
    const claim = { text, hash: rowHash(row.revision) }
    return this.#within(row, text, budget => this.#combinations.search(claim, budget))
  }

  /** Looks at a row again when all chains are known, if files that ran later could explain it. */
  *traceAgain(row: TracedRow): Steps<void> {
    const { text, revision, order } = row
    if (row.state !== 'unexplained' || text === null || !row.openFuture) return
    const claim = { text, hash: rowHash(revision) }
    // This second round may have explained an older row of the same chain.
    const likely = this.#likely.explain(claim)
    if (likely !== null) {
      this.#ancestries.accept(row, likely)
      return
    }
    yield* this.#within(row, text, budget => this.#combinations.searchAgain(claim, order, budget))
  }

  *#within(
    row: TracedRow,
    text: Text,
    search: (budget: Budget) => ReturnType<Combinations['search']>,
  ): Steps<boolean> {
    const isCovered = this.#smallestFailed < text.rank
    const whole = isCovered ? this.#coveredBudget : this.#budget
    const share = isCovered ? covered.share : accusing.share + this.#index.texts.length * 4
    const { found, complete, openFuture } = yield* whole.lend(share, search)
    row.unfinished ||= !complete
    row.openFuture = openFuture
    if (found === null) return false
    this.#ancestries.accept(row, found)
    return true
  }
}

/**
 * Explains the rows, which the caller gives in the order of execution. {@link TracedRow} says what
 * is found for each.
 */
export function* traceRows(
  index: TextIndex,
  revisions: readonly Revision[],
): Steps<readonly TracedRow[]> {
  const withHash = revisions.filter(({ hash }) => hash !== '')
  const trace = new Trace(index, new Set(withHash.map(({ version }) => version)))
  const rows = revisions.map(newTracedRow)
  for (const row of rows) {
    yield* trace.trace(row)
    yield
  }
  for (const row of rows) yield* trace.traceAgain(row)
  return rows
}
