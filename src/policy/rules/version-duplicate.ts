import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { type FatedFile, foreignFiles } from '../formats/foreign-directory.js'
import { formatRemedy, formatRuleId } from '../formats/way-out.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const versionDuplicate: Rule = {
  id: 'version-duplicate',
  title: 'Two migration files have one version.',
  why: 'The revisions table has one row per version: the command line crashes at the second file, or the second never runs.',
  severity: 'deny',
  evidence: 'content',
  order: 2020,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const { files } = used.directory
  const foreign = new Set(
    foreignFiles(facts)
      .filter(sharesByFormat)
      .map(({ file }) => file.name),
  )
  const own = duplicatesAmong(files.filter(({ name }) => !foreign.has(name)))
  const duplicates = own.length > 0 ? own : duplicatesAmong(files)
  const [first, ...others] = duplicates
  if (first === undefined) return null
  return {
    found: `${listNames(first[1])} share version ${first[0]}${more(others.length)}`,
    expected: 'one file per version (the text before the first "_")',
    remedy: 'give the newer file a newer version and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: duplicates.flatMap(([, names]) => names),
    details: others.map(([version, names]) => `version ${version}: ${listNames(names)}`),
    ...(own.length === 0 && foldPairs(facts, foreign)),
  }
}

/** Whether another tool tells the file from those of the same version, by more of its name. */
function sharesByFormat({ role }: FatedFile): boolean {
  return role !== 'marked'
}

/** The way out where a newer version for one of the files would make an undo run. */
function foldPairs(facts: Facts, names: ReadonlySet<string>): Partial<Finding> {
  const files = foreignFiles(facts).filter(({ file }) => names.has(file.name))
  const undoing = files.filter(({ role }) => role === 'undo')
  if (undoing.length > 0) return { remedy: formatRemedy(undoing, facts), partOf: formatRuleId }
  return files.some(({ role }) => role === 'repeatable')
    ? { remedy: 'give each R file a V version of its own, above the others' }
    : { remedy: "write Flyway's V1_2 as V1.2, and run `atlas migrate hash`" }
}

function more(versions: number): string {
  if (versions === 0) return ''
  return versions === 1 ? ' (and 1 more version is shared)' : ` (and ${versions} more are shared)`
}

function duplicatesAmong(
  files: readonly MigrationFile[],
): readonly (readonly [version: string, names: readonly string[]])[] {
  return [...byVersion(files)].filter(([, names]) => names.length > 1)
}

function byVersion(files: readonly MigrationFile[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { version, name } of files) {
    const known = names.get(version)
    if (known === undefined) names.set(version, [name])
    else known.push(name)
  }
  return names
}
