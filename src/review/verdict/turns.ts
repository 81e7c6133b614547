import { setImmediate as nextRound } from 'node:timers/promises'
import type { Steps } from '../../atlas/lineage/steps.js'
import type { Facts } from '../../policy/facts/facts.js'
import type { Rule } from '../../policy/facts/finding.js'
import {
  evaluateRules,
  type RuleFaultListener,
  type RuleFinding,
} from '../../policy/enforcement/verdict.js'

/** How long a review may keep the thread in one turn. A single slow step may overrun it. */
const turnMs = 10

/**
 * Hands out the one thread of the process in turns. Reviews that all gave way to the event loop by
 * themselves would all go on in its next round, one behind the other, before anything new is read.
 * Here each round belongs to one of them, so that a liveness probe waits for one turn, however many
 * reviews there are. Namespaces alternate, so that hundreds of AtlasMigrations of one tenant do not
 * keep a neighbour from its verdict.
 */
export class Turns {
  /** Those who wait, by namespace; the first namespace is the next. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Resolves in a round of the event loop that no other caller gets. */
  next(namespace: string): Promise<void> {
    return new Promise(resolve => {
      const isIdle = this.#waiting.size === 0
      const queue = this.#waiting.get(namespace) ?? []
      queue.push(resolve)
      this.#waiting.set(namespace, queue)
      if (isIdle) void this.#serve()
    })
  }

  async #serve(): Promise<void> {
    while (this.#waiting.size > 0) {
      await nextRound()
      const [namespace, queue] = this.#waiting.entries().next().value as [string, (() => void)[]]
      const start = queue.shift()
      this.#waiting.delete(namespace)
      if (queue.length > 0) this.#waiting.set(namespace, queue)
      start?.()
    }
  }
}

export interface TurnOptions {
  readonly rules: readonly Rule[]
  readonly onThrow: RuleFaultListener
  /** Waits for the next turn. */
  readonly turn: () => Promise<void>
}

/**
 * Returns what {@link evaluateRules} finds. It takes another turn between two rules, or two steps
 * of one, once it has had the thread for a while, so that a table of many rows delays its own
 * verdict only.
 */
export async function evaluateInTurns(
  facts: Facts,
  { rules, onThrow, turn }: TurnOptions,
): Promise<readonly RuleFinding[]> {
  const found: RuleFinding[] = []
  await turn()
  let begun = performance.now()
  const giveWay = async () => {
    if (performance.now() - begun < turnMs) return
    await turn()
    begun = performance.now()
  }
  for (const rule of rules) {
    const steps = stepsOf(rule, facts)
    while (!steps.next().done) await giveWay()
    found.push(...evaluateRules(facts, [rule], onThrow))
    await giveWay()
  }
  return found
}

/** The steps of a rule. One that throws ends them, since `evaluate` throws the same and is listened to. */
function* stepsOf(rule: Rule, facts: Facts): Steps<void> {
  try {
    if (rule.steps) yield* rule.steps(facts)
  } catch {}
}
