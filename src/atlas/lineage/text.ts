import type { Hash } from 'node:crypto'
import { compareBytewise } from '../text/go-string.js'
import type { MigrationFile } from '../directory/file.js'

/** A version's file with certain bytes. The same name with other bytes is another text. */
export interface Text {
  readonly file: MigrationFile
  /**
   * Position of the file's name among all names, bytewise. A row's hash covers texts of smaller
   * rank.
   */
  readonly rank: number
  /** Index of the first directory that has the text; 0 is the directory under review. */
  readonly source: number
  /** What feeding it to a hash costs, in units of the {@link Budget}. */
  readonly cost: number
}

/** Every text of the directory under review and of the other directories, in order of rank. */
export interface TextIndex {
  readonly texts: readonly Text[]
  readonly byVersion: ReadonlyMap<string, readonly Text[]>
  /** The texts of the directory under review. */
  readonly files: readonly Text[]
  /** The texts of each directory by name: the one under review first, then the others as given. */
  readonly directories: readonly (readonly Text[])[]
}

/**
 * Feeds a file to a hash as Atlas v1.2.3 does (`HashFile`): always the name, and the bytes unless
 * the file says `atlas:sum ignore`.
 */
export function feed(state: Hash, { file }: Text): void {
  state.update(file.sumIgnored ? file.name : file.name + file.content, 'utf8')
}

interface Sighting {
  readonly file: MigrationFile
  readonly source: number
}

function compareSightings(a: Sighting, b: Sighting): number {
  return compareBytewise(a.file.name, b.file.name) || a.source - b.source
}

/** Indexes the texts of the directory under review, and of the others. */
export function buildTextIndex(
  reviewed: readonly MigrationFile[],
  others: readonly (readonly MigrationFile[])[],
): TextIndex {
  const texts: Text[] = []
  const byVersion = new Map<string, Text[]>()
  const own: Text[] = []
  const members = [own, ...others.map((): Text[] => [])]
  const sightings = [reviewed, ...others].flatMap((files, source) =>
    files.map(file => ({ file, source })),
  )
  let namesakes: Text[] = []
  for (const { file, source } of sightings.sort(compareSightings)) {
    if (namesakes[0]?.file.name !== file.name) namesakes = []
    let text = namesakes.find(known => known.file.content === file.content)
    if (text === undefined) {
      const last = texts.at(-1)
      const rank = namesakes[0]?.rank ?? (last === undefined ? 0 : last.rank + 1)
      text = { file, rank, source, cost: 1 + (file.content.length >> 10) }
      namesakes.push(text)
      texts.push(text)
      const versions = byVersion.get(file.version)
      if (versions === undefined) byVersion.set(file.version, [text])
      else versions.push(text)
    }
    members[source]?.push(text)
  }
  return { texts, byVersion, files: own, directories: members }
}
