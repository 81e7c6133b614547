import { isDeepStrictEqual } from 'node:util'
import type { Directory } from '../../atlas/directory/directory.js'
import { listNames } from '../../atlas/text/name-list.js'
import { ownValue } from '../../atlas/text/own-value.js'
import { unsafeReason } from '../../atlas/consolidate/safe-prediction.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { type ClaimedBy, findClaim } from '../../policy/consolidation/consolidation-claim.js'
import { type DirectoryRewrite, rewritten } from '../../policy/consolidation/directory-rewrite.js'
import {
  type EvaluationContext,
  type Judgement,
  judge,
  openQuestions,
} from '../verdict/evaluation.js'
import type { Affected } from '../verdict/subject.js'

/** What the policy `consolidation.rewrite: annotated` makes of one AtlasMigration. */
export type RewriteDecision =
  /** It names no ConfigMap that another one consolidates. */
  | { readonly kind: 'unclaimed' }
  | { readonly kind: 'rewrite'; readonly rewrite: DirectoryRewrite }
  /** It stays as it was sent. */
  | {
      readonly kind: 'kept'
      readonly outcome: 'unsafe' | 'ambiguous' | 'undecided'
      readonly from: string
      /** Absent where it is not known, or not one. */
      readonly to?: string
      /** Why, as the second half of a sentence without a stop. */
      readonly reason: string
    }

/**
 * Whether an AtlasMigration is to be pointed to the ConfigMap that consolidates the one it names. It is, if every file that
 * it would run is in there byte for byte, the operator would then be Ready or run only really new files, and the
 * validating webhook would not deny the result.
 *
 * No proof is asked for when what is stored already is the result, as at every re-apply of what Git still holds:
 * nothing changes then, while leaving it alone would take the consolidated directory away again.
 */
export async function decideRewrite(
  { before, after: { migration } }: Affected,
  context: EvaluationContext,
): Promise<RewriteDecision> {
  const { remote, configMapRef } = migration.spec.dir ?? {}
  const from = configMapRef?.name
  // With remote.name the operator looks at nothing else.
  if (!from || remote?.name) return { kind: 'unclaimed' }
  const candidates = await context.view.consolidatedConfigMaps(namespaceOf(migration))
  if ('unreadable' in candidates) {
    const reason = `ConfigMaps that may consolidate it cannot be listed: ${candidates.unreadable}`
    return { kind: 'kept', outcome: 'undecided', from, reason }
  }
  const claim = findClaim(from, candidates.value!)
  if (claim.kind === 'nobody') return { kind: 'unclaimed' }
  if (claim.kind === 'several') return ambiguous(from, claim)
  const rewrite = { migration, from, to: claim.name }
  if (isStored(before?.migration, rewrite)) return { kind: 'rewrite', rewrite }
  return prove(rewrite, before, context)
}

function ambiguous(
  from: string,
  { names }: Extract<ClaimedBy, { kind: 'several' }>,
): RewriteDecision {
  const reason = `more than one could be meant: ${listNames(names)}`
  return { kind: 'kept', outcome: 'ambiguous', from, reason }
}

/** A review gives every object one. */
function namespaceOf({ metadata }: AtlasMigration): string {
  return metadata.namespace as string
}

function isStored(stored: AtlasMigration | undefined, rewrite: DirectoryRewrite): boolean {
  return stored !== undefined && isDeepStrictEqual(stored.spec, rewritten(rewrite).spec)
}

async function prove(
  rewrite: DirectoryRewrite,
  before: Affected['before'],
  context: EvaluationContext,
): Promise<RewriteDecision> {
  const { migration, from, to } = rewrite
  const after = { migration: rewritten(rewrite), write: null }
  const [source, judgement] = await Promise.all([
    context.view.readConfigMap(namespaceOf(migration), from),
    // A dry run shows what the real write would do.
    judge({ before, after, unchanged: false }, { ...context, dryRun: false }),
  ])
  const kept = { kind: 'kept', from, to } as const
  if ('unreadable' in source) {
    const reason = `ConfigMap ${from} cannot be read: ${source.unreadable}`
    return { ...kept, outcome: 'undecided', reason }
  }
  const [undecided] = openQuestions(judgement.facts, judgement.parts)
  if (undecided !== undefined) return { ...kept, outcome: 'undecided', reason: undecided }
  const sources = [source.value?.data, migration.spec.dir?.local].map(data =>
    context.view.directoryOf(data ?? {}),
  )
  const reason = whyNot(sources, judgement)
  return reason === null ? { kind: 'rewrite', rewrite } : { ...kept, outcome: 'unsafe', reason }
}

/** null when nothing speaks against it. */
function whyNot(
  sources: readonly Directory[],
  { facts: { directory, table, prediction }, judged }: Judgement,
): string | null {
  if (directory.kind !== 'read') return 'it is not there'
  const { data } = directory
  const lost = sources.flatMap(({ files }) =>
    files.filter(({ name, content }) => ownValue(data, name) !== content).map(({ name }) => name),
  )
  if (lost.length > 0) return `it does not have ${listNames(lost)} as it is now`
  if (table.kind !== 'read' || prediction === null)
    return 'what the operator would do cannot be predicted'
  const rows = table.revisions ?? []
  return unsafeReason(prediction, { files: directory.directory.files, rows }) ?? denial(judged)
}

/** Whatever else the policy lets through here: nothing is made worse that nobody asked for. */
function denial(judged: Judgement['judged']): string | null {
  const denied = judged.find(({ severity, introduced }) => severity === 'deny' && introduced)
  return denied ? `rule ${denied.rule.id} would object: ${denied.finding.found}` : null
}
