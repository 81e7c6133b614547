import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Range,
} from 'yaml'
import type { FieldPath } from '../text/field-path.js'

/** 1-based, as editors count. */
export interface YamlPosition {
  readonly line: number
  readonly column: number
}

/** A parsed document, and the counter of its lines. */
export interface YamlSource {
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

/**
 * The place of a field: of its key in a map, or its entry in a list. For a field that does not
 * exist, or one behind an alias, it is the nearest thing around it.
 */
export function yamlPosition(source: YamlSource, path: FieldPath): YamlPosition {
  const root = source.document.contents
  let offset = root?.range[0] ?? 0
  let node: unknown = root
  for (const key of path) {
    const entry = entryOf(node, key)
    offset = entry?.offset ?? offset
    node = entry?.value
  }
  return yamlOffsetPosition(source.lines, offset)
}

/**
 * The place (1-based) of a line of a text that is a field's value. Only a literal block (`|`) keeps
 * the lines of its text; for any other form it is the place of the field.
 */
export function yamlTextPosition(
  source: YamlSource,
  path: FieldPath,
  textLine: number,
): YamlPosition {
  const field = yamlPosition(source, path)
  const node = source.document.getIn(path, true)
  if (!isScalar(node) || node.type !== 'BLOCK_LITERAL') return field
  // The header (`|`, `|-`) has a line of its own.
  const header = yamlOffsetPosition(source.lines, offsetOf(node))
  return { line: header.line + textLine, column: 1 }
}

export function yamlOffsetPosition(lines: LineCounter, offset: number): YamlPosition {
  const { line, col } = lines.linePos(offset)
  // In front of the first line, the counter answers zero.
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

interface Entry {
  readonly offset: number
  readonly value: unknown
}

function entryOf(node: unknown, key: string | number): Entry | null {
  if (isSeq(node)) {
    const value = node.items[Number(key)]
    return isNode(value) ? { offset: offsetOf(value), value } : null
  }
  if (!isMap(node)) return null
  // A key that YAML reads as a number or a boolean becomes a string in JSON.
  const pair = node.items.find(
    ({ key: scalar }) => isScalar(scalar) && String(scalar.value) === String(key),
  )
  return isNode(pair?.key) ? { offset: offsetOf(pair.key), value: pair.value } : null
}

/** Whatever was parsed has a range. */
function offsetOf(node: Node): number {
  return (node.range as Range)[0]
}
