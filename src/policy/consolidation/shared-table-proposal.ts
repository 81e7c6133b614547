import { listNames } from '../../atlas/text/name-list.js'
import {
  clause,
  consolidateCommand,
  possibleWithNewVersions,
  propose,
} from './consolidation-proposal.js'
import { directoryName } from '../facts/directory-name.js'
import type { Facts, SharingMigration, TableFacts } from '../facts/facts.js'
import { liveHistory } from '../history/live-history.js'

/**
 * Whether the directories that share one revisions table can become one as they are, by the facts
 * of a verdict alone. null where a directory is not known. Other databases that use the same
 * directories are not looked at.
 */
export function sharedTableProposal(facts: Facts): SharedTableProposal | null {
  const history = liveHistory(facts)
  if (history === null) return null
  // A history is known only with files and rows, so there is a directory name.
  const own = directoryName(facts.migration) as string
  const { revisions, notClean } = facts.table as ReadTable
  const sources = new Map([[own, history.directory]])
  for (const other of facts.sharing) {
    if (other.directory === null) return null
    sources.set(nameOf(other), other.directory)
  }
  const { execOrder = 'linear', baseline = '' } = facts.migration.spec
  const database = {
    name: 'this database',
    state: { revisions, notClean },
    options: { execOrder, baseline, allowDirty: false },
  }
  return {
    sources: [...sources.keys()],
    proposal: propose({
      sources: Array.from(sources, ([name, directory]) => ({ name, directory })),
      databases: [database],
    }),
  }
}

type ReadTable = Extract<TableFacts, { readonly kind: 'read' }>

export interface SharedTableProposal {
  /** Named as {@link directoryName} does. */
  readonly sources: readonly string[]
  readonly proposal: ReturnType<typeof propose>
}

function nameOf({ namespace, name, configMap }: SharingMigration): string {
  return configMap === null
    ? `migration:${namespace}/${name}`
    : `configmap:${namespace}/${configMap}`
}

/**
 * The proposal in one short sentence. `elsewhere` are the names of other AtlasMigrations that use
 * the same directories on tables that were not looked at. It quotes names from outside, so it is to
 * be sanitized where it is shown.
 */
export function proposalSentence(
  { sources, proposal }: SharedTableProposal,
  elsewhere: readonly string[],
): string {
  if (proposal.kind === 'possible' && elsewhere.length > 0)
    return `can be consolidated as far as this database goes, but ${listNames(elsewhere)} must be looked at too: atlas-admission consolidate --check`
  if (proposal.kind === 'possible')
    return `can be consolidated as it stands: ${consolidateCommand(sources)}`
  const [first, ...others] = proposal.refusals.map(clause)
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  const way =
    proposal.withNewVersions && elsewhere.length === 0
      ? `; ${possibleWithNewVersions}: ${consolidateCommand([...sources, '--rename-pending'])}`
      : ''
  return `cannot be consolidated as it stands: ${first}${more}${way}`
}
