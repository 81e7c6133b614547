import { isPartial } from '../../atlas/revision.js'
import type { Facts } from '../facts.js'
import { changedFiles, knownDirectories } from '../file-lineage.js'
import type { ChangedFile } from '../file-lineage.js'
import type { Finding, Rule } from '../finding.js'
import { plannedHistory } from '../live-history.js'
import { listNames } from '../name-list.js'

export const appliedFileEdited: Rule = {
  id: 'applied-file-edited',
  title: 'A file was changed after it ran on this database.',
  why: 'Atlas never compares a file that has a row: the change does not run here, the AtlasMigration is Ready, and new databases differ from this one for good.',
  severity: 'deny',
  evidence: 'database',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (!history) return null
  const changed = changedFiles({ ...history, others: knownDirectories(facts) }).filter(
    ({ file, row, change }) =>
      change !== 'replaced' && !isPartial(row) && !passedAsItIs(file, facts),
  )
  if (changed.length === 0) return null
  const certain = changed.filter(file => isCertain(file, facts))
  const named = certain.length > 0 ? certain : changed
  const names = listNames(named.map(({ file }) => file.name))
  return {
    found: describe(named, names),
    expected: 'every applied file as it ran',
    remedy: 'restore it, and put the change into a new file',
    field: 'spec.dir',
    subjects: named.map(({ file }) => file.name),
    details: ['Atlas will not run the change and will not tell: it never reads the hash of a row'],
    ...(certain.length === 0 && { severity: 'warn' as const }),
  }
}

/** The operator's last successful reconcile had these bytes: a file that failed half-way, for example, and was repaired. */
function passedAsItIs({ name, content }: ChangedFile['file'], { dirState }: Facts): boolean {
  return (
    dirState.kind === 'read' &&
    dirState.directory.files.some(file => file.name === name && file.content === content)
  )
}

function isCertain({ change, proven }: ChangedFile, { dirState }: Facts): boolean {
  return proven && change === 'edited' && (dirState.kind === 'read' || dirState.kind === 'absent')
}

function describe(files: readonly ChangedFile[], names: string): string {
  const verb = files.every(({ change }) => change === 'renamed') ? 'renamed' : 'changed'
  return files.some(({ proven }) => !proven)
    ? `applied here, and since then perhaps ${verb} (or failed half-way and repaired): ${names}`
    : `applied here, and since then ${verb}: ${names}`
}
