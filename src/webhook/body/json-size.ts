const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/** What a JSON text will cost, counted before it is parsed. */
export interface JsonSize {
  /** At least the number of values that it holds. */
  readonly values: number
  readonly depth: number
}

/** Counts in one pass over the bytes. A text that is not JSON has some size, too. */
export function measureJson(bytes: Buffer): JsonSize {
  let values = 1
  let open = 0
  let depth = 0
  let isText = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (isText) {
      if (byte === backslash) index++
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === comma) values++
    else if (byte === openBrace || byte === openBracket) {
      values++
      depth = Math.max(depth, ++open)
    } else if (byte === closeBrace || byte === closeBracket) open--
  }
  return { values, depth }
}
