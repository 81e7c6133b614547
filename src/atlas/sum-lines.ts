/** Longest line that Go's bufio.Scanner reads, in bytes (bufio.MaxScanTokenSize - 1). */
const longestLine = 65_535

/**
 * The lines of a text as Go's bufio.Scanner gives them: without LF, without one CR before it, and no
 * empty line after a last LF. An overlong line ends the reading.
 */
export function splitLines(text: string): { lines: readonly string[]; tooLong: boolean } {
  const raw = text.split('\n')
  if (raw.at(-1) === '') raw.pop()
  const overlong = raw.findIndex(line => Buffer.byteLength(line) > longestLine)
  const kept = overlong === -1 ? raw : raw.slice(0, overlong)
  return { lines: kept.map(withoutReturn), tooLong: overlong !== -1 }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
