/**
 * The candidate that `name` is most likely a misspelling of, for "did you mean"; null when none is
 * close.
 */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  // Names in a settings file are short. A long one is no misspelling and would only cost time.
  if (name.length > 64) return null
  let nearest: string | null = null
  // A third of the letters may be wrong, or two swapped; never all of them.
  let least = Math.min(Math.max(2, Math.floor(name.length / 3)) + 1, name.length)
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

/** Levenshtein's distance, computed one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const replaced = cell(row, j) + (from[i] === to[j] ? 0 : 1)
      next.push(Math.min(replaced, cell(row, j + 1) + 1, cell(next, j) + 1))
    }
    row = next
  }
  return cell(row, to.length)
}

function cell(row: readonly number[], index: number): number {
  return row[index] as number
}
