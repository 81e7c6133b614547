const version = /^V(\d+(?:[._]\d+){0,20})__/

/**
 * Says where Flyway's order of the files is not that of their names, by which Atlas goes; null where
 * both are one. The names are sorted, as those of a directory are.
 */
export function describeOrder(names: readonly string[]): string | null {
  const versions = names.flatMap(name => version.exec(name)?.[1] ?? [])
  for (const [index, later] of versions.entries()) {
    const earlier = versions[index - 1]
    if (earlier !== undefined && isGreater(earlier, later))
      return `the operator runs V${earlier} before V${later}`
  }
  return null
}

/** Compares the numbers of two versions, one after the other; a missing one counts as 0. */
function isGreater(left: string, right: string): boolean {
  const [a, b] = [left, right].map(text => text.split(/[._]/)) as [string[], string[]]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = compareNumbers(a[index] ?? '0', b[index] ?? '0')
    if (difference !== 0) return difference > 0
  }
  return false
}

/** Compares two decimal numbers of any length. */
function compareNumbers(left: string, right: string): number {
  const [a, b] = [left, right].map(digits => digits.replace(/^0+/, '')) as [string, string]
  if (a.length !== b.length) return a.length - b.length
  return a === b ? 0 : a < b ? -1 : 1
}
