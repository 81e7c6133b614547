import { compareBytewise } from '../text/go-string.js'

/**
 * The names that new versions have to sort above: Atlas orders files by name, and rows by version.
 */
export interface KnownNames {
  readonly names: readonly string[]
  readonly versions: readonly string[]
}

/**
 * Makes `count` versions in rising order. They sort above all known versions, and their files above
 * all known files. Where the greatest known version is a number, such as a time stamp, they count
 * on from it as far as its width allows. Otherwise each is that version, a letter that sorts above
 * `_` and `.`, and a number.
 */
export function newVersions(count: number, { names, versions }: KnownNames): readonly string[] {
  const greatest = maximum(versions)
  // The greatest name need not have the greatest version: `1_a.sql` sorts above `10_b.sql`.
  const last = maximum(names).split(/_|\.sql$/, 1)[0]!
  const isAbove = ([first = '']: readonly string[]) =>
    compareBytewise(first, greatest) > 0 && compareBytewise(first, maximum(names)) > 0
  const series = [countOn(greatest, count), letter(greatest, count)]
  return series.find(isAbove) ?? letter(last, count)
}

function maximum(texts: readonly string[]): string {
  return texts.reduce((a, b) => (compareBytewise(a, b) < 0 ? b : a), '')
}

/**
 * Versions that count on from a number; empty when it is no number, or counting needs one more
 * digit.
 */
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
