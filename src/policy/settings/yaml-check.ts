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
 * Finds aliases without an anchor, aliases inside the value that they stand for, and keys that
 * stand twice in one map. The parser finds the first only when it builds the value, and builds a
 * circular value from the second. Documents are parsed with `uniqueKeys: false`, since the parser's
 * own search for repeated keys takes seconds for some thousand keys.
 */
export function findFaults(document: Document.Parsed): readonly YamlFault[] {
  const anchors = new Set<string>()
  const faults: YamlFault[] = []
  visit(document, {
    Alias(_key, { source, range }, path) {
      const around = path.some(node => isNode(node) && 'anchor' in node && node.anchor === source)
      if (around || !anchors.has(source)) faults.push(faultAt('BAD_ALIAS', range))
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
