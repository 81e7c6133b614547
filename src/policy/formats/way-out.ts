import { parseFileName } from '../../atlas/directory/file.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { Facts, TableFacts } from '../facts/facts.js'
import type { Finding } from '../facts/finding.js'
import { usedDirectory } from '../facts/used-directory.js'
import { roleFinder } from './file-role.js'
import { foreignFiles, type FatedFile } from './foreign-directory.js'

/** The rule that speaks about files of other tools. Other rules fold their findings into its. */
export const formatRuleId = 'foreign-migration-format'

/** How to ship these files so that nothing of them takes a migration back. */
export function formatRemedy(files: readonly FatedFile[], { table }: Facts): string {
  const parts = files.some(({ undo }) => undo === 'part')
  const alone = parts ? 'ship the Up section alone' : 'ship the up files alone'
  return isConvertible(files, table) ? `convert with \`atlas migrate import\`, or ${alone}` : alone
}

/** The whole command, where it helps. */
export function importLine(files: readonly FatedFile[], { table }: Facts): readonly string[] {
  const format = files[0]?.importFormat
  return format && isConvertible(files, table)
    ? [
        `Convert the folder: atlas migrate import --from "file://FOLDER?format=${format}" --to "file://migrations"`,
      ]
    : []
}

/**
 * Whether `atlas migrate import` takes all of these files, and none ran: it changes names and
 * texts, and what ran must stay as it is.
 */
function isConvertible(files: readonly FatedFile[], table: TableFacts): boolean {
  const rows = table.kind === 'read' ? (table.revisions ?? []) : []
  return rows.length === 0 && files.every(({ importFormat }) => importFormat !== null)
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
  const names = [...used.directory.files.map(file => file.name), name]
  return !ran && roleFinder(names)(name)?.role === 'undo'
}

/** Files that would take something back, and that did not run yet. */
function undoingFiles(facts: Facts): readonly FatedFile[] {
  return foreignFiles(facts).filter(({ undo, fate }) => undo !== null && fate !== 'ran')
}
