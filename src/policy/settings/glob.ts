/**
 * Whether a glob with `*` (any run, also empty) and `?` (one character) covers the whole name. It
 * walks both texts and steps back only to the last star, so that no pattern takes exponential time,
 * as a regular expression could.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < name.length;) {
    if (pattern[at] === '*') {
      star = at++
      resume = index
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[index])) {
      at++
      index++
    } else if (star >= 0) {
      // Let the last star take one character more, and try again from there.
      at = star + 1
      index = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** Whether one of the globs covers the name. */
export function matchesSomeGlob(patterns: readonly string[], name: string): boolean {
  return patterns.some(pattern => matchesGlob(pattern, name))
}
