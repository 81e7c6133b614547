import { directoryName } from '../../policy/facts/directory-name.js'
import type { TableGroup } from './table-grouping.js'

/**
 * Joins groups of AtlasMigrations that use one directory. What becomes of that directory concerns
 * the databases of all these groups.
 */
export function connectGroups(groups: readonly TableGroup[]): readonly (readonly TableGroup[])[] {
  const sets = new Map<TableGroup, Set<TableGroup>>()
  const byDirectory = new Map<string, TableGroup>()
  for (const group of groups) {
    sets.set(group, new Set([group]))
    for (const name of directoriesOf(group)) {
      const known = byDirectory.get(name)
      if (known) join(sets, known, group)
      else byDirectory.set(name, group)
    }
  }
  return [...new Set(sets.values())].map(set => [...set])
}

/** The directories that the AtlasMigrations of the group name, each once. */
export function directoriesOf(group: TableGroup): ReadonlySet<string> {
  return new Set(group.flatMap(({ migration }) => directoryName(migration) ?? []))
}

function join(sets: Map<TableGroup, Set<TableGroup>>, known: TableGroup, group: TableGroup): void {
  const into = sets.get(known)!
  const from = sets.get(group)!
  if (into === from) return
  for (const member of from) {
    into.add(member)
    sets.set(member, into)
  }
}
