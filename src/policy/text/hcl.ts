/**
 * Reads as much of HCL2 (github.com/hashicorp/hcl, `hclsyntax/spec.md`) as understanding an
 * atlas.hcl needs: blocks, labels, attributes and plain strings. Nothing is evaluated, and every
 * other expression is `unknown`. Reading ends at text that does not fit the grammar; it never
 * throws.
 */
export type HclExpression =
  | { readonly kind: 'string'; readonly value: string }
  /**
   * `text` is the source without the comments around it. It may hold secrets, so it may be compared
   * but never printed.
   */
  | { readonly kind: 'unknown'; readonly text: string }

export interface HclBody {
  readonly attributes: ReadonlyMap<string, HclExpression>
  readonly blocks: readonly HclBlock[]
}

export interface HclBlock {
  readonly type: string
  readonly labels: readonly string[]
  readonly body: HclBody
}

export interface HclDocument {
  /** What was read up to the end, or up to the place where reading ended. */
  readonly body: HclBody
  /** False when reading ended early. A missing block then proves nothing. */
  readonly complete: boolean
}

interface Cursor {
  readonly text: string
  /**
   * Where the last block comment closes. This saves searching a long text once for each opening
   * mark.
   */
  readonly lastClose: number
  at: number
}

interface GrowingBody extends HclBody {
  readonly attributes: Map<string, HclExpression>
  readonly blocks: HclBlock[]
}

/**
 * Most characters that are read: fifty times a large atlas.hcl. A character takes half a
 * microsecond at worst, and others wait for the answer.
 */
export const longestConfig = 128 * 1024

/**
 * Deepest nesting that is read. An atlas.hcl nests about five deep, and the limit keeps hostile
 * text from overflowing the call stack.
 */
const deepest = 50

const identifier = /[\p{L}_][\p{L}\p{N}_-]*/uy
/**
 * A label without escapes. One with an escape is legal, but no environment has such a name, so it
 * ends the reading.
 */
const quotedLabel = /"[^"\\\n]*"/y
const heredoc = /<<-?([\p{L}_][\p{L}\p{N}_-]*)[ \t\r]*\n/uy

/**
 * Runs of characters that need no decision. They are most of a text, so they decide how long
 * reading takes.
 */
