/** Where a UTF-16 unit stands in the order of UTF-8: surrogates mean U+10000 and above, so they go last. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/**
 * Compares as Go compares strings: by the bytes of their UTF-8 encoding. JavaScript's `<` compares
 * UTF-16 units, which differs for characters above U+FFFF against U+E000 to U+FFFF.
 */
export function compareBytewise(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return utf8Rank(left) - utf8Rank(right)
  }
  return a.length - b.length
}
