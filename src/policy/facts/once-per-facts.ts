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
