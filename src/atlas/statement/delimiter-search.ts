import { binarySearch } from '../text/binary-search.js'

/**
 * Up to this many bytes, comparing at every position is quick enough. Nearly every delimiter is `;`
 * or `//`.
 */
const short = 16

/**
 * Finds a delimiter in a text. A file may set one of half a megabyte that matches nearly, but never
 * quite, everywhere in the rest. Long delimiters are therefore sought as Knuth, Morris and Pratt
 * do, who read every byte once.
 */
export class DelimiterSearch {
  readonly #bytes: string
  #delimiter = ''
  /** For each length of a match, how much of it still matches when the next byte does not. */
  #shorter: Int32Array = new Int32Array(0)
  #from = 0
  #at = 0
  #matched = 0
  /** Positions of the delimiter in what was read so far. */
  #places: number[] = []

  constructor(bytes: string) {
    this.#bytes = bytes
  }

  isAt(delimiter: string, here: number): boolean {
    if (delimiter.length <= short) return this.#bytes.startsWith(delimiter, here)
    if (delimiter !== this.#delimiter || here < this.#from) this.#begin(delimiter, here)
    this.#readTo(Math.min(here + delimiter.length, this.#bytes.length))
    return binarySearch(this.#places, place => place - here) !== -1
  }

  #begin(delimiter: string, from: number): void {
    if (delimiter !== this.#delimiter) this.#shorter = shorterMatches(delimiter)
    this.#delimiter = delimiter
    this.#from = this.#at = from
    this.#matched = 0
    this.#places = []
  }

  #readTo(end: number): void {
    const { length } = this.#delimiter
    while (this.#at < end) {
      this.#matched = grown(this.#delimiter, this.#shorter, {
        matched: this.#matched,
        next: this.#bytes.charCodeAt(this.#at++),
      })
      if (this.#matched < length) continue
      this.#places.push(this.#at - length)
      this.#matched = this.#shorter[length - 1]!
    }
  }
}

interface Match {
  readonly matched: number
  readonly next: number
}

/** Length of the match after one more byte. */
function grown(pattern: string, shorter: Int32Array, { matched, next }: Match): number {
  let length = matched
  while (length > 0 && pattern.charCodeAt(length) !== next) length = shorter[length - 1]!
  return pattern.charCodeAt(length) === next ? length + 1 : 0
}

function shorterMatches(pattern: string): Int32Array {
  const shorter = new Int32Array(pattern.length)
  for (let at = 1; at < pattern.length; at++)
    shorter[at] = grown(pattern, shorter, {
      matched: shorter[at - 1]!,
      next: pattern.charCodeAt(at),
    })
  return shorter
}
