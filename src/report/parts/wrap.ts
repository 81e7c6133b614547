export interface WrapOptions {
  /** Columns of a line. A longer word stays whole, so that it can be copied. */
  readonly width: number
  /** Stands in front of every line but the first. */
  readonly indent: string
  /** Stands in front of the first line. Default: nothing. */
  readonly first?: string
}

/** Breaks a line between words. */
export function wrap(text: string, { width, indent, first = '' }: WrapOptions): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}
