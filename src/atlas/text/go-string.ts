// Go compares strings by their UTF-8 bytes and has its own rules of white space and quoting. Atlas
// is written in Go, so JavaScript's `<`, trim() and JSON.stringify() would decide some cases
// otherwise.

/**
 * Compares two texts by their UTF-8 bytes, as Go does: negative, zero or positive. This differs
 * from JavaScript's order only where a surrogate meets a unit above U+DFFF.
 */
export function compareBytewise(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return byteRank(x) - byteRank(y)
  }
  return a.length - b.length
}

/**
 * Ranks a UTF-16 unit by its UTF-8 bytes: surrogates, which take four bytes, come after everything
 * else.
 */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** Go's unicode.IsSpace. Unlike JavaScript's white space it has U+0085 and not U+FEFF. */
function isGoSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0
  if (unit >= 0x2000 && unit <= 0x200a) return true
  return (
    unit === 0x1680 ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  )
}

/** Go's strings.TrimSpace. */
export function trimGoSpace(s: string): string {
  let start = 0
  let end = s.length
  while (start < end && isGoSpace(s.charCodeAt(start))) start++
  while (end > start && isGoSpace(s.charCodeAt(end - 1))) end--
  return s.slice(start, end)
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
])

/** Go's strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

function quoteCharacter(character: string): string {
  const escape = escapes.get(character)
  if (escape !== undefined) return escape
  if (printable.test(character)) return character
  const hex = character.codePointAt(0)!.toString(16)
  if (hex.length <= 2 && character < '\x80') return '\\x' + hex.padStart(2, '0')
  return hex.length <= 4 ? '\\u' + hex.padStart(4, '0') : '\\U' + hex.padStart(8, '0')
}

/** Go's `%q`: the text in double quotes, with everything escaped that is not printable. */
export function quoteGo(s: string): string {
  return '"' + Array.from(s, quoteCharacter).join('') + '"'
}
