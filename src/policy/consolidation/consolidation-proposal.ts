import { consolidate } from '../../atlas/consolidate/consolidate.js'
import type {
  ConsolidationDatabase,
  ConsolidationSource,
  DatabasePlan,
  Refusal,
} from '../../atlas/consolidate/consolidation.js'

/** Whether directories can become one as they are, and what the operator does then, or why not. */
export type Proposal =
  | {
      readonly kind: 'possible'
      readonly plans: readonly DatabasePlan[]
      readonly notes: readonly string[]
    }
  | {
      readonly kind: 'refused'
      /** At least one. */
      readonly refusals: readonly Refusal[]
      /** Whether they can become one when files that never ran get new versions. */
      readonly withNewVersions: boolean
    }
  /** At least one reason, each a clause without a secret. */
  | { readonly kind: 'undecided'; readonly reasons: readonly string[] }

export interface ProposalInput {
  readonly sources: readonly ConsolidationSource[]
  /** Every database that uses one of the sources. */
  readonly databases: readonly ConsolidationDatabase[]
}

/** Tries the consolidation without renaming any file, then with new versions for what never ran. */
export function propose({
  sources,
  databases,
}: ProposalInput): Exclude<Proposal, { readonly kind: 'undecided' }> {
  const merge = (renamePending: boolean) =>
    consolidate({ sources, databases, dialect: 'postgres', renamePending })
  const merged = merge(false)
  return merged.kind === 'refused'
    ? { ...merged, withNewVersions: merge(true).kind === 'merged' }
    : { kind: 'possible', plans: merged.plans, notes: merged.notes }
}

/**
 * The proposal as lines of text. Each source has the name by which the command `consolidate` takes
 * it. `options` are the options that name the cluster, as given, or empty. The lines quote names
 * from outside, so they are to be sanitized where they are shown.
 */
export function proposalLines(
  proposal: Proposal,
  { sources, options }: { readonly sources: readonly string[]; readonly options: string },
): readonly string[] {
  if (proposal.kind === 'undecided')
    return proposal.reasons.map(reason => `cannot tell whether it can be consolidated: ${reason}`)
  if (proposal.kind === 'refused')
    return [
      ...proposal.refusals.map(
        refusal => `cannot be consolidated as it stands: ${clause(refusal)}`,
      ),
      ...(proposal.withNewVersions
        ? [`${possibleWithNewVersions}: ${fullCommand([...sources, '--rename-pending'], options)}`]
        : []),
    ]
  return [
    `can be consolidated as it stands: ${fullCommand(sources, options)}`,
    ...proposal.plans.flatMap(pendingLine),
    ...proposal.notes.map(note => `note: ${note}`),
  ]
}

export const possibleWithNewVersions =
  'can be consolidated with new versions for the files that never ran'

/**
 * The command as a person would type it, with placeholders for the names that only a person can
 * give.
 */
function fullCommand(sources: readonly string[], options: string): string {
  const given = options === '' ? [] : [options]
  return [consolidateCommand(sources), ...given, '--configmap NAME --output DIR'].join(' ')
}

export function consolidateCommand(sources: readonly string[]): string {
  return ['atlas-admission consolidate', ...sources].join(' ')
}

export function clause({ found, remedy }: Refusal): string {
  return `${found}; fix: ${remedy}`
}

function pendingLine({ database, pending }: DatabasePlan): readonly string[] {
  return pending.length === 0
    ? []
    : [`the first reconcile then runs on ${database}: ${pending.join(', ')}`]
}
