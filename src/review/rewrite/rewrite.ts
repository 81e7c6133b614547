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

/** What the policy `consolidation.rewrite: annotated` does with one AtlasMigration. */
export type RewriteDecision =
  /** The object names no ConfigMap that another one consolidates. */
  | { readonly kind: 'unclaimed' }
  | { readonly kind: 'rewrite'; readonly rewrite: DirectoryRewrite }
  /** The object stays as it was sent. */
  | {
      readonly kind: 'kept'
      readonly outcome: 'unsafe' | 'ambiguous' | 'undecided'
      readonly from: string
      /** The consolidated ConfigMap; absent where it is not known, or there is more than one. */
      readonly to?: string
      /** Why, as the second half of a sentence, without a full stop. */
      readonly reason: string
    }

/**
 * Decides whether an AtlasMigration is pointed to the ConfigMap that consolidates the one it names.
 * It is when that ConfigMap holds every file that the object would run, byte for byte; when the
 * operator would then be Ready or run only new files; and when the validating webhook would not
 * deny the result.
 *
 * None of this is checked when the result is stored already, as at every re-apply of what Git still
 * holds. Nothing changes then, while leaving the object alone would take the consolidated directory
 * away again.
 */
export async function decideRewrite(
  { before, after: { migration } }: Affected,
  context: EvaluationContext,
): Promise<RewriteDecision> {
  const { remote, configMapRef } = migration.spec.dir ?? {}
  const from = configMapRef?.name
  // With remote.name set, the operator ignores every other directory.
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

/** The namespace, which every object under review has. */
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
    // The rewrite of a dry run has to be the one that the real write would get.
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

/** Why the rewrite is not safe; null when it is. */
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

/**
 * A denial that the rewrite would bring about. It counts even where the policy lets it pass,
 * because nobody asked for the rewrite.
 */
function denial(judged: Judgement['judged']): string | null {
  const denied = judged.find(({ severity, introduced }) => severity === 'deny' && introduced)
  return denied ? `rule ${denied.rule.id} would object: ${denied.finding.found}` : null
}
