import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Lineage } from '../../atlas/lineage/lineage.js'
import type { Steps } from '../../atlas/lineage/steps.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Facts } from '../facts/facts.js'
import { lineageHere } from '../history/file-lineage.js'
import type { Finding, Rule } from '../facts/finding.js'
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

function foreignVersions(facts: Facts, { unmatched }: LiveHistory): readonly string[] {
  const lineage = lineageHere(facts)
  if (lineage.chains.length > 1) return unmatched.map(row => row.version)
  // Another row may be unexplained because a file was edited or lost. The rows without a file may
  // then belong to that directory.
  if (lineage.unexplained.some(row => row.possible !== 'file-missing')) return []
  return unmatched.filter(leftOutTest(lineage)).map(row => row.version)
}

/**
 * Makes a test for rows whose file was never in the directory: a row that ran later covers all
 * smaller names of its directory, and its hash is complete without this row's file.
 */
function leftOutTest({ rows }: Lineage): (row: Revision) => boolean {
  // For each version, the greatest name that ran later; empty where the row itself is explained.
  const laterNames = new Map<string, string>()
  let greatest = ''
  for (const { version, state, file } of rows.toReversed()) {
    laterNames.set(version, state === 'chain' ? '' : greatest)
    if (state === 'chain' && file && compareBytewise(file, greatest) > 0) greatest = file
  }
  return ({ version, description }) => {
    const name = `${version}${description === '' ? '' : `_${description}`}.sql`
    return compareBytewise(laterNames.get(version)!, name) > 0
  }
}
