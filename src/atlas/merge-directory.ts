import type { MergedFile } from './consolidation.js'
import { directoryOf, sumFileName, type Directory } from './directory.js'
import { buildFile, type MigrationFile } from './file.js'
import { compareBytewise } from './go-string.js'
import type { MergeCandidate } from './merge-candidate.js'
import type { MergeTable } from './merge-table.js'
import { newVersions } from './new-version.js'
import { computeSum, printSum } from './sum.js'

export interface MergedDirectory {
  readonly directory: Directory & { readonly sumText: string }
  /** As a ConfigMap's data. */
  readonly data: Readonly<Record<string, string>>
  readonly files: readonly MergedFile[]
}

interface Placed {
  readonly file: MigrationFile
  readonly candidate: MergeCandidate
}

/** The files of the merged directory, of which those to be moved get new versions. Bytes stay as they are. */
export function mergeFiles(
  candidates: readonly MergeCandidate[],
  moved: readonly MergeCandidate[],
  tables: readonly MergeTable[],
): MergedDirectory {
  const placed = [...placeKept(candidates, moved), ...placeMoved(candidates, moved, tables)]
  placed.sort((a, b) => compareBytewise(a.file.name, b.file.name))
  const files = placed.map(({ file }) => file)
  const sumText = printSum(computeSum(files))
  const entries = [
    ...files.map(file => [file.name, file.content] as const),
    [sumFileName, sumText] as const,
  ]
  return {
    directory: { ...directoryOf(files, sumText), sumText },
    data: Object.fromEntries(entries),
    files: placed.map(place => describe(place, tables)),
  }
}

function placeKept(
  candidates: readonly MergeCandidate[],
  moved: readonly MergeCandidate[],
): readonly Placed[] {
  const gone = new Set(moved)
  return candidates
    .filter(candidate => !gone.has(candidate))
    .map(candidate => ({ file: candidate.file, candidate }))
}

function placeMoved(
  candidates: readonly MergeCandidate[],
  moved: readonly MergeCandidate[],
  tables: readonly MergeTable[],
): readonly Placed[] {
  const known = [...candidates, ...moved].map(({ file }) => file)
  const rows = tables.flatMap(table => table.rows)
  const versions = newVersions(moved.length, {
    names: known.map(({ name }) => name),
    versions: [...known, ...rows].map(({ version }) => version),
  })
  return moved.map((candidate, i) => {
    const { name, version, content } = candidate.file
    return { file: buildFile(versions[i]! + name.slice(version.length), content), candidate }
  })
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
