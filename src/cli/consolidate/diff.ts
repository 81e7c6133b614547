import { createTwoFilesPatch } from 'diff'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { countOf } from '../../atlas/text/name-list.js'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** What would change, and how it is shown. */
export interface FolderChange {
  /** The text of the present files by name; empty for none. */
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  /** For new files that are edits, the text that was edited. */
  readonly edited: ReadonlyMap<string, string>
  readonly colors: boolean
}

/** One line for each file that comes, goes or stays, and the changed lines of each that changes. */
export function describeChange({ before, after, edited, colors }: FolderChange): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareBytewise)
  return names.flatMap(name => {
    const text = after.get(name)
    const old = before.get(name) ?? edited.get(name)
    if (text === undefined) return [paint(`- ${name}`, 'red', colors)]
    const added = before.has(name) ? [] : [paint(`+ ${name} (${lineCount(text)})`, 'green', colors)]
    if (old === undefined) return added
    if (old === text) return added.length > 0 ? added : [`  ${harmless(name)}`]
    return [...added, ...patch(name, old, text).map(line => paintLine(line, colors))]
  })
}

function lineCount(text: string): string {
  return countOf(text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0), 'line')
}

function patch(name: string, before: string, after: string): readonly string[] {
  const text = createTwoFilesPatch(name, name, before, after, '', '', { context: 3 })
  // The first two lines only repeat the name of the file.
  return text.trimEnd().split('\n').slice(2)
}

function paintLine(line: string, colors: boolean): string {
  if (line.startsWith('+')) return paint(line, 'green', colors)
  return line.startsWith('-') ? paint(line, 'red', colors) : harmless(line)
}

function harmless(text: string): string {
  return harmlessText(text, { colors: false })
}

/** ECMA-48, Select Graphic Rendition. */
const codes = { green: 32, red: 31 }

/**
 * Colors a line. Only these colors reach the terminal: escapes in the line itself are removed
 * first, because a stranger may have written them.
 */
function paint(text: string, color: keyof typeof codes, colors: boolean): string {
  const line = harmless(text)
  return colors ? `\x1b[${codes[color]}m${line}\x1b[0m` : line
}
