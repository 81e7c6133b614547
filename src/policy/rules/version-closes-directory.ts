import { findClosingVersions } from '../../atlas/directory/closing-version.js'
import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { foreignFiles } from '../formats/foreign-directory.js'
import { foldIntoFormat, formatRuleId } from '../formats/way-out.js'

export const versionClosesDirectory: Rule = {
  id: 'version-closes-directory',
  title: 'A pending file has a version that no later file can follow, such as 9999 or zz.',
  why: 'Atlas runs files in the order of their versions, each once. When this one has run, every later file with a version like the others comes too late: the operator takes it for an undo, or never runs it.',
  severity: 'warn',
  evidence: 'content',
  order: 2085,
  since: '0.2.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const { files } = used.directory
  const closing = findClosingVersions(files.map(({ version }) => version))
  if (closing === null) return null
  const versions = new Set(closing.versions)
  if (isClosed(facts, versions)) return null
  const names = files.filter(({ version }) => versions.has(version)).map(({ name }) => name)
  const pending = pendingNames(facts)
  const open = names.filter(name => pending === null || pending.has(name))
  if (open.length === 0) return null
  const { usual } = closing
  return {
    found: `once ${listNames(open)} ran, no later file${usual === null ? '' : ` like ${usual}`} can follow`,
    expected: 'versions that a later file can exceed',
    remedy:
      usual === null
        ? 'give it a version like 001 or a date, and rehash'
        : `give it the version after ${usual}, and rehash`,
    field: directoryField(used),
    subjects: open,
    details: [
      'What should run after every other file cannot be one file: each change needs one of its own',
      'If it ran on another database already, keep the name and see the page of this rule',
    ],
    ...(isAllForeign(facts, open) && { partOf: formatRuleId }),
    ...foldIntoFormat(facts, open),
  }
}

/** Whether such a file ran here before. Then it is too late, and other rules say what to do. */
function isClosed({ table }: Facts, versions: ReadonlySet<string>): boolean {
  const rows = table.kind === 'read' ? (table.revisions ?? []) : []
  return rows.some(row => versions.has(row.version))
}

/** null: it is not known which files would run. */
function pendingNames({ prediction }: Facts): ReadonlySet<string> | null {
  const first = prediction?.first
  return first && first.error === null ? new Set(first.pending) : null
}

/** Whether the names are those of another tool, whose own finding says what becomes of them. */
function isAllForeign(facts: Facts, names: readonly string[]): boolean {
  const foreign = new Set(foreignFiles(facts).map(({ file }) => file.name))
  return names.every(name => foreign.has(name))
}
