import type { MergedFile } from './consolidation.js'
import { directoryOf, sumFileName, type Directory } from '../directory/directory.js'
import { buildFile, type MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'
import type { MergeCandidate } from './merge-candidate.js'
import type { MergeTable } from './merge-table.js'
import { newVersions } from './new-version.js'
import { computeSum, printSum } from '../directory/sum.js'

export interface MergedDirectory {
  readonly directory: Directory & { readonly sumText: string }
  /** The merged directory as the `.data` of a ConfigMap. */
  readonly data: Readonly<Record<string, string>>
  readonly files: readonly MergedFile[]
}

interface Placed {
  readonly file: MigrationFile
  readonly candidate: MergeCandidate
}

/**
 * Makes the merged directory of the files that keep their names and of those that get new versions.
 * The bytes of a file stay as they are.
 */
export function mergeFiles(
  unmoved: readonly MergeCandidate[],
  moved: readonly MergeCandidate[],
  tables: readonly MergeTable[],
): MergedDirectory {
  const names = moved.length === 0 ? [] : newNames(unmoved, moved, tables)
  const placed = [
    ...unmoved.map(candidate => ({ file: candidate.file, candidate })),
    ...moved.map((candidate, i) => ({
      file: buildFile(names[i]!, candidate.file.content),
      candidate,
    })),
  ]
  placed.sort((a, b) => compareBytewise(a.file.name, b.file.name))
  const files = placed.map(({ file }) => file)
  const sumText = printSum(computeSum(files))
  const contents = files.map(({ name, content }) => [name, content] as const)
  return {
    directory: { ...directoryOf(files, sumText), sumText },
    data: Object.fromEntries([...contents, [sumFileName, sumText]]),
    files: placed.map(place => describe(place, tables)),
  }
}

function newNames(
  unmoved: readonly MergeCandidate[],
  moved: readonly MergeCandidate[],
  tables: readonly MergeTable[],
): readonly string[] {
  const known = [...unmoved, ...moved].map(({ file }) => file)
  const rows = tables.flatMap(table => table.rows)
  const versions = newVersions(moved.length, {
    names: known.map(({ name }) => name),
    versions: [...known, ...rows].map(({ version }) => version),
  })
  return moved.map(({ file }, i) => versions[i]! + file.name.slice(file.version.length))
}

function describe({ file, candidate }: Placed, tables: readonly MergeTable[]): MergedFile {
  const ran = ({ readings }: MergeTable) => {
    const reading = readings.get(file.version)
    return reading?.kind === 'ran' && reading.candidate === candidate
  }
  return {
    name: file.name,
    originalName: candidate.file.name,
    sources: candidate.sources,
    appliedOn: tables.filter(ran).map(({ database }) => database.name),
  }
}
