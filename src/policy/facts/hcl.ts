/**
 * Reads as much of HCL2 (github.com/hashicorp/hcl, `hclsyntax/spec.md`) as a look at an atlas.hcl
 * needs: blocks, labels, attributes and plain strings. Nothing is evaluated: every other expression
 * is `unknown`. Text that cannot be followed ends the reading; it never throws.
 */
export type HclExpression =
  | { readonly kind: 'string'; readonly value: string }
  /** `text` is the source without comments around it; it may hold secrets: compare, never print. */
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
  /** What was read up to the end, or up to the place that could not be followed. */
  readonly body: HclBody
  /** False when the reading ended early: then the absence of a block proves nothing. */
  readonly complete: boolean
}

interface Cursor {
  readonly text: string
  /** Where a block comment closes for the last time. Saves searching a long text once per opening mark. */
  readonly lastClose: number
  at: number
}

interface GrowingBody extends HclBody {
  readonly attributes: Map<string, HclExpression>
  readonly blocks: HclBlock[]
}

/** Fifty times a large atlas.hcl; half a microsecond a character at worst, and others wait for the answer. */
export const longestConfig = 128 * 1024

/** An atlas.hcl nests about five deep; the limit keeps hostile text off the call stack. */
const deepest = 50

const identifier = /[\p{L}_][\p{L}\p{N}_-]*/uy
/** A label with an escape is legal, but no environment is named so: it ends the reading. */
const quotedLabel = /"[^"\\\n]*"/y
const heredoc = /<<-?([\p{L}_][\p{L}\p{N}_-]*)[ \t\r]*\n/uy

/** Runs in which nothing can happen: most of a text, and so the measure of how long it takes. */
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

/** Reads up to the end or a `}`; the caller knows which of them it wants. */
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

/** Reads up to the line's end, or to the `}` of a one-line block. null: brackets or quotes do not close. */
function readExpression(cursor: Cursor): HclExpression | null {
  skipBlanks(cursor, false)
  const start = cursor.at
  // What must still close, innermost last: a quote, or the closer of a bracket or template.
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
  // `$${` and `%%{` stand for themselves; `${` and `%{` start a template.
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

/** Stops before the line end after the marker, so that the attribute ends there. */
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

/** `\"` and `\\` stand for the second character; `\u` is left as it is, since no value is compared by it. */
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

/** White space and comments. A comment that is never closed is left where it is. */
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
