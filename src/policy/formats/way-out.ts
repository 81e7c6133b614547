import { parseFileName } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding } from '../facts/finding.js'
import { usedDirectory } from '../facts/used-directory.js'
import { roleFinder } from './file-role.js'
import type { ImportFormat } from './marker.js'
import { foreignFiles, type FatedFile } from './foreign-directory.js'

/** The rule that speaks about files of other tools. Other rules fold their findings into its. */
export const formatRuleId = 'foreign-migration-format'

/** How to ship these files so that nothing of them takes a migration back. */
export function formatRemedy(files: readonly FatedFile[], facts: Facts): string {
  const isPart = files.some(({ undo }) => undo === 'part')
  const isFlyway = files.some(({ tool }) => tool === 'Flyway')
  const forward = isFlyway ? 'the V files' : 'the up files'
  const alone = `ship ${isPart ? 'the Up section' : forward} alone`
  return importFormatOf(files, facts) === null
    ? alone
    : `convert with \`atlas migrate import\`, or ${alone}`
}

/** The whole command, where it helps. */
export function importLine(files: readonly FatedFile[], facts: Facts): readonly string[] {
  const format = importFormatOf(files, facts)
  return format === null
    ? []
    : [
        `Convert the folder: atlas migrate import --from "file://FOLDER?format=${format}" --to "file://migrations"`,
      ]
}

/**
 * The format as which `atlas migrate import` converts the whole directory; null where it would not.
 * It drops what is written otherwise. It changes names and texts, and what ran must stay as it is.
 */
function importFormatOf(files: readonly FatedFile[], facts: Facts): ImportFormat | null {
  const rows = facts.table.kind === 'read' ? (facts.table.revisions ?? []) : []
  const format = files[0]?.importFormat ?? null
  const used = usedDirectory(facts)
  // It copies changelogs of Liquibase as they are.
  if (rows.length > 0 || format === null || format === 'liquibase' || used === null) return null
  const formats = new Map(foreignFiles(facts).map(found => [found.file.name, found.importFormat]))
  const isKnown = (name: string) =>
    formats.get(name) === format || (format === 'golang-migrate' && name.endsWith('.up.sql'))
  return used.directory.files.every(({ name }) => isKnown(name)) ? format : null
}

/** What a finding of another rule says instead, when a file of another tool is its cause. */
type Folded = Pick<Finding, 'remedy' | 'partOf'> & { readonly details: readonly string[] }

/**
 * The way out for a finding about these files when one of them would take a migration back as soon
 * as it runs. A newer version, a new hash or both would only make it run. null when none would.
 */
export function foldIntoFormat(facts: Facts, names: readonly string[]): Folded | null {
  const meant = new Set(names)
  const undoing = undoingFiles(facts).filter(({ file }) => meant.has(file.name))
  if (undoing.length === 0) return null
  const others = names.length - undoing.length
  return {
    remedy: formatRemedy(undoing, facts),
    details: [
      `${listNames(undoing.map(({ file }) => file.name))} would take a migration back (${undoing[0]!.tool})`,
      ...(others > 0
        ? [`Then look again: this is also about ${countOf(others, 'other file')}`]
        : []),
    ],
    ...(others === 0 && { partOf: formatRuleId }),
  }
}

/** {@link foldIntoFormat} for a finding about the directory as a whole. */
export function foldDirectory(facts: Facts): Folded | null {
  return foldIntoFormat(
    facts,
    undoingFiles(facts).map(({ file }) => file.name),
  )
}

/** Whether a file that is gone was an undo, and did not run. What ran needs its file. */
export function isLeftOutUndo(facts: Facts, name: string): boolean {
  const used = usedDirectory(facts)
  if (used === null || facts.table.kind !== 'read') return false
  const { version, description } = parseFileName(name)
  const rows = facts.table.revisions ?? []
  const ran = rows.some(row => row.version === version && row.description === description)
  const names = [...used.directory.files.map(file => file.name), name].sort(compareBytewise)
  return !ran && roleFinder(names)(name)?.role === 'undo'
}

/** Files that would take something back, and that did not run yet. */
function undoingFiles(facts: Facts): readonly FatedFile[] {
  return foreignFiles(facts).filter(({ undo, fate }) => undo !== null && fate !== 'ran')
}
