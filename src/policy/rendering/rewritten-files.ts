import { buildFile, type MigrationFile } from '../../atlas/directory/file.js'
import { computeSum } from '../../atlas/directory/sum.js'
import { rowHash, type Revision } from '../../atlas/engine/revision.js'
import { culprits } from './culprits.js'

/** What is another in files that were rewritten as a whole, as by an editor or a checkout. */
export interface Rewriting {
  readonly part: string
  readonly files: readonly string[]
}

/**
 * The part in which a text differs from the one that ran; null when other things differ, too.
 */
export function rewrittenPart(content: string, ran: string): string | null {
  if (content === ran) return null
  const alone = culprits.find(({ undo }) => undo(content) === ran)?.part
  return (
    alone ?? (withoutBlanks(content) === withoutBlanks(ran) ? 'blanks and line breaks only' : null)
  )
}

/** Two changes at once, or a formatter, leave everything but blanks and line breaks as it was. */
function withoutBlanks(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/**
 * Finds what was done to all files of a directory alike, where the texts that ran are not known.
 * Once it is undone, every row has the hash of its file again. null when nothing explains the rows.
 */
export function proveRewriting(
  files: readonly MigrationFile[],
  rows: readonly Revision[],
  suspect: MigrationFile,
): Rewriting | null {
  // Hashing the files takes a while, so only changes are tried that this file can have gone through.
  for (const { part, undo } of culprits.filter(
    ({ undo }) => undo(suspect.content) !== suspect.content,
  )) {
    const ran = files.map(({ name, content }) => buildFile(name, undo(content)))
    if (!haveHashes(rows, ran)) continue
    const versions = new Set(rows.map(({ version }) => version))
    const rewritten = files.filter(
      ({ version, content }, index) => versions.has(version) && content !== ran[index]?.content,
    )
    return { part, files: rewritten.map(({ name }) => name) }
  }
  return null
}

function haveHashes(rows: readonly Revision[], files: readonly MigrationFile[]): boolean {
  const hashes = new Map(computeSum(files).lines.map(({ name, hash }) => [name, hash]))
  const present = new Map(files.map(({ version, name }) => [version, hashes.get(name)]))
  const hashed = rows.filter(row => rowHash(row) !== '' && present.has(row.version))
  return hashed.length > 0 && hashed.every(row => rowHash(row) === present.get(row.version))
}
