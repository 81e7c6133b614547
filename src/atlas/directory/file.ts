import { isCheckpoint, isSumIgnored } from './directive.js'

/** One migration file of a directory. Everything but `content` derives from name and content. */
export interface MigrationFile {
  readonly name: string
  /**
   * The text before the first `_`, or the whole name without `.sql`. Atlas gives it no meaning
   * beyond its order; it may be empty.
   */
  readonly version: string
  readonly description: string
  /**
   * The bytes as UTF-8 text. They are hashed as they are: a BOM, CRLF and the last line break
   * count.
   */
  readonly content: string
  /** Whether the file has a checkpoint directive that Atlas sees. */
  readonly checkpoint: boolean
  /**
   * Whether the file starts with `atlas:sum ignore`. It then has no line in atlas.sum and can never
   * be applied.
   */
  readonly sumIgnored: boolean
}

/**
 * Ending of a migration file, case-sensitive. Anything else in a directory is not a migration file.
 */
export const fileSuffix = '.sql'

function withoutSuffix(text: string): string {
  return text.endsWith(fileSuffix) ? text.slice(0, -fileSuffix.length) : text
}

/** Cuts version and description out of a name as Atlas v1.2.3 does (`migrate.LocalFile`). */
export function parseFileName(name: string): { version: string; description: string } {
  const underscore = name.indexOf('_')
  if (underscore === -1) return { version: withoutSuffix(name), description: '' }
  return {
    version: name.slice(0, underscore),
    description: withoutSuffix(name.slice(underscore + 1)),
  }
}

/** Makes a migration file of its name and text. */
export function buildFile(name: string, content: string): MigrationFile {
  return {
    name,
    ...parseFileName(name),
    content,
    checkpoint: isCheckpoint(content),
    sumIgnored: isSumIgnored(content),
  }
}
