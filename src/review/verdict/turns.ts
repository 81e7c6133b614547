import { setImmediate as nextRound } from 'node:timers/promises'
import type { Facts } from '../../policy/facts/facts.js'
import type { Rule } from '../../policy/facts/finding.js'
import { evaluateRules, type RuleFaultListener, type RuleFinding } from '../../policy/verdict.js'

/** How long a review may keep the thread in one turn. A single slow rule may overrun it. */
const turnMs = 10

/**
 * Hands out the one thread of the process in turns. Reviews that all gave way to the event loop by
 * themselves would all go on in its next round, one behind the other, before anything new is read.
 * Here each round belongs to one of them, so that a liveness probe waits for one turn, however many
 * reviews there are.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Resolves in a round of the event loop that no other caller gets. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => nextRound())
    return this.#last
  }
}

export interface TurnOptions {
  readonly rules: readonly Rule[]
  readonly onThrow: RuleFaultListener
  readonly turns: Turns
}

/**
 * Returns what {@link evaluateRules} finds. It takes another turn between two rules once it has
 * had the thread for a while, so that a table of many rows delays its own verdict only.
 */
export async function evaluateInTurns(
  facts: Facts,
  { rules, onThrow, turns }: TurnOptions,
): Promise<readonly RuleFinding[]> {
  const found: RuleFinding[] = []
  let begun = performance.now()
  for (const rule of rules) {
    found.push(...evaluateRules(facts, [rule], onThrow))
    if (performance.now() - begun < turnMs) continue
    await turns.next()
    begun = performance.now()
  }
  return found
}
