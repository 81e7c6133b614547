import type { Reconcile } from '../../atlas/engine/operator.js'
import type { ExecutionOrder } from '../facts/atlas-migration.js'
import { foldIntoMove } from '../comparison/moved-rows.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { closedAdvice } from '../history/closed-directory.js'
import { loweredIfKnown } from '../history/known-trouble.js'
import { plannedHistory } from '../history/live-history.js'
import { repeatedNames } from '../history/repeated-files.js'
import { foldIntoFormat } from '../formats/way-out.js'
import { listNames } from '../../atlas/text/name-list.js'

export const fileOutOfOrder: Rule = {
  id: 'file-out-of-order',
  title: 'A new file is older than a version that ran.',
  why: 'With execOrder linear the operator stops; with linear-skip it never runs the file; with non-linear the file runs only together with a newer one, and on other databases in another order.',
  severity: 'deny',
  evidence: 'database',
  order: 4080,
  since: '0.1.0',
  evaluate,
}

/**
 * Finds late files beside a newer pending one. Those whose text ran already are left to the rule
 * file-runs-again: a newer version would make them run. Without a pending file the operator tries to undo
 * migrations, whatever the execution order, and the rule migrate-down-predicted names the late
 * file.
 */
function evaluate(facts: Facts): Finding | null {
  const first = plannedHistory(facts)?.prediction.first
  const repeated = repeatedNames(facts)
  const late = (first?.status?.outOfOrder ?? []).filter(name => !repeated.has(name))
  if (!first || first.action !== 'apply' || late.length === 0) return null
  const order = facts.migration.spec.execOrder ?? 'linear'
  return {
    found: `${listNames(late)} came after newer files ran: ${consequences[order]}`,
    expected: 'new files newer than every version that ran',
    remedy: 'rename it to a newer version and rehash',
    field: 'spec.dir',
    subjects: late,
    details: quoteAtlas(first),
    ...(order === 'linear' ? loweredIfKnown(facts, late) : { severity: 'warn' as const }),
    ...(foldIntoFormat(facts, late) ?? closedAdvice(facts, late)),
    ...foldIntoMove(facts, late),
  }
}

const consequences: Readonly<Record<ExecutionOrder, string>> = {
  linear: 'the operator would stop',
  'linear-skip': 'linear-skip leaves it out for good',
  'non-linear': 'non-linear runs it now, out of order',
}

/** Atlas's sentence without the link at its end. */
function quoteAtlas({ error }: Reconcile): readonly string[] {
  const rehash = 'After the renaming run "atlas migrate hash"'
  return error ? [`Atlas would say: ${error.message.replace(/\. See: .*/, '')}`, rehash] : [rehash]
}
