import type { ObjectMetadata } from '../facts/atlas-migration.js'

/**
 * Annotation of a consolidated ConfigMap: the ConfigMaps of its namespace that it replaces,
 * separated by commas.
 */
export const consolidatesAnnotation = 'atlas-admission.io/consolidates'

/**
 * Label of a consolidated ConfigMap, with the value `true`. An API server can select by labels, but
 * not by annotations.
 */
export const consolidatedLabel = 'atlas-admission.io/consolidated'

/** Which ConfigMap says that it consolidates another one. */
export type ClaimedBy =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'one'; readonly name: string }
  /**
   * More than one, or ConfigMaps that consolidate each other, so it cannot be told which one is
   * meant.
   */
  | { readonly kind: 'several'; readonly names: readonly string[] }

/**
 * Finds the ConfigMap that consolidates `source`, by the annotations of `candidates`. If that one
 * is itself consolidated, the last of the row counts, so that a rewritten object is not rewritten
 * once more.
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

/**
 * Names of the ConfigMaps that claim to consolidate `source`. One that is being deleted, or lists
 * itself, does not count.
 */
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