const plainInString = /[^"\\\n$%]+/y
const plainOutside = /[^\s#/"()[\]{}<]+/y
const blanks = /[ \t\r]+/y
const blanksAndLines = /[ \t\r\n]+/y

const closerOf: ReadonlyMap<string, string> = new Map(
  Object.entries({ '(': ')', '[': ']', '{': '}' }),
)

export function parseHcl(text: string): HclDocument {
  const cursor = { text, lastClose: text.lastIndexOf('*/'), at: 0 }
  const body = emptyBody()
  if (text.length > longestConfig) return { body, complete: false }
  const complete = readItems(cursor, body, 0) && cursor.at === text.length
  return { body, complete }
}

function emptyBody(): GrowingBody {
  return { attributes: new Map(), blocks: [] }
}

/** Reads items up to the end of the text or a `}`. The caller checks which of the two it needs. */
function readItems(cursor: Cursor, body: GrowingBody, depth: number): boolean {
  for (;;) {
    skipBlanks(cursor, true)
    if (cursor.at >= cursor.text.length || cursor.text[cursor.at] === '}') return true
    if (!readItem(cursor, body, depth)) return false
  }
}

function readItem(cursor: Cursor, body: GrowingBody, depth: number): boolean {
  const name = take(cursor, identifier)
  if (name === null) return false
  skipBlanks(cursor, false)
  if (cursor.text[cursor.at] !== '=') return readBlock(cursor, body, { type: name, depth })
  cursor.at++
  const expression = readExpression(cursor)
  if (expression === null) return false
  body.attributes.set(name, expression)
  return true
}

function readBlock(
  cursor: Cursor,
  outer: GrowingBody,
  block: { readonly type: string; readonly depth: number },
): boolean {
  const labels = readLabels(cursor)
  if (cursor.text[cursor.at] !== '{' || block.depth === deepest) return false
  cursor.at++
  const body = emptyBody()
  outer.blocks.push({ type: block.type, labels, body })
  if (!readItems(cursor, body, block.depth + 1) || cursor.at >= cursor.text.length) return false
  cursor.at++
  return true
}

function readLabels(cursor: Cursor): readonly string[] {
  const labels: string[] = []
  for (;;) {
    const quoted = take(cursor, quotedLabel)
    const label = quoted === null ? take(cursor, identifier) : quoted.slice(1, -1)
    if (label === null) return labels
    labels.push(label)
    skipBlanks(cursor, false)
  }
}

/**
 * Reads an expression up to the end of its line, or to the `}` of a one-line block. null when a
 * bracket or quote does not close.
 */
function readExpression(cursor: Cursor): HclExpression | null {
  skipBlanks(cursor, false)
  const start = cursor.at
  // What must still close, the innermost last: a quote, or the closing sign of a bracket or
  // template.
  const open: string[] = []
  let end = start
  while (!isExpressionEnd(cursor, open)) {
    const moved = open.at(-1) === '"' ? readInString(cursor, open) : readOutside(cursor, open)
    if (moved === 'stuck') return null
    if (moved === 'text') end = cursor.at
  }
  if (open.length > 0) return null
  return classify(cursor.text.slice(start, end))
}

function isExpressionEnd(cursor: Cursor, open: readonly string[]): boolean {
  const next = cursor.text[cursor.at]
  return next === undefined || (open.length === 0 && (next === '\n' || next === '}'))
}

type Moved = 'text' | 'blank' | 'stuck'

function readInString(cursor: Cursor, open: string[]): Moved {
  if (skip(cursor, plainInString)) return 'text'
  const { text, at } = cursor
  const next = text[at]
  if (next === '\n') return 'stuck'
  if (next === '"') open.pop()
  // `$${` and `%%{` stand for themselves, while `${` and `%{` start a template.
  const escaped = text.startsWith('$${', at) || text.startsWith('%%{', at)
  const template = text.startsWith('${', at) || text.startsWith('%{', at)
  if (template) open.push('}')
  cursor.at += escaped ? 3 : template || next === '\\' ? 2 : 1
  return 'text'
}

function readOutside(cursor: Cursor, open: string[]): Moved {
  const before = cursor.at
  skipBlanks(cursor, open.length > 0)
  if (cursor.at > before) return 'blank'
  // A comment that never closes: Atlas does not read such a config at all.
  if (cursor.text.startsWith('/*', cursor.at)) return 'stuck'
  if (skip(cursor, plainOutside)) return 'text'
  const marker = takeHeredocStart(cursor)
  if (marker !== null) return skipHeredoc(cursor, marker) ? 'text' : 'stuck'
  const next = cursor.text.charAt(cursor.at)
  const closer = next === '"' ? '"' : closerOf.get(next)
  if (closer !== undefined) open.push(closer)
  else if (')]}'.includes(next) && open.pop() !== next) return 'stuck'
  cursor.at++
  return 'text'
}

function takeHeredocStart(cursor: Cursor): string | null {
  heredoc.lastIndex = cursor.at
  const match = heredoc.exec(cursor.text)
  if (match === null) return null
  cursor.at += match[0].length
  return String(match[1])
}

/**
 * Skips a heredoc. Stops before the line end behind its closing marker, so that the attribute ends
 * there.
 */
function skipHeredoc(cursor: Cursor, marker: string): boolean {
  while (cursor.at < cursor.text.length) {
    const newline = cursor.text.indexOf('\n', cursor.at)
    const end = newline === -1 ? cursor.text.length : newline
    const line = cursor.text.slice(cursor.at, end)
    cursor.at = end
    if (line.trim() === marker) return true
    cursor.at++
  }
  return false
}

function classify(text: string): HclExpression {
  const inner = text.slice(1, -1)
  const plain =
    text.startsWith('"') && !/[$%]\{/.test(inner) && !inner.replaceAll(/\\./g, '').includes('"')
  if (!plain) return { kind: 'unknown', text }
  return { kind: 'string', value: inner.replaceAll(/\\(.)/g, (_, escape) => unescape(escape)) }
}

const escapes: ReadonlyMap<string, string> = new Map(Object.entries({ n: '\n', r: '\r', t: '\t' }))

/** Unescapes `\"` and `\\`. `\u` is left as it is, since no comparison needs it. */
function unescape(escape: string): string {
  return escapes.get(escape) ?? escape
}

function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at
  const match = pattern.exec(cursor.text)
  if (match === null) return null
  cursor.at += match[0].length
  return match[0]
}

function skip(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at
  if (!pattern.test(cursor.text)) return false
  cursor.at = pattern.lastIndex
  return true
}

/** Skips white space and comments. A comment that never closes is left where it is. */
function skipBlanks(cursor: Cursor, linesToo: boolean): void {
  const { text } = cursor
  const white = linesToo ? blanksAndLines : blanks
  while (cursor.at < text.length) {
    if (text.charAt(cursor.at) === '#' || text.startsWith('//', cursor.at))
      cursor.at = indexOr(text, '\n', cursor.at)
    else if (text.startsWith('/*', cursor.at)) {
      if (cursor.at + 2 > cursor.lastClose) return
      cursor.at = text.indexOf('*/', cursor.at + 2) + 2
    } else if (!skip(cursor, white)) return
  }
}

function indexOr(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from)
  return index === -1 ? text.length : index
}
