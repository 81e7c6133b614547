import { readMarker, type Marker } from './marker.js'

/** The text from a marker to the next one, or to the end of the file. */
export interface MarkedPart {
  readonly marker: Marker
  /** Position of the marker. */
  readonly at: number
  /** 1-based line of the marker. */
  readonly line: number
  /** Where its first statement begins; null when it holds only comments and blanks. */
  readonly statementAt: number | null
}

/** What a file looks like to another tool. */
export interface MarkedFile {
  readonly parts: readonly MarkedPart[]
  /** Whether there is any statement at all. */
  readonly hasStatement: boolean
}

/** What matters of a text: a comment, a string that may hold anything, or a part of a statement. */
const token = /--[^\n]*|\/\*|['"`]|\$(?:[A-Za-z_]\w{0,62})?\$|[^\s;]/g

/**
 * Divides a file at the markers of other tools. A marker within a string, a function body or a
 * block comment is text, and not found. One pass, whatever the file holds.
 */
export function divideAtMarkers(content: string): MarkedFile {
  const parts: { marker: Marker; at: number; statementAt: number | null }[] = []
  let hasStatement = false
  let isFirst = true
  token.lastIndex = 0
  for (let match = token.exec(content); match !== null; match = token.exec(content)) {
    const [text] = match
    const mayMark = text.startsWith('--') && parts.length < mostParts
    const marker = mayMark ? readMarker(text) : null
    if (marker !== null && (isFirst || !marker.head) && isAlone(content, match.index))
      parts.push({ marker, at: match.index, statementAt: null })
    isFirst = false
    if (text.startsWith('--')) continue
    if (text !== '/*') {
      hasStatement = true
      const part = parts.at(-1)
      if (part) part.statementAt ??= match.index
    }
    token.lastIndex = tokenEnd(content, text, token.lastIndex)
  }
  return { parts: withLines(content, parts), hasStatement }
}

/** No tool's file has more parts than two. A file of nothing but markers is not read to its end. */
const mostParts = 500

/** Whether nothing but blanks stands before it on its line. */
function isAlone(content: string, at: number): boolean {
  const from = at === 0 ? 0 : content.lastIndexOf('\n', at - 1) + 1
  return content.slice(from, at).trim() === ''
}

/** Position behind a token; one that is never closed takes the rest of the file. */
function tokenEnd(content: string, text: string, from: number): number {
  if (text === '/*') return behind(content, '*/', from)
  if (text.length > 1 || '\'"`'.includes(text)) return behind(content, text, from)
  // Within a word nothing can begin, so the rest of it is passed over at once.
  wordRest.lastIndex = from
  return wordRest.test(content) ? wordRest.lastIndex : from
}

const wordRest = /[\w(),.=<>+*]+/y

function behind(content: string, mark: string, from: number): number {
  const at = content.indexOf(mark, from)
  return at === -1 ? content.length : at + mark.length
}

function withLines(
  content: string,
  parts: readonly { marker: Marker; at: number; statementAt: number | null }[],
): readonly MarkedPart[] {
  let [line, from] = [1, 0]
  return parts.map(({ marker, at, statementAt }) => {
    for (let next = content.indexOf('\n', from); next !== -1 && next < at;) {
      line++
      from = next + 1
      next = content.indexOf('\n', from)
    }
    return { marker, at, line, statementAt }
  })
}
