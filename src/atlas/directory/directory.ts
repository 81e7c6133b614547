import { binarySearch } from '../text/binary-search.js'
import { buildFile, fileSuffix, type MigrationFile } from './file.js'
import { compareBytewise } from '../text/go-string.js'
import { computeSum, type Sum } from './sum.js'
import { landingName, writeError } from './working-folder.js'

/** A migration directory as the command line of Atlas would open it. */
export interface Directory {
  /** Sorted by full name, bytewise. */
  readonly files: readonly MigrationFile[]
  /** Text of atlas.sum; null when there is none. */
  readonly sumText: string | null
  /** What atlas.sum has to say for the files; hashed at the first call only, since that is the costly part. */
  readonly sum: () => Sum
}

/** A directory of these files, which come in its order. */
export function directoryOf(files: readonly MigrationFile[], sumText: string | null): Directory {
  let sum: Sum | null = null
  return { files, sumText, sum: () => (sum ??= computeSum(files)) }
}

/** The file of that name: names are unique and sorted. */
export function fileNamed({ files }: Directory, name: string): MigrationFile | undefined {
  return files[binarySearch(files, file => compareBytewise(file.name, name))]
}

/** Name of the checksum file. */
export const sumFileName = 'atlas.sum'

/**
 * The directory that the operator (0.7) makes of the keys of a ConfigMap's `.data` or of
 * `spec.dir.local`: keys that end in `.sql`, and atlas.sum. A key with a path lands where the path leads.
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

/** In the order in which the operator writes them: of two that land on one name the later wins. */
function migrationEntries(
  data: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(data)
    .filter(([key]) => key.endsWith(fileSuffix))
    .sort(([a], [b]) => compareBytewise(a, b))
}

/** What makes the operator stop while it writes the folder (`$WD` stands for the folder); null when nothing. */
export function workingDirError(data: Readonly<Record<string, string>>): string | null {
  for (const [key] of migrationEntries(data)) {
    const error = writeError(key)
    if (error !== null) return error
  }
  return null
}
