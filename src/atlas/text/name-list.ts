/** Enough names to recognise a list, few enough for one line of a terminal. */
const shown = 3

/** Lists names for a message: `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listNames(names: readonly string[]): string {
  const rest = names.length - shown
  if (rest > 0) return `${names.slice(0, shown).join(', ')} and ${rest} more`
  return [names.slice(0, -1).join(', '), ...names.slice(-1)]
    .filter(text => text !== '')
    .join(' and ')
}

/** A number with its noun: `1 file`, `2 files`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
