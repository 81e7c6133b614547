import { binarySearch } from '../text/binary-search.js'
import { buildFile, fileSuffix, type MigrationFile } from './file.js'
import { compareBytewise } from '../text/go-string.js'
import { computeSum, type Sum } from './sum.js'
import { landingName, writeError } from './working-folder.js'

/** A migration directory as Atlas's command line would open it. */
export interface Directory {
  /** Sorted by full name, bytewise. */
  readonly files: readonly MigrationFile[]
  /** Text of atlas.sum; null when there is none. */
  readonly sumText: string | null
  /**
   * The atlas.sum that fits the files. Hashing them is costly, so it is done at the first call
   * only.
   */
  readonly sum: () => Sum
}

/** Makes a directory of files, which the caller gives sorted by name, bytewise. */
export function directoryOf(files: readonly MigrationFile[], sumText: string | null): Directory {
  let sum: Sum | null = null
  return { files, sumText, sum: () => (sum ??= computeSum(files)) }
}

/** The file of that name, or undefined. Names are unique and sorted. */
export function fileNamed({ files }: Directory, name: string): MigrationFile | undefined {
  return files[binarySearch(files, file => compareBytewise(file.name, name))]
}

/** Name of the checksum file. */
export const sumFileName = 'atlas.sum'

/**
 * Makes the directory that the operator (0.7) writes for the keys of a ConfigMap's `.data` or of
 * `spec.dir.local`: keys that end in `.sql`, and atlas.sum. A key with a path ends up where the
 * path leads.
 */
export function buildDirectory(data: Readonly<Record<string, string>>): Directory {
  const landed = new Map<string, string>()
  for (const [key, content] of migrationEntries(data)) {
    const name = landingName(key)
    if (name !== null) landed.set(name, content)
  }
  const files = Array.from(landed, ([name, content]) => buildFile(name, content))
  files.sort((a, b) => compareBytewise(a.name, b.name))
  return directoryOf(files, Object.hasOwn(data, sumFileName) ? data[sumFileName]! : null)
}

/**
 * The files in the order in which the operator writes them: of two that end up under one name the
 * later wins.
 */
function migrationEntries(
  data: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(data)
    .filter(([key]) => key.endsWith(fileSuffix))
    .sort(([a], [b]) => compareBytewise(a, b))
}

/**
 * The error with which the operator stops while it writes the folder, with `$WD` for the folder's
 * path; null when there is none.
 */
export function workingDirError(data: Readonly<Record<string, string>>): string | null {
  for (const [key] of migrationEntries(data)) {
    const error = writeError(key)
    if (error !== null) return error
  }
  return null
}
