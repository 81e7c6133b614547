import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const directoryEmpty: Rule = {
  id: 'directory-empty',
  title: 'The directory has no .sql file.',
  why: 'The operator reports Ready and runs nothing. On a database with revisions it decides to migrate down, and crashes when down is allowed.',
  severity: 'deny',
  evidence: 'content',
  order: 2050,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null || used.directory.files.length > 0) return null
  const reason = lossReason(facts)
  const description = {
    expected: 'migration files as keys of data that end in ".sql" (lower case)',
    field: directoryField(used),
    subjects: [used.name],
  }
  if (reason === null) return { ...description, ...neverFilled }
  return {
    ...description,
    found: `no key ends in ".sql", but ${reason}`,
    remedy: 'put the migration files back',
  }
}

const neverFilled = {
  found: 'no key ends in ".sql": the operator would report Ready and run nothing',
  remedy: 'add the migration files',
  severity: 'warn',
} as const

/** Why files must have been lost; null when there may never have been any. */
function lossReason({ before, dirState, table }: Facts): string | null {
  const count = before?.directory.kind === 'read' ? before.directory.directory.files.length : 0
  if (count > 0) {
    return `there ${count === 1 ? 'was' : 'were'} ${count} before this write`
  }
  if (table.kind === 'read' && (table.revisions?.length ?? 0) > 0) {
    return 'the database has applied revisions'
  }
  return dirState.kind === 'read' && dirState.directory.files.length > 0
    ? 'the operator has run files of this directory'
    : null
}
