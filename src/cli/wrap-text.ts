/** Indents of the first line and of those after it. */
export interface Indent {
  readonly first: string
  readonly next: string
}

/** Breaks between words at `width`; a word that is too long stays whole, so that it can be copied. */
export function wrapText(text: string, width: number, { first, next }: Indent): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = next + word
    } else line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}
