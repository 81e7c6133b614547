import { finish, SharedSteps, type Steps } from '../../atlas/lineage/steps.js'
import type { Facts } from './facts.js'

/**
 * Remembers what follows from facts as long as the facts live; facts never change. Many rules need
 * the same, before and after a write, and some of it takes a pass over every file and row.
 */
export function oncePerFacts<Derived>(
  derive: (facts: Facts) => Derived,
): (facts: Facts) => Derived {
  const known = new WeakMap<Facts, { readonly derived: Derived }>()
  return facts => {
    const found = known.get(facts) ?? { derived: derive(facts) }
    known.set(facts, found)
    return found.derived
  }
}

/** What follows from facts and takes long: at once, or in steps between which others may go first. */
export interface SteppedDerivation<Derived> {
  (facts: Facts): Derived
  readonly steps: (facts: Facts) => Steps<Derived>
}

/** Like {@link oncePerFacts}, for work in steps. Who asks at once takes the steps that are left. */
export function oncePerFactsInSteps<Derived>(
  derive: (facts: Facts) => Steps<Derived>,
): SteppedDerivation<Derived> {
  const known = new WeakMap<Facts, SharedSteps<Derived>>()
  const steps = (facts: Facts) => {
    const work = known.get(facts) ?? new SharedSteps(derive(facts))
    known.set(facts, work)
    return work.run()
  }
  return Object.assign((facts: Facts) => finish(steps(facts)), { steps })
}
