import type { ReadDirectory } from '../facts/used-directory.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const fileIgnored: Rule = {
  id: 'file-ignored',
  title: 'A key looks like a migration file, but the operator does not read it.',
  why: 'Only keys of data that end in ".sql" (lower case) become files; all others are dropped without a word.',
  severity: 'warn',
  evidence: 'content',
  order: 2060,
  since: '0.1.0',
  evaluate,
}

/**
 * Names that look like migration files and are not read: `.sql` in another case, compressed, a
 * template, with spaces behind it, or an atlas.sum in a folder.
 */
const lookalike = /\.sql(\.(gz|bz2|xz|zst|zip|tmpl|tpl))?\s*$|\/atlas\.sum$/i

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const ignored = ignoredKeys(used)
  if (ignored.length === 0) return null
  return {
    found: `the operator does not read ${listNames(ignored.map(key => key.shown))}`,
    expected: 'plain text under keys of data that end in ".sql" (lower case)',
    remedy: 'rename or unpack them, as UTF-8, and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: ignored.map(key => key.name),
  }
}

function ignoredKeys(used: ReadDirectory): readonly { name: string; shown: string }[] {
  const plain = Object.keys(used.data).filter(
    key => lookalike.test(key) && !key.endsWith('.sql') && key !== 'atlas.sum',
  )
  // kubectl puts a file that is not valid UTF-8 into binaryData.
  const binary = used.binaryKeys.filter(key => lookalike.test(key) || key === 'atlas.sum')
  return [
    ...plain.map(name => ({ name, shown: name })),
    ...binary.map(name => ({ name, shown: `${name} (binaryData)` })),
  ]
}
