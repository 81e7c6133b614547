export interface WrapOptions {
  /** Columns; a word that is longer stays whole, so that it can be copied. */
  readonly width: number
  /** Goes before every line but the first. */
  readonly indent: string
}

/** Breaks a line between words. */
export function wrap(text: string, { width, indent }: WrapOptions): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
