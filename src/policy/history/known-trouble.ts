import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Prediction } from '../../atlas/engine/operator.js'
import type { Facts } from '../facts/facts.js'
import type { Severity } from '../facts/finding.js'
import type { LiveHistory } from './live-history.js'
import { liveHistory, versionsOf } from './live-history.js'

/**
 * Lowers a finding to warn when the state before this write had the same gaps between directory and
 * table, and was not healthy already. The same gap can show as several rules: the operator undoes
 * migrations today, or, after one more file, applies it now and undoes migrations at the next
 * reconcile. A repair in two steps, or an unrelated edit, therefore passes.
 *
 * @param gaps versions without a file, and names of files without a row
 */
export function loweredIfKnown(
  facts: Facts,
  gaps: readonly string[],
): { readonly severity?: Severity } {
  const before = facts.before && liveHistory(facts.before)
  if (!before || isHealthy(before.prediction)) return {}
  const known = gapsOf(before)
  return gaps.every(gap => known.has(gap)) ? { severity: 'warn' } : {}
}

/**
 * Whether the operator gets through this reconcile and the next without an error and without
 * undoing migrations.
 */
export function isHealthy({ first, next }: Prediction): boolean {
  return first.error === null && next !== null && next.error === null && next.action !== 'down'
}

function gapsOf({ files, rows, unmatched }: LiveHistory): ReadonlySet<string> {
  const applied = versionsOf(rows)
  const last = rows.at(-1)?.version ?? ''
  const skipped = files.filter(
    file => !applied.has(file.version) && compareBytewise(file.version, last) < 0,
  )
  return new Set([...unmatched.map(row => row.version), ...skipped.map(file => file.name)])
}
