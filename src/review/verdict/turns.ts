import { setImmediate as giveWay } from 'node:timers/promises'
import type { Facts } from '../../policy/facts/facts.js'
import type { Rule } from '../../policy/facts/finding.js'
import { evaluateRules, type RuleFaultListener, type RuleFinding } from '../../policy/verdict.js'

/** A liveness probe that waits behind a few such turns is still answered in a tenth of a second. */
const turnMs = 10

/**
 * What {@link evaluateRules} finds. Between two rules it lets everything else that waits for the one
 * thread go first, once it has had it for a while: a table of many rows delays its own verdict only.
 */
export async function evaluateInTurns(
  facts: Facts,
  rules: readonly Rule[],
  onThrow: RuleFaultListener,
): Promise<readonly RuleFinding[]> {
  const found: RuleFinding[] = []
  let begun = performance.now()
  for (const rule of rules) {
    found.push(...evaluateRules(facts, [rule], onThrow))
    if (performance.now() - begun < turnMs) continue
    await giveWay()
    begun = performance.now()
  }
  return found
}
