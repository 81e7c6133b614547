import { compareBytewise } from '../text/go-string.js'

/** What new versions have to sort above: Atlas orders files by name, and rows by version. */
export interface KnownNames {
  readonly names: readonly string[]
  readonly versions: readonly string[]
}

/**
 * So many versions in rising order that sort above all known ones, and whose files sort above all known
 * files. They count on from the greatest known version where it is a number, such as a time stamp, and
 * the width allows; else they are that version with a letter, which sorts above `_` and `.`, and a number.
 */
export function newVersions(count: number, { names, versions }: KnownNames): readonly string[] {
  const greatest = maximum(versions)
  // The last file can have a shorter version: `1_a.sql` sorts above `10_b.sql`.
  const last = maximum(names).split(/_|\.sql$/, 1)[0]!
  const isAbove = ([first = '']: readonly string[]) =>
    compareBytewise(first, greatest) > 0 && compareBytewise(first, maximum(names)) > 0
  const series = [countOn(greatest, count), letter(greatest, count)]
  return series.find(isAbove) ?? letter(last, count)
}

function maximum(texts: readonly string[]): string {
  return texts.reduce((a, b) => (compareBytewise(a, b) < 0 ? b : a), '')
}

/** Empty when it is no number, or the count would need another digit. */
function countOn(version: string, count: number): readonly string[] {
  if (!/^\d+$/.test(version)) return []
  const series = Array.from({ length: count }, (_, i) =>
    String(BigInt(version) + BigInt(i + 1)).padStart(version.length, '0'),
  )
  return series.at(-1)?.length === version.length ? series : []
}

function letter(base: string, count: number): readonly string[] {
  const width = String(count).length
  return Array.from({ length: count }, (_, i) => `${base}z${String(i + 1).padStart(width, '0')}`)
}
