import { compareBytewise } from '../text/go-string.js'

/**
 * Versions above which a newer one of the usual kind cannot sort. Once such a file ran, every later
 * file is out of order.
 */
export interface ClosingVersions {
  /** In their order; at least one. */
  readonly versions: readonly string[]
  /** The greatest of the other versions; null when there is no other. */
  readonly usual: string | null
}

/**
 * Finds versions that were chosen to sort last, such as 99999999999999 or `zz`. What is usual is
 * learnt from the other versions, since nothing here knows the date. null when there are none.
 */
export function findClosingVersions(all: readonly string[]): ClosingVersions | null {
  const versions = [...new Set(all)].sort(compareBytewise)
  const greatest = versions.at(-1)
  if (greatest === undefined) return null
  const usual = /^\d/.test(greatest)
    ? usualBelowNumber(versions, greatest)
    : usualBelowLetters(versions)
  if (usual === undefined) return null
  return { versions: versions.filter(version => isAbove(version, usual)), usual }
}

function isAbove(version: string, usual: string | null): boolean {
  return usual === null || compareBytewise(version, usual) > 0
}

/** Years without any migration that no directory has, by far. */
const longestPause = 30

/** Dates before it are placeholders, since Atlas is younger. A first file may well have one. */
const firstYear = 2010

function isLongBefore(version: string, next: string | undefined): boolean {
  const year = yearOf(version)
  return next !== undefined && year >= firstYear && yearOf(next) >= year + longestPause
}

/** undefined: the greatest version is one like the others. */
function usualBelowNumber(
  versions: readonly string[],
  greatest: string,
): string | null | undefined {
  const newest = versions.find(
    (version, index) => isDated(version) && isLongBefore(version, versions[index + 1]),
  )
  if (newest !== undefined) return newest
  if (!/^9{2,}$/.test(greatest)) return undefined
  const before = versions.at(-2)
  const isCounted =
    before !== undefined && /^\d+$/.test(before) && before.length === greatest.length
  if (!isCounted) return greatest.length < certainNines ? undefined : (before ?? null)
  return BigInt(before) + 1n < BigInt(greatest) ? before : undefined
}

/** Nines that nobody reaches by counting, so that no other version need be like them. */
const certainNines = 4

/** Eight digits that are a day of these two centuries, and perhaps a time behind it. */
function isDated(version: string): boolean {
  return /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{0,9}$/.test(version)
}

/** The year in which a date would sort beside this version, which begins with a digit. */
function yearOf(version: string): number {
  return Number((/^\d{1,4}/.exec(version)?.[0] ?? '0').padEnd(4, '0'))
}

/** Letters sort above digits, so among numbered files they close the directory. */
function usualBelowLetters(versions: readonly string[]): string | undefined {
  const numbered = versions.filter(version => /^\d/.test(version))
  const usual = numbered.at(-1)
  const others = versions.length - numbered.length
  return usual !== undefined && numbered.length * 2 >= others ? usual : undefined
}
