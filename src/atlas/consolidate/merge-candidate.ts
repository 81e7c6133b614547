import type { ConsolidationSource } from './consolidation.js'
import type { MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'

/** A file that could be the one of its version in the merged directory. */
export interface MergeCandidate {
  readonly file: MigrationFile
  /** Names of the sources that have it, byte for byte and under this name. */
  readonly sources: readonly string[]
}

/**
 * By version, its candidates in the order of the sources. More than one candidate is a collision,
 * because a directory can use a version only once.
 */
export type CandidatesByVersion = ReadonlyMap<string, readonly MergeCandidate[]>

/** Brings the files of all sources together; the same file in several of them is one candidate. */
export function groupByVersion(sources: readonly ConsolidationSource[]): CandidatesByVersion {
  const groups = new Map<string, { file: MigrationFile; sources: string[] }[]>()
  for (const { name, directory } of sources) {
    for (const file of directory.files) {
      const group = groups.get(file.version) ?? []
      groups.set(file.version, group)
      const known = group.find(({ file: other }) => isSame(file, other))
      if (known === undefined) group.push({ file, sources: [name] })
      else if (!known.sources.includes(name)) known.sources.push(name)
    }
  }
  return groups
}

function isSame(a: MigrationFile, b: MigrationFile): boolean {
  return a.name === b.name && a.content === b.content
}

/** Compares two files by their place in a directory: by name, bytewise. */
export function compareCandidates(a: MergeCandidate, b: MergeCandidate): number {
  return compareBytewise(a.file.name, b.file.name)
}

/**
 * Whether some source has both files. Only then may one stand for the other (a checkpoint, a
 * baseline), or build on it.
 */
export function shareSource(a: MergeCandidate, b: MergeCandidate): boolean {
  return a.sources.some(source => b.sources.includes(source))
}

/** The file as messages name it: `1_a.sql (schema)`. */
export function describeCandidate({ file, sources }: MergeCandidate): string {
  return `${file.name} (${sources.join(', ')})`
}
