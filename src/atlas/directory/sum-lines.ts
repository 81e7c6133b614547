/** Longest line, in bytes and with its LF, that Go's bufio.Scanner reads (bufio.MaxScanTokenSize). */
const bufferSize = 65_536

/**
 * The lines of a text as Atlas gets them from Go's bufio.Scanner: without LF, without one CR before it,
 * and no empty line after a last LF. An overlong line ends the reading; an overlong first line counts
 * as empty, and the part of it that fits into the buffer as the second line.
 */
export function splitLines(text: string): { lines: readonly string[]; tooLong: boolean } {
  const raw = text.split('\n')
  if (raw.at(-1) === '') raw.pop()
  const overlong = raw.findIndex(line => Buffer.byteLength(line) >= bufferSize)
  if (overlong === -1) return { lines: raw.map(withoutReturn), tooLong: false }
  if (overlong === 0) return { lines: ['', bufferful(raw[0]!)], tooLong: true }
  return { lines: raw.slice(0, overlong).map(withoutReturn), tooLong: true }
}

function bufferful(line: string): string {
  return Buffer.from(line).subarray(0, bufferSize).toString()
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
