import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import { parseKubectlYaml } from '../text/kubectl-yaml.js'

/** A ConfigMap that is to be written to a file. */
export interface WrittenConfigMap {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Texts by key, in the form of Kubernetes' keys (`[-._a-zA-Z0-9]+`). */
  readonly data: Readonly<Record<string, string>>
}

/**
 * The manifest of a ConfigMap whose texts kubectl reads back byte for byte. A text is a literal
 * block where one can hold it, else a quoted scalar. The result is parsed again as a check before
 * it is returned.
 */
export function printConfigMap(configMap: WrittenConfigMap): string {
  const blocks = print(configMap, printValue)
  if (isReadBack(blocks, configMap)) return blocks
  /* c8 ignore start - no text is known that a block fits and that is read back otherwise; if one comes up, it is quoted */
  const quoted = print(configMap, quote)
  if (isReadBack(quoted, configMap)) return quoted
  throw new Error('a ConfigMap cannot be printed so that it is read back unchanged')
}
/* c8 ignore stop */

function print(
  { namespace, name, labels, annotations, data }: WrittenConfigMap,
  value: (text: string) => string,
): string {
  const metadata = {
    name,
    namespace,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
  const head = stringify(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    { version: '1.1', lineWidth: 0 },
  )
  const entries = Object.entries(data).map(([key, text]) => `  ${key}: ${value(text)}\n`)
  return `${head}data:\n${entries.join('')}`
}

function isReadBack(text: string, { data }: WrittenConfigMap): boolean {
  const { documents } = parseKubectlYaml(text)
  const { data: read } = Object(documents[0]?.value) as { readonly data?: unknown }
  return isDeepStrictEqual({ ...Object(read) }, { ...data })
}

function printValue(text: string): string {
  return fitsBlock(text) ? block(text) : quote(text)
}

/**
 * Characters that go-yaml refuses as control characters or takes for line breaks (CR, NEL, LS, PS).
 * Neither kind stays unchanged in a block.
 */
const unsafe = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u2028\u2029\ufeff]/u

/**
 * kustomize 5 refuses a block whose first line begins with a tab, whatever the indentation
 * indicator says.
 */
const tabFirst = /^\n*\t/

/** Readers differ on lines of blanks at the end of a text, and on a text of nothing else. */
const blankEnd = /(?:^|\n)[ \t]+\n*$/

function fitsBlock(text: string): boolean {
  return text.trim() !== '' && ![unsafe, tabFirst, blankEnd].some(pattern => pattern.test(text))
}

/** Columns by which `data` is indented, and its keys below it as many more. */
const indentation = 2

function block(text: string): string {
  // Without the number, blanks at the start of the first line would count as indentation.
  const indicator = /^\n* /.test(text) ? String(indentation) : ''
  const lines = text.replace(/\n+$/, '').split('\n')
  const trailing = /\n*$/.exec(text)?.[0] as string
  const chomping = trailing === '' ? '-' : trailing === '\n' ? '' : '+'
  const pad = ' '.repeat(2 * indentation)
  const content = lines.map(line => (line === '' ? '' : pad + line)).join('\n')
  return `|${indicator}${chomping}\n${content}${trailing.slice(1)}`
}

/** Quotes a text as JSON, which is also YAML. Characters that go-yaml refuses are escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    new RegExp(unsafe, 'gu'),
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
