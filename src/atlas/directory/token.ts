// The small pieces of the statement scanner. All work on byte texts; -1 stands for "not here".

/**
 * `\s` of Go's regular expressions, which has fewer characters than JavaScript's, and than Go's own
 * white space.
 */
const beginPattern = /[\t\n\f\r ]*BEGIN[\t\n\f\r ]+/iy
const beginAtomicPattern = /[\t\n\f\r ]*BEGIN[\t\n\f\r ]+ATOMIC[\t\n\f\r ]+/iy

// È to ÿ are C3 88 to C3 BF in UTF-8. Atlas's pattern nests two repetitions; this is the same language.
const dollarTagPattern = /\$(?:(?:[A-Za-z_]|\xc3[\x88-\xbf])(?:[A-Za-z0-9_]|\xc3[\x88-\xbf])*)?\$/y

function matchEnd(pattern: RegExp, bytes: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(bytes) ? pattern.lastIndex : -1
}

/** End of `BEGIN` and the white space behind it; white space in front belongs to it. */
export function beginEnd(bytes: string, at: number): number {
  return matchEnd(beginPattern, bytes, at)
}

/** End of `BEGIN ATOMIC` and the white space behind it. */
export function beginAtomicEnd(bytes: string, at: number): number {
  return matchEnd(beginAtomicPattern, bytes, at)
}

/** Whether the byte is white space for the patterns above. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x0c
}

/** Position behind the quote that closes the one before `from`. Doubled quotes are two strings. */
export function quoteEnd(bytes: string, from: number, escapes: boolean): number {
  const quote = bytes[from - 1]!
  if (!escapes) return bytes.indexOf(quote, from) + 1 || -1
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === '\\') at++
    else if (bytes[at] === quote) return at + 1
  }
  return -1
}

/** Position behind a dollar-quoted string that starts at `at`; an unclosed one takes all the rest. */
export function dollarQuoteEnd(bytes: string, at: number): number {
  const body = matchEnd(dollarTagPattern, bytes, at)
  if (body === -1) return -1
  const tag = bytes.slice(at, body)
  const end = bytes.indexOf(tag, body)
  return end === -1 ? bytes.length : end + tag.length
}

/** A comment's opening mark, what closes it, and where in the text that occurs last. */
export interface CommentMark {
  readonly left: string
  readonly right: string
  /** Behind it no comment of this kind is closed. Saves searching a long text once per mark. */
  readonly lastRight: number
}

/** The kinds of comments that a text may hold. */
export function commentMarks(bytes: string, hashComments: boolean): readonly CommentMark[] {
  const lastLine = bytes.lastIndexOf('\n')
  const line = { left: '--', right: '\n', lastRight: lastLine }
  const block = { left: '/*', right: '*/', lastRight: bytes.lastIndexOf('*/') }
  const hash = { left: '#', right: '\n', lastRight: lastLine }
  return hashComments ? [line, block, hash] : [line, block]
}

/** Position behind a comment whose mark ends at `inside`; without its end it is no comment: -1. */
export function commentEnd(bytes: string, inside: number, mark: CommentMark): number {
  if (inside > mark.lastRight) return -1
  return bytes.indexOf(mark.right, inside) + mark.right.length
}
