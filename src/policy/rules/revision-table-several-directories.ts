import type { Steps } from '../../atlas/lineage/steps.js'
import type { Facts } from '../facts/facts.js'
import { lineageHere } from '../history/file-lineage.js'
import type { Finding, Rule } from '../facts/finding.js'
import { standApart } from '../../atlas/lineage/second-directory.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory } from '../history/live-history.js'
import { listNames } from '../../atlas/text/name-list.js'

export const revisionTableSeveralDirectories: Rule = {
  id: 'revision-table-several-directories',
  title:
    'The rows prove that several directories wrote the revisions table, though one AtlasMigration is known to use it.',
  why: 'The other directory belongs to a cluster that is not seen here, to a pipeline, or to an object that is gone. The operator counts its rows as files that were removed.',
  severity: 'warn',
  evidence: 'database',
  order: 4130,
  since: '0.1.0',
  steps,
  evaluate,
}

/** A directory with a file for every row is the union of what ran, so nothing is wrong then. */
function suspiciousHistory(facts: Facts): LiveHistory | null {
  const history = plannedHistory(facts)
  return facts.sharing.length === 0 && history && history.unmatched.length > 0 ? history : null
}

function* steps(facts: Facts): Steps<void> {
  if (suspiciousHistory(facts)) yield* lineageHere.steps(facts)
}

function evaluate(facts: Facts): Finding | null {
  const history = suspiciousHistory(facts)
  if (!history) return null
  const foreign = foreignVersions(facts, history)
  if (foreign.length === 0) return null
  return {
    found: `several directories wrote this revisions table; this one has no file for ${listNames(foreign)}`,
    expected: 'one directory for each revisions table',
    remedy: 'find the other directory and merge both: atlas-admission consolidate',
    field: 'spec.dir',
    subjects: foreign,
    details: ['The hashes of the rows show it: each covers all earlier files of its own directory'],
  }
}

/**
 * Only a second chain that stands on its own tells of a second directory. A row that later rows do
 * not cover tells none: its file may as well have been removed before they ran.
 */
function foreignVersions(facts: Facts, { unmatched }: LiveHistory): readonly string[] {
  return standApart(lineageHere(facts)) ? unmatched.map(row => row.version) : []
}
