import { directoryOf, type Directory } from '../../atlas/directory/directory.js'
import type { EngineError } from '../../atlas/directory/engine-error.js'
import { buildFile } from '../../atlas/directory/file.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import { exemptFromFlux, undoneSubstitutions } from '../rendering/substitution.js'

/**
 * A change that happens to files between their author's disk and the object. Undoing it tells it
 * from an edit.
 */
export interface Culprit {
  /** What happened to the file, as the end of a sentence that begins with its name. */
  readonly cause: string
  readonly remedy: string
  /** Restores the text that was hashed. If it changes nothing, the file was not affected. */
  readonly undo: (content: string) => string
}

const substituted = 'every `$$` became `$` (Flux postBuild)'

/** The blanks before the first line, taken from all lines if all have them. */
function withoutIndent(content: string): string {
  const [indent = ''] = /^ +/.exec(content) ?? []
  if (indent === '') return content
  const lines = content.split('\n')
  if (!lines.every(line => line === '' || line.startsWith(indent))) return content
  return lines.map(line => line.slice(indent.length)).join('\n')
}

const culprits: readonly Culprit[] = [
  {
    cause: 'its line breaks became CRLF',
    remedy: 'restore LF line breaks, do not hash again',
    undo: content => content.replaceAll('\r\n', '\n'),
  },
  {
    cause: 'its CRLF line breaks became LF',
    remedy: 'use LF at its source and run `atlas migrate hash`',
    undo: content => content.replaceAll(/\r?\n/g, '\r\n'),
  },
  {
    cause: 'its final newline is lost',
    remedy: 'use YAML `|` instead of `|-`',
    undo: content => (content.endsWith('\n') ? content : `${content}\n`),
  },
  {
    cause: 'a blank line at its end is lost',
    remedy: 'use YAML `|+`, or drop the line and run `atlas migrate hash`',
    undo: content => (content.endsWith('\n') ? `${content}\n` : `${content}\n\n`),
  },
  {
    cause: 'its final newline was not hashed',
    remedy: 'use YAML `|-` instead of `|`',
    undo: content => content.replace(/\n$/, ''),
  },
  {
    cause: 'its byte order mark is lost',
    remedy: 'remove it at its source and run `atlas migrate hash`',
    undo: content => `\uFEFF${content}`,
  },
  {
    cause: 'a byte order mark was put before it',
    remedy: 'remove the mark, do not hash again',
    undo: content => content.replace(/^\uFEFF/, ''),
  },
  {
    cause: 'a blank line was put before it',
    remedy: 'trim what the template adds (nindent in place of indent), do not hash again',
    undo: content => content.replace(/^\r?\n/, ''),
  },
  {
    cause: 'its lines were indented',
    remedy: 'correct the indent of the template, do not hash again',
    undo: withoutIndent,
  },
  {
    cause: '`$${` became `${` (Flux postBuild)',
    remedy: exemptFromFlux,
    undo: content => content.replaceAll('${', () => '$${'),
  },
  ...undoneSubstitutions.map(undo => ({ cause: substituted, remedy: exemptFromFlux, undo })),
]

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
