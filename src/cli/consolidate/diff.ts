import { createTwoFilesPatch } from 'diff'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { countOf } from '../../atlas/text/name-list.js'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** What would change, and how it is shown. */
export interface FolderChange {
  /** What is there now; empty for nothing. */
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  /** Of new files: what they were made of. */
  readonly edited: ReadonlyMap<string, string>
  readonly colors: boolean
}

/** One line for a file that comes, goes or stays; the changed lines of one that changes. */
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
  // The first two lines name the file once more, and rule it off.
  return text.trimEnd().split('\n').slice(2)
}

function paintLine(line: string, colors: boolean): string {
  if (line.startsWith('+')) return paint(line, 'green', colors)
  return line.startsWith('-') ? paint(line, 'red', colors) : harmless(line)
}

function harmless(text: string): string {
  return harmlessText(text, { colors: false })
}

/** ECMA-48. */
const codes = { green: 32, red: 31 }

/** Only the colors are ours: a line of a file may have escapes of its own. */
function paint(text: string, color: keyof typeof codes, colors: boolean): string {
  const line = harmless(text)
  return colors ? `\x1b[${codes[color]}m${line}\x1b[0m` : line
}
