import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'
import { printConfigMap } from '../../../src/manifests/write/configmap-manifest.js'
import { parseManifest } from '../../../src/manifests/text/parse-manifest.js'

const head = { namespace: 'shop', name: 'merged', labels: {}, annotations: {} }

function readBack(data: Readonly<Record<string, string>>): unknown {
  const { objects, problems } = parseManifest(printConfigMap({ ...head, data }))
  if (problems.length > 0) throw new Error(problems[0]?.message)
  return { ...(objects[0] as { readonly object: { readonly data?: object } }).object.data }
}

type Case = [title: string, text: string, printed: string]

const cases: readonly Case[] = [
  ['a text of lines', 'SELECT 1;\nSELECT 2;\n', '|\n    SELECT 1;\n    SELECT 2;\n'],
  ['no last newline', 'SELECT 1;', '|-\n    SELECT 1;\n'],
  ['several last newlines', 'SELECT 1;\n\n\n', '|+\n    SELECT 1;\n\n\n'],
  ['a blank line inside', 'a\n\nb\n', '|\n    a\n\n    b\n'],
  ['trailing blanks', 'a  \nb\t\n', '|\n    a  \n    b\t\n'],
  ['a line of blanks inside', 'a\n   \nb\n', '|\n    a\n       \n    b\n'],
  ['a text that begins with blanks', '  a\nb\n', '|2\n      a\n    b\n'],
  ['a tab first', '\n\ta', '"\\n\\ta"\n'],
  ['newlines and blanks first', '\n\n a\n', '|2\n\n\n     a\n'],
  ['newlines first', '\n\na\n', '|\n\n\n    a\n'],
  ['characters beyond ASCII', 'é 日本 😀\n', '|\n    é 日本 😀\n'],
  ['the ends of a document', '---\n...\n# a\n', '|\n    ---\n    ...\n    # a\n'],
  ['nothing', '', '""\n'],
  ['a newline only', '\n', '"\\n"\n'],
  ['blanks only', '  ', '"  "\n'],
  ['blanks at the end', 'a\n  ', '"a\\n  "\n'],
  ['CRLF', 'a\r\nb\r\n', '"a\\r\\nb\\r\\n"\n'],
  ['a byte order mark', '\ufeffa\n', '"\\ufeffa\\n"\n'],
  ['what YAML 1.1 takes for a line break', 'a\u0085b\u2028c', '"a\\u0085b\\u2028c"\n'],
  ['control characters', '\u0000\u007f\uffff', '"\\u0000\\u007f\\uffff"\n'],
  ['quotes and backslashes among them', '"\\\r', '"\\"\\\\\\r"\n'],
]

for (const [title, text, printed] of cases)
  void t.test(`${title}: read back to the byte`, async t => {
    const whole = printConfigMap({ ...head, data: { 'a.sql': text, 'b.sql': 'x' } })
    t.match(whole, `data:\n  a.sql: ${printed}  b.sql: |-\n    x\n`)
    t.strictSame(readBack({ 'a.sql': text, 'b.sql': 'x' }), { 'a.sql': text, 'b.sql': 'x' })
  })

void t.test('any text of SQL and white space is read back to the byte', async t => {
  const piece = constantFrom(
    ' ', '\n', '\t', '\r', '\r\n', '\n\n', '  ', 'a', '- ', '#', ': ', '"', "'", '\\', '|', '>', '{', '%', '\u0085',
    '\u2028', '\ufeff', 'é', '😀', '---\n', '...\n', '&a', '*a', '!', '\u0000', '\u007f',
  ) // prettier-ignore
  const text = array(piece, { maxLength: 12 }).map(pieces => pieces.join(''))
  assert(
    property(text, text, (first, last) => {
      const data = { 'a.sql': first, 'b.sql': last }
      t.strictSame(readBack(data), data)
    }),
    { numRuns: 2000 },
  )
})

void t.test('names and annotations are strings whatever they look like', async t => {
  const text = printConfigMap({
    namespace: 'on',
    name: '123',
    labels: { 'atlas-admission.io/consolidated': 'true' },
    annotations: { 'atlas-admission.io/consolidates': 'shop-schema,shop-seed' },
    data: { 'a.sql': 'x' },
  })
  t.equal(
    text,
    `apiVersion: v1
kind: ConfigMap
metadata:
  name: "123"
  namespace: "on"
  labels:
    atlas-admission.io/consolidated: "true"
  annotations:
    atlas-admission.io/consolidates: shop-schema,shop-seed
data:
  a.sql: |-
    x
`,
  )
})
