/** A terminal shows about this many lines at once; the first mistakes usually explain the rest. */
const shown = 20

/** Lines below a message, indented; of very many mistakes only the first and how many more. */
export function listMistakes(mistakes: readonly string[]): string {
  const more = mistakes.length - shown
  const lines = mistakes.slice(0, shown).map(mistake => `  ${mistake}`)
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}
