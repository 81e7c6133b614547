// A "byte text" is a string with one character for each byte of the UTF-8 encoding. Go's scanner
// works on bytes, and its positions count them; in this form JavaScript's string functions do the
// same.

/** The byte text of a text. A text of only ASCII is its own byte text. */
export function toByteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of a byte text. Bytes that are not UTF-8 become U+FFFD. */
export function fromByteText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** What Go takes for white space (unicode.IsSpace), in UTF-8. */
const space = String.raw`[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80`
const spacesHere = new RegExp(`(?:${space})*`, 'y')
const spaceAtEnd = new RegExp(`(?:${space})$`)

/** Position of the first byte at or after `from` that does not begin white space. */
export function skipSpaces(bytes: string, from: number): number {
  spacesHere.lastIndex = from
  spacesHere.test(bytes)
  return spacesHere.lastIndex
}

/** A byte text without white space at both ends. */
export function trimSpaces(bytes: string): string {
  let end = bytes.length
  // White space is at most three bytes long, so the end of a long text is never searched from its
  // start.
  for (;;) {
    const match = spaceAtEnd.exec(bytes.slice(Math.max(0, end - 3), end))
    if (match === null) break
    end -= match[0].length
  }
  return bytes.slice(Math.min(skipSpaces(bytes, 0), end), end)
}
