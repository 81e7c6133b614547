import { LineCounter, parseAllDocuments, type Document, type TagId, type Tags } from 'yaml'
import { findFaults } from '../../policy/settings/yaml-check.js'
import { isTooDeep } from '../../policy/settings/yaml-depth.js'
import { yamlErrorText } from '../../policy/settings/yaml-error.js'
import {
  yamlOffsetPosition,
  yamlPosition,
  yamlTextPosition,
  type YamlPosition,
} from '../../policy/settings/yaml-position.js'
import type { FieldPath } from '../../policy/text/field-path.js'

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  readonly value: unknown
  /** The place of a field in the text. */
  readonly positionOf: (path: FieldPath) => YamlPosition
  /** The place of a line (1-based) of a field's text. */
  readonly textPositionOf: (path: FieldPath, line: number) => YamlPosition
}

export interface YamlProblem extends YamlPosition {
  readonly message: string
}

/**
 * Most aliases of a text, which they may multiply. What is deployed with kubectl hardly ever has
 * one.
 */
const maxAliases = 100

/**
 * Reads a text as kubectl does: YAML 1.1, so that `on` and `no` are booleans and `<<` merges. As in
 * go-yaml v2, which kubectl uses, dates and `12:30` are text. A text with a problem has no
 * documents.
 */
export function parseKubectlYaml(text: string): {
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly YamlProblem[]
} {
  const lines = new LineCounter()
  if (isTooDeep(text))
    return unreadable({ line: 1, column: 1 }, yamlErrorText('RESOURCE_EXHAUSTION'))
  const parsed = parseDocuments(text, lines)
  const problems = parsed
    .flatMap(document => [
      ...[...document.errors, ...document.warnings].map(({ code, pos: [offset] }) => ({
        code,
        offset,
      })),
      ...findFaults(document),
    ])
    .map(({ code, offset }) => ({
      ...yamlOffsetPosition(lines, offset),
      message: yamlErrorText(code),
    }))
  if (problems.length > 0) return { documents: [], problems }
  return readValues(parsed, lines)
}

/**
 * Parses the documents of a text for editing. They are not checked further than by
 * {@link parseKubectlYaml}.
 */
export function parseDocuments(text: string, lines: LineCounter): readonly Document.Parsed[] {
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    // Pretty errors and warnings quote the text, which may be a Secret.
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
    lineCounter: lines,
    customTags: kubectlTags,
  })
  return 'empty' in parsed ? [] : parsed
}

/**
 * The tags of kubectl's YAML. Times such as `12:30` are left out, which share their tag with usual
 * numbers, and so are types that JSON does not have.
 */
function kubectlTags(tags: Tags): Tags {
  const foreign = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'])
  return tags.filter(entry => {
    // A schema holds its tags as objects; only options may name them.
    const { tag, format } = entry as Exclude<typeof entry, TagId>
    return format !== 'TIME' && !foreign.has(tag.replace('tag:yaml.org,2002:', ''))
  })
}

function readValues(
  parsed: readonly Document.Parsed[],
  lines: LineCounter,
): ReturnType<typeof parseKubectlYaml> {
  const documents: YamlDocument[] = []
  for (const document of parsed) {
    const source = { document, lines }
    const positionOf = (path: FieldPath): YamlPosition => yamlPosition(source, path)
    try {
      documents.push({
        value: document.toJS({ maxAliasCount: maxAliases }),
        positionOf,
        textPositionOf: (path, line) => yamlTextPosition(source, path, line),
      })
    } catch {
      return unreadable(positionOf([]), yamlErrorText('RESOURCE_EXHAUSTION'))
    }
  }
  return { documents, problems: [] }
}

function unreadable(position: YamlPosition, message: string): ReturnType<typeof parseKubectlYaml> {
  return { documents: [], problems: [{ ...position, message }] }
}
