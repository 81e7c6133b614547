import { directoryOf, type Directory } from '../../atlas/directory/directory.js'
import type { EngineError } from '../../atlas/directory/engine-error.js'
import { buildFile } from '../../atlas/directory/file.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import { type Culprit, culprits } from '../rendering/culprits.js'

/** What certainly happened to the first file that differs. */
export interface Proof extends Pick<Culprit, 'cause' | 'remedy'> {
  /** The files for which the cause is proven. */
  readonly files: readonly string[]
  /** Whether atlas.sum matches once the cause is undone, so that nothing else was changed. */
  readonly complete: boolean
}

/**
 * Undoes one usual change after the other. If a file's line in atlas.sum matches then, the file was
 * changed in exactly that way, since the line is a SHA-256 of its bytes. null when none of them
 * explains the difference.
 */
export function proveCulprit(directory: Directory, error: EngineError): Proof | null {
  const { checksum } = error
  if (checksum?.reason !== 'edited') return null
  const suspect = directory.files.find(({ name }) => name === checksum.file)!.content
  // Hashing the directory again is costly, so only changes are tried that this file can have gone
  // through.
  for (const { cause, remedy, undo } of culprits.filter(({ undo }) => undo(suspect) !== suspect)) {
    const rest = validateDirectory(undoIn(directory, undo, name => name === checksum.file))
    if (rest === null) return { cause, remedy, files: [checksum.file], complete: true }
    if (isLater(rest, checksum.line)) {
      const everywhere = undoIn(directory, undo, () => true)
      const complete = validateDirectory(everywhere) === null
      const files = complete ? changedFiles(directory, everywhere) : [checksum.file]
      return { cause, remedy, files, complete }
    }
  }
  return null
}

/** Whether the first difference has moved behind this line, so that the line itself matches now. */
function isLater({ checksum }: EngineError, line: number): boolean {
  return checksum !== undefined && checksum.line > line
}

function undoIn(
  directory: Directory,
  undo: Culprit['undo'],
  isMeant: (name: string) => boolean,
): Directory {
  const files = directory.files.map(file =>
    isMeant(file.name) ? buildFile(file.name, undo(file.content)) : file,
  )
  return directoryOf(files, directory.sumText)
}

function changedFiles({ files }: Directory, repaired: Directory): readonly string[] {
  return files
    .filter(({ content }, index) => content !== repaired.files[index]?.content)
    .map((file: MigrationFile) => file.name)
}
