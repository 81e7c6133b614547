import type { Facts } from './facts.js'

/**
 * Remembers what follows from facts, which never change, as long as the facts live. Many rules ask for
 * the same, on both sides of a write; some of it takes a pass over every file and row.
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
