import type { MigrationFile } from '../../atlas/directory/file.js'
import { type FileRole, roleFinder } from './file-role.js'
import { divideAtMarkers, type MarkedFile, type MarkedPart } from './marked-parts.js'
import type { ImportFormat } from './marker.js'

/** A migration file that was written for another tool. */
export interface ForeignFile {
  readonly file: MigrationFile
  readonly tool: string
  /** How `atlas migrate import` calls the format; null when it cannot convert the file. */
  readonly importFormat: ImportFormat | null
  /** marked: a comment of the tool says so. The others: its name does. */
  readonly role: FileRole['role'] | 'marked'
  /**
   * What of it takes the migration back: a part of the file, all of it, or nothing. An undo without
   * a statement is nothing.
   */
  readonly undo: 'part' | 'all' | null
  /** Whether it is certain that this takes something back. */
  readonly certain: boolean
  /** 1-based line of the marker; 1 without one. */
  readonly line: number
}

/** The files of a directory that were written for another tool, in its order. */
export function findForeignFiles(files: readonly MigrationFile[]): readonly ForeignFile[] {
  const roleOf = roleFinder(files.map(({ name }) => name))
  return files.flatMap(file => foreignFile(file, roleOf(file.name)) ?? [])
}

function foreignFile(file: MigrationFile, named: FileRole | null): ForeignFile | null {
  if (named === null && !mayBeMarked.test(file.content)) return null
  const marked = divideAtMarkers(file.content)
  if (named?.role === 'undo')
    return { ...named, file, undo: marked.hasStatement ? 'all' : null, line: 1 }
  return markedFile(file, marked) ?? (named && { ...named, file, undo: null, line: 1 })
}

/** A word of every marker behind a line's dashes. Most files have none, and are not read closely. */
const mayBeMarked = /^[ \t]*--[^\n]{0,60}?(?:up|down|undo|below|formatted sql|revert|deploy)/im

function markedFile(file: MigrationFile, { parts }: MarkedFile): ForeignFile | null {
  const firstUp = parts.findIndex(({ marker }) => marker.opens === 'up')
  const undo = parts.find(
    (part, index) => isUndo(part, file.content) && (!part.marker.common || isAfter(index, firstUp)),
  )
  const first = undo ?? parts.find(({ marker }) => !marker.common)
  if (!first) return null
  const { tool, head } = first.marker
  return {
    file,
    tool,
    importFormat: safeImport(file, parts),
    role: 'marked',
    undo: undo ? (head ? 'all' : 'part') : null,
    certain: true,
    line: first.line,
  }
}

/** A word that makes `atlas migrate import` (v1.2.3) drop every line that holds it. */
const droppedLines: ReadonlyMap<ImportFormat, string> = new Map([
  ['goose', 'Down'],
  ['dbmate', 'down'],
])

/** The format, where the import keeps all that goes forward, and nothing else; otherwise null. */
function safeImport({ content }: MigrationFile, parts: readonly MarkedPart[]): ImportFormat | null {
  const [first] = parts
  const format = first?.marker.importFormat ?? null
  if (!first || parts.some(({ marker }) => marker.importFormat !== format)) return null
  const isIndented = parts.some(({ at }) => at > 0 && content[at - 1] !== '\n')
  if (isIndented || (format !== 'liquibase' && first.marker.opens !== 'up')) return null
  const down = parts.find(({ marker }) => marker.opens === 'down')
  const word = format === null ? undefined : droppedLines.get(format)
  return word !== undefined && content.slice(0, down?.at).includes(word) ? null : format
}

function isAfter(index: number, first: number): boolean {
  return first !== -1 && index > first
}

function isUndo({ marker, statementAt }: MarkedPart, content: string): boolean {
  if (marker.opens !== 'down' || statementAt === null) return false
  return !marker.common || takesAway.test(content.slice(statementAt, statementAt + longestLook))
}

const longestLook = 300

const takesAway = /^(?:drop|truncate|delete)\s|^alter\s[^;]{1,200}?\sdrop\s/i
