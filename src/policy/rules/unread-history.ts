import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { rewrittenPart } from '../rendering/rewritten-files.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const unreadHistory: Rule = {
  id: 'unread-history',
  title:
    'The database is not read, and the files contradict what is known to have run from the old files and the status.',
  why: 'The rows alone could prove it, but an older file that comes late, and a file that ran and is gone or changed, end in "migrate down is not allowed" or "added out of order" on every database.',
  severity: 'warn',
  since: '0.2.0',
  evidence: 'content',
  order: 2090,
  isAboutChange: true,
  evaluate,
}

/** What ran, as far as it is known without the rows. */
interface KnownHistory {
  readonly files: readonly MigrationFile[]
  /** The last version that ran; everything up to it in the old directory ran, too. */
  readonly last: string
  /** Whether the operator says so; otherwise the old files are taken for what ran. */
  readonly isCertain: boolean
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null || facts.table.kind === 'read') return null
  const known = knownHistory(facts)
  if (known === null) return null
  const contradictions = [late, removed, edited].flatMap(look => look(used.directory.files, known))
  const [first, ...others] = contradictions
  if (first === undefined) return null
  return {
    found: `${first.text}${known.isCertain ? '' : ', if the old files ran'}`,
    expected: 'new files that are newer than everything that ran, and no change of what ran',
    remedy: first.remedy,
    field: directoryField(used),
    subjects: contradictions.flatMap(({ names }) => names),
    details: [
      ...others.map(({ text }) => text),
      'Its rows would tell for certain: export them and give them with --rows (docs/check.md has the query)',
    ],
  }
}

function knownHistory({ migration, before }: Facts): KnownHistory | null {
  const files = before ? (usedDirectory(before)?.directory.files ?? []) : []
  const applied = (before?.migration ?? migration).status?.lastAppliedVersion
  const last = applied || files.at(-1)?.version
  return last ? { files, last, isCertain: Boolean(applied) } : null
}

interface Contradiction {
  readonly names: readonly string[]
  readonly text: string
  readonly remedy: string
}

type Look = (files: readonly MigrationFile[], known: KnownHistory) => readonly Contradiction[]

/** Without the old files it is not known which files are new. */
const late: Look = (files, { files: old, last }) => {
  const versions = new Set(old.map(({ version }) => version))
  const names = files
    .filter(({ version }) => old.length > 0 && version < last && !versions.has(version))
    .map(({ name }) => name)
  if (names.length === 0) return []
  const text = `${listNames(names)} came after ${last} ran, and ${names.length === 1 ? 'is' : 'are'} older`
  return [{ names, text, remedy: 'give new files versions after it, and run `atlas migrate hash`' }]
}

const removed: Look = (files, { files: old, last }) => {
  const versions = new Set(files.map(({ version }) => version))
  const ran = new Set([...old.map(({ version }) => version).filter(each => each <= last), last])
  const names = [...ran].filter(version => !versions.has(version))
  if (names.length === 0) return []
  const text = `${listNames(names)} ran, and ${countOf(names.length, 'file')} ${names.length === 1 ? 'is' : 'are'} gone`
  return [{ names, text, remedy: 'put what ran back (git log shows it)' }]
}

const edited: Look = (files, { files: old, last }) => {
  const contents = new Map(old.map(({ version, content }) => [version, content]))
  const changed = files.filter(
    ({ version, content }) => version <= last && (contents.get(version) ?? content) !== content,
  )
  if (changed.length === 0) return []
  const names = changed.map(({ name }) => name)
  const parts = new Set(
    changed.map(({ version, content }) => rewrittenPart(content, contents.get(version)!)),
  )
  const [part] = parts
  const how = parts.size === 1 && part ? ` in ${part}` : ''
  const text = `${listNames(names)} ran, and changed since${how}`
  return [{ names, text, remedy: 'restore it, and put the change into a new file' }]
}
