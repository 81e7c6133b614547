import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { hiddenDirective } from '../outcome/hidden-directive.js'

export const checkpointIneffective: Rule = {
  id: 'checkpoint-ineffective',
  title: 'A file has a checkpoint directive that Atlas does not see.',
  why: 'The file then runs as an ordinary migration: on a database that has the schema already it fails, on a new one the files before it run as well.',
  severity: 'warn',
  evidence: 'content',
  order: 2070,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const hidden = used.directory.files.filter(file => reasonFor(file) !== null)
  const [first] = hidden
  if (first === undefined) return null
  return {
    found: `${listNames(hidden.map(file => file.name))}: Atlas sees no checkpoint: ${reasonFor(first)}`,
    expected: '`-- atlas:checkpoint` on the first line, LF, then a blank line',
    remedy: 'correct the head and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: hidden.map(file => file.name),
  }
}

function reasonFor({ checkpoint, content }: MigrationFile): string | null {
  return checkpoint ? null : hiddenDirective(content, 'checkpoint')
}
