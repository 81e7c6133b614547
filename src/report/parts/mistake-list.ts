/**
 * Most mistakes that are shown: about what a terminal shows at once. The first ones usually explain
 * the rest.
 */
const shown = 20

/**
 * Indented lines for below a message. Of very many mistakes, only the first and the number of the
 * others.
 */
export function listMistakes(mistakes: readonly string[]): string {
  const more = mistakes.length - shown
  const lines = mistakes.slice(0, shown).map(mistake => `  ${mistake}`)
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}
