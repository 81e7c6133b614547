import { isCheckpoint, isSumIgnored } from './directive.js'

/** One migration file of a directory. Everything but `content` derives from name and content. */
export interface MigrationFile {
  readonly name: string
  /** Text before the first `_`, or the whole name without `.sql`. Opaque; may be empty. */
  readonly version: string
  readonly description: string
  /** The bytes as UTF-8 text; hashed as they are (BOM, CRLF and last newline matter). */
  readonly content: string
  /** Has a checkpoint directive that Atlas sees. */
  readonly checkpoint: boolean
  /** Starts with `atlas:sum ignore`: has no line in atlas.sum and can never be applied. */
  readonly sumIgnored: boolean
}

/** `.sql`, case-sensitive: anything else in a directory is not a migration file. */
export const fileSuffix = '.sql'

function withoutSuffix(text: string): string {
  return text.endsWith(fileSuffix) ? text.slice(0, -fileSuffix.length) : text
}

/** Version and description as Atlas v1.2.3 cuts them out of a name (`migrate.LocalFile`). */
export function parseFileName(name: string): { version: string; description: string } {
  const underscore = name.indexOf('_')
  if (underscore === -1) return { version: withoutSuffix(name), description: '' }
  return {
    version: name.slice(0, underscore),
    description: withoutSuffix(name.slice(underscore + 1)),
  }
}

/** A migration file from its name and text. */
export function buildFile(name: string, content: string): MigrationFile {
  return {
    name,
    ...parseFileName(name),
    content,
    checkpoint: isCheckpoint(content),
    sumIgnored: isSumIgnored(content),
  }
}
