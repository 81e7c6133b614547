import { buildDirectory, directoryOf, sumFileName } from '../../atlas/directory/directory.js'
import type { Directory } from '../../atlas/directory/directory.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import type { ReadDirectory } from '../facts/used-directory.js'

/** What a template certainly did to atlas.sum or to all keys, with the directory as it was before. */
export interface Rendering {
  /** What happened, as a sentence. */
  readonly cause: string
  readonly remedy: string
  /** Its files may differ from their lines for another reason. */
  readonly before: Directory
}

interface SumChange extends Omit<Rendering, 'before'> {
  readonly undo: (sum: string) => string
}

const lines = (change: (line: string) => string) => (sum: string) =>
  sum.split('\n').map(change).join('\n')

const withoutBlankLines = (sum: string) =>
  sum
    .split('\n')
    .filter(line => line.trim() !== '')
    .join('\n')

/** YAML's `>` puts a blank in place of a line break. No name of a file holds a hash. */
const unfolded = (sum: string) => sum.replaceAll(/(h1:[A-Za-z0-9+/]{43}=) +/g, '$1\n')

const unquoted = (sum: string) =>
  sum
    .replaceAll(String.raw`\r`, '')
    .replaceAll(String.raw`\n`, '\n')
    .replaceAll(/^\s*["']|["']\s*$/g, '')

const sumChanges: readonly SumChange[] = [
  {
    cause: 'atlas.sum got a blank line on the way, which Atlas does not read',
    remedy: 'use YAML `|` and trim what the template adds, do not hash again',
    undo: withoutBlankLines,
  },
  {
    cause: 'the lines of atlas.sum were folded into one',
    remedy: 'use YAML `|` instead of `>`, do not hash again',
    undo: unfolded,
  },
  {
    cause: 'the lines of atlas.sum were indented, or got blanks at their ends',
    remedy: 'correct the indent of the template (nindent), do not hash again',
    undo: lines(line => line.trim()),
  },
  {
    cause: 'atlas.sum was quoted, and has \\n in place of line breaks',
    remedy: 'use YAML `|` and no quoting function, do not hash again',
    undo: unquoted,
  },
  {
    cause: 'a template changed the line breaks and blanks of atlas.sum',
    remedy: 'use YAML `|` and no function that changes the text, do not hash again',
    undo: sum => withoutBlankLines(lines(line => line.trim())(unfolded(unquoted(sum)))),
  },
]

/**
 * Undoes what templates do to atlas.sum and to keys. Once that is undone, atlas.sum adds up again:
 * its first line is a SHA-256 of the others, so nothing else was changed in it. null when none of
 * the changes explains it.
 */
export function proveRendering(used: ReadDirectory): Rendering | null {
  return changedSum(used) ?? encodedValues(used) ?? prefixedKeys(used)
}

/** Whether what is wrong, if anything is, is not atlas.sum itself. */
function addsUp(directory: Directory): boolean {
  const error = validateDirectory(directory)
  return error === null || error.type === 'ChecksumError'
}

function changedSum({ directory }: ReadDirectory): Rendering | null {
  const { sumText, files } = directory
  if (sumText === null || addsUp(directory)) return null
  for (const { cause, remedy, undo } of sumChanges) {
    const text = undo(sumText)
    if (text === sumText) continue
    const before = directoryOf(files, text)
    if (addsUp(before)) return { cause, remedy, before }
  }
  return null
}

/** The decoded text; null for a text that is no base64. Line breaks in it do not count. */
function decode(text: string): string | null {
  const dense = text.replaceAll(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(dense)) return null
  return Buffer.from(dense, 'base64').toString('utf8')
}

/** `b64enc` is for Secrets. In a ConfigMap nothing decodes it. */
function encodedValues({ data, directory }: ReadDirectory): Rendering | null {
  const { sumText } = directory
  if (sumText === null || !decode(sumText)?.startsWith('h1:')) return null
  const all = Object.entries(data).map(([key, text]) => [key, decode(text) ?? text] as const)
  const before = buildDirectory(Object.fromEntries(all))
  if (!addsUp(before)) return null
  return {
    cause: 'the values are base64, and the operator reads data as plain text',
    remedy: 'write them as plain text (no b64enc), do not hash again',
    before,
  }
}

/** Keys that got a prefix, such as the folder of the file, which atlas.sum does not have. */
function prefixedKeys({ data, directory }: ReadDirectory): Rendering | null {
  const keys = Object.keys(data)
  const prefix = keyPrefix(keys, directory.sumText)
  if (prefix === '') return null
  const plain = Object.entries(data).map(
    ([key, text]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, text] as const,
  )
  const before = buildDirectory(Object.fromEntries(plain))
  if (before.sumText === null || validateDirectory(before) !== null) return null
  return {
    cause: `the keys have ${prefix} in front of the names that atlas.sum lists`,
    remedy: `name the keys without ${prefix}, do not hash again`,
    before,
  }
}

/** What stands before `atlas.sum` in its key, or before the first name that atlas.sum lists. */
function keyPrefix(keys: readonly string[], sumText: string | null): string {
  if (sumText === null) {
    const sumKey = keys.find(key => key.endsWith(sumFileName)) ?? ''
    return sumKey.slice(0, -sumFileName.length)
  }
  const [, first = ''] = sumText.split('\n', 2)
  const name = first.slice(0, Math.max(first.indexOf(' h1:'), 0)).trim()
  if (name === '') return ''
  const key = keys.find(key => key !== name && key.endsWith(name)) ?? name
  return key.slice(0, key.length - name.length)
}
