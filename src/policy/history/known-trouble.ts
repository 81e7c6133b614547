import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Prediction } from '../../atlas/engine/operator.js'
import type { Facts } from '../facts/facts.js'
import type { Severity } from '../facts/finding.js'
import type { LiveHistory } from './live-history.js'
import { liveHistory, versionsOf } from './live-history.js'

/**
 * One gap between directory and table can show as several rules, as it moves: "down" today, and after one
 * more file "applied now, down next". So a finding is lowered when the state before this write had
 * the same gaps and was in trouble already: a repair in two steps, or an unrelated edit, then passes.
 *
 * @param gaps versions without a file and names of files without a row
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

/** The operator gets through this reconcile and the next without an error and without going down. */
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
