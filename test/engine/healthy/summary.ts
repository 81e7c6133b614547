import type { MeasuredState } from './measure.js'

/** How often a rule found something. */
interface RuleCount {
  readonly states: Set<string>
  findings: number
  suspects: number
}

/**
 * Counts for each rule: the states in which it found something, its findings, and those of them on
 * states where every pending file ran. The last are suspects, because nothing went wrong there.
 */
export class Summary {
  readonly #counts = new Map<string, RuleCount>()
  #states = 0
  #healthy = 0

  add(state: MeasuredState): void {
    const { history, route, ran, findings, failure } = state
    this.#states++
    if (failure === null) this.#healthy++
    for (const { rule, action } of findings) {
      const count = this.#countOf(`${rule.id} ${action}`)
      count.states.add(`${history} ${route} ${ran}`)
      count.findings++
      if (failure === null) count.suspects++
    }
  }

  /** The table, a line for each rule. */
  lines(): readonly string[] {
    const total = `${this.#states} states, ${this.#healthy} of them succeed`
    const rows = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return [
      total,
      ...rows.map(
        ([rule, { states, findings, suspects }]) =>
          `${rule.padEnd(42)} ${states.size} states, ${findings} findings, ${suspects} where all succeeds`,
      ),
    ]
  }

  #countOf(key: string): RuleCount {
    const count = this.#counts.get(key) ?? { states: new Set(), findings: 0, suspects: 0 }
    this.#counts.set(key, count)
    return count
  }
}

/** One line for each finding of a state, and for what could not be decided. */
export function stateLines(state: MeasuredState): readonly string[] {
  const { history, route, ran, failure, findings, undecided } = state
  const place = `${history}, ${route}, ${ran} had run`
  const outcome = failure === null ? 'all succeeds' : `fails: ${failure}`
  return [
    ...findings.map(
      ({ rule, action, finding }) =>
        `${rule.id} ${action} (${place}; ${outcome}) ${finding.subjects.join(' ')}: ${finding.found}`,
    ),
    ...undecided.map(reason => `undecided (${place}): ${reason}`),
  ]
}
