import type { ObjectMetadata } from '../facts/atlas-migration.js'

/** On a consolidated ConfigMap: the ConfigMaps of its namespace that it replaces, separated by commas. */
export const consolidatesAnnotation = 'atlas-admission.io/consolidates'

/** On a consolidated ConfigMap, with the value `true`: what an API server can select by. */
export const consolidatedLabel = 'atlas-admission.io/consolidated'

/** Who says that it consolidates a ConfigMap. */
export type ClaimedBy =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'one'; readonly name: string }
  /** More than one, or some that consolidate each other: which is meant cannot be told. */
  | { readonly kind: 'several'; readonly names: readonly string[] }

/**
 * The ConfigMap that consolidates `source`, by the annotations of `candidates`. One that is consolidated again leads
 * on to the last, so that what was rewritten once has nothing left to rewrite.
 */
export function findClaim(source: string, candidates: readonly ObjectMetadata[]): ClaimedBy {
  const passed: string[] = []
  let current = source
  for (;;) {
    const names = claimants(current, candidates)
    const [name] = names
    if (name === undefined) break
    if (names.length > 1) return { kind: 'several', names }
    if (name === source || passed.includes(name))
      return { kind: 'several', names: [...new Set([...passed, name])] }
    passed.push(name)
    current = name
  }
  return passed.length === 0 ? { kind: 'nobody' } : { kind: 'one', name: current }
}

/** One that is being deleted, or lists itself, has nothing to say. */
function claimants(source: string, candidates: readonly ObjectMetadata[]): readonly string[] {
  return candidates
    .filter(({ name, deletionTimestamp }) => name !== source && !deletionTimestamp)
    .filter(candidate => claimedSources(candidate).includes(source))
    .flatMap(({ name }) => name ?? [])
    .sort()
}

function claimedSources({ annotations = {} }: ObjectMetadata): readonly string[] {
  const list = annotations[consolidatesAnnotation] ?? ''
  return list.split(',').map(name => name.trim())
}
