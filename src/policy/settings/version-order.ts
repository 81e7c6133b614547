/** Major, minor and patch of a version. */
export type VersionNumbers = readonly [major: number, minor: number, patch: number]

/** At most six digits each, which no version of ours will reach and every number can hold. */
const version = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/

/** The numbers of a version such as `0.1.0`; null for any other text. */
export function parseVersion(text: string): VersionNumbers | null {
  const match = version.exec(text)
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])]
}

/** Whether a version came after another one. Of a text that is no version nothing is said. */
export function isYounger(text: string, than: string): boolean {
  const [a, b] = [parseVersion(text), parseVersion(than)]
  if (a === null || b === null) return false
  return a[0] > b[0] || (a[0] === b[0] && (a[1] > b[1] || (a[1] === b[1] && a[2] > b[2])))
}
