import {
  isNode,
  isScalar,
  visit,
  type Document,
  type ErrorCode,
  type Range,
  type YAMLMap,
} from 'yaml'

/** Something that the parser accepts, and this program does not. */
export interface YamlFault {
  readonly code: ErrorCode
  readonly offset: number
}

/**
 * Aliases that a document may have, far more than people write. The parser looks through all that
 * stand before an alias when it builds the value, which takes seconds for ten thousand.
 */
const mostAliases = 1000

/**
 * Finds aliases without an anchor, aliases inside the value that they stand for, and keys that
 * stand twice in one map. The parser finds the first only when it builds the value, and builds a
 * circular value from the second. Documents are parsed with `uniqueKeys: false`, since the parser's
 * own search for repeated keys takes seconds for some thousand keys.
 */
export function findFaults(document: Document.Parsed): readonly YamlFault[] {
  const anchors = new Set<string>()
  const faults: YamlFault[] = []
  let aliases = 0
  visit(document, {
    Alias(_key, { source, range }, path) {
      if (++aliases > mostAliases) {
        faults.push(faultAt('RESOURCE_EXHAUSTION', range))
        return visit.BREAK
      }
      const around = path.some(node => isNode(node) && 'anchor' in node && node.anchor === source)
      if (around || !anchors.has(source)) faults.push(faultAt('BAD_ALIAS', range))
      return undefined
    },
    Map(_key, map) {
      if (map.anchor !== undefined) anchors.add(map.anchor)
      faults.push(...repeatedKeys(map))
    },
    Value(_key, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
  })
  return faults
}

function repeatedKeys(map: YAMLMap): readonly YamlFault[] {
  const known = new Set<string>()
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return []
    // In JSON, 1 and "1" are the same key.
    const text = String(key.value)
    if (known.has(text)) return [faultAt('DUPLICATE_KEY', key.range)]
    known.add(text)
    return []
  })
}

/** Whatever was parsed has a range. */
function faultAt(code: ErrorCode, range: Range | null | undefined): YamlFault {
  return { code, offset: (range as Range)[0] }
}
