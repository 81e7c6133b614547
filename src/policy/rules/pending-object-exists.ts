import { parseFileName } from '../../atlas/directory/file.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { usedDirectory, directoryField } from '../facts/used-directory.js'
import { pendingStatements } from '../outcome/pending-statements.js'
import { repeatedNames } from '../history/repeated-files.js'
import { type KnownUse, knownUses, nameUse } from '../objects/pending-objects.js'

export const pendingObjectExists: Rule = {
  id: 'pending-object-exists',
  title: 'A pending file creates something that the database has already.',
  why: 'The file fails there. A database that was restored or copied with only a part of its revisions table looks like this: files that ran count as pending, those that create something fail, and those that insert rows insert them twice.',
  severity: 'warn',
  evidence: 'database',
  since: '0.2.0',
  order: 4155,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  const there = knownUses(facts).filter(isInTheWay)
  const [first] = there
  if (used === null || first === undefined) return null
  const repeated = repeatedNames(facts)
  const pending = pendingStatements(facts)?.files.map(({ name }) => name) ?? []
  return {
    found: `${first.at.file} creates ${nameUse(first)}, which is there already${more(there.length - 1)}: it fails`,
    expected: '',
    remedy: `compare the database with the pending files; if they ran there, ${isFirstRun(facts) ? 'set spec.baseline to the newest of them' : 'restore the rows of its revisions table'}`,
    field: directoryField(used),
    subjects: [...new Set(there.map(nameUse))],
    details: [
      ...there.slice(1, shown).map(use => `${use.at.file} creates ${nameUse(use)}, too`),
      ...runAgain(pending, there),
      // The rows of a text under another version have to go first, as the rule file-runs-again says.
      ...(isFirstRun(facts) || pending.some(name => repeated.has(name))
        ? []
        : [recording(pending)]),
      'Do not add IF NOT EXISTS to be rid of it: the rest of the file would run a second time',
    ],
    at: first.at,
    ...(there.every(({ at }) => repeated.has(at.file)) && { partOf: 'file-runs-again' }),
  }
}

/** Most objects that are named. More would only repeat the point. */
const shown = 6

function isInTheWay({ use, found }: KnownUse): boolean {
  return use.purpose === 'create' && !use.guarded && found.exists
}

function more(count: number): string {
  return count === 0 ? '' : ` (and ${countOf(count, 'more object')})`
}

/** The files that nothing stops, such as those that insert rows. */
function runAgain(pending: readonly string[], there: readonly KnownUse[]): readonly string[] {
  const stopped = new Set(there.map(({ at }) => at.file))
  const others = pending.filter(name => !stopped.has(name))
  return others.length === 0
    ? []
    : [`Nothing would keep ${listNames(others)} from running a second time, if they ran before`]
}

/** Names the newest of the pending versions: `migrate set` counts all up to it as run. */
function recording(pending: readonly string[]): string {
  const { version } = parseFileName(pending.at(-1) ?? '')
  return `Only where every pending file ran there: \`atlas migrate set ${version}\` records them, and none runs again`
}

/** Whether Atlas would take a baseline, as it does only where there are no rows. */
function isFirstRun({ table }: Facts): boolean {
  return table.kind === 'read' && (table.revisions ?? []).length === 0
}
