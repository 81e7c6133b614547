import { isNode, visit, type Document, type Range } from 'yaml'

/**
 * Offset of the first alias that stands for nothing, or for something around itself; null when there is none. The
 * parser finds the first kind only when it builds the value, and builds a circular value from the second.
 */
export function unusableAlias(document: Document.Parsed): number | null {
  const anchors = new Set<string>()
  let offset: number | null = null
  visit(document, {
    Alias(_key, { source, range }, path) {
      const around = path.some(node => isNode(node) && 'anchor' in node && node.anchor === source)
      if (anchors.has(source) && !around) return undefined
      // Whatever was parsed has a range.
      offset = (range as Range)[0]
      return visit.BREAK
    },
    Value(_key, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
  })
  return offset
}
