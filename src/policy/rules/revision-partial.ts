import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { isPartial, RevisionType } from '../../atlas/engine/revision.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { LiveHistory } from '../history/live-history.js'
import { plannedHistory } from '../history/live-history.js'

export const revisionPartial: Rule = {
  id: 'revision-partial',
  title: 'The last row of the revisions table is partially applied.',
  why: 'Atlas resumes the file after the statements that ran. It stops when the file is gone or those statements changed, and never gets over a file with another number of statements.',
  severity: 'deny',
  evidence: 'database',
  order: 4040,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  const last = history?.rows.at(-1)
  if (!history || !last || !isPartial(last)) return null
  const { version, applied, total } = last
  const obstacle = obstacleOf(last, history)
  const state = `version ${version} is partially applied (${applied} of ${total} statements)`
  return obstacle
    ? {
        found: `${state}, ${obstacle}`,
        expected: 'the file with the statements that ran, and as many as before',
        remedy: `restore the file of ${version}, or finish it by hand and run "atlas migrate set ${version}"`,
        field: 'spec.dir',
        subjects: [version],
        details: quoteAtlas(history),
      }
    : {
        found: state,
        expected: 'every row complete',
        remedy: 'check that only the statements that did not run are changed',
        field: 'spec.dir',
        subjects: [version],
        severity: 'warn',
        details: [resumes, ...(last.type & RevisionType.resolved ? [resolved] : [])],
      }
}

const resumes = 'Atlas resumes it after the statements that ran'

/** `migrate set` leaves the counters as they are (Atlas v1.2.3), so the engine runs the rest. */
const resolved = 'It was set by hand, but Atlas goes by the counters and runs the rest nevertheless'

/** Why Atlas cannot finish the row; null when it can. */
function obstacleOf(row: Revision, { files, prediction }: LiveHistory): string | null {
  const { version, applied, total, partialHashes } = row
  if (!files.some(file => file.version === version)) return 'but its file is gone'
  if (applied > total || applied > partialHashes.length)
    return 'but its counters contradict each other'
  const { error, apply, after } = prediction.first
  if (error?.type === 'MissingMigrationError') return 'but its file is not where Atlas looks for it'
  if (apply?.error?.type === 'HistoryChangedError') return 'but a statement that ran was changed'
  const left = after.revisions?.find(candidate => candidate.version === version)
  return apply && left && isPartial(left) && apply.result !== 'error'
    ? 'but its file now has another number of statements'
    : null
}

function quoteAtlas({ prediction }: LiveHistory): readonly string[] {
  const { error, apply } = prediction.first
  const cause = error ?? apply?.error
  return cause && cause.type !== 'panic' ? [`Atlas would say: ${cause.message}`] : []
}
