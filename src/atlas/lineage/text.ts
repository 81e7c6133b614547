import type { Hash } from 'node:crypto'
import { compareBytewise } from '../text/go-string.js'
import type { MigrationFile } from '../directory/file.js'

/** One text that a version has or had: the same name with other bytes is another text. */
export interface Text {
  readonly file: MigrationFile
  /** Position of its name among all names, bytewise: what a row's hash covers has smaller ranks. */
  readonly rank: number
  /** Index of the directory it was first seen in; 0 is the directory under review. */
  readonly source: number
  /** What feeding it to a hash state takes, in units of the budget. */
  readonly cost: number
}

/** Every text of the directory under review and of the further directories, in order of rank. */
export interface TextIndex {
  readonly texts: readonly Text[]
  readonly byVersion: ReadonlyMap<string, readonly Text[]>
  /** Those of the directory under review. */
  readonly files: readonly Text[]
  /** Per directory, the one under review first, in the order given, its texts by name. */
  readonly directories: readonly (readonly Text[])[]
}

/** Atlas v1.2.3, `HashFile`: the name always, the bytes unless the file says `atlas:sum ignore`. */
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
