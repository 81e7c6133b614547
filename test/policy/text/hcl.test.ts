import { test } from 'tap'
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { longestConfig, parseHcl } from '../../../src/policy/text/hcl.js'
import type { HclBody } from '../../../src/policy/text/hcl.js'

/** A body as plain data: attributes by name, blocks by type and labels. */
function plain(body: HclBody): unknown {
  return {
    ...Object.fromEntries(
      Array.from(body.attributes, ([name, value]) => [
        name,
        value.kind === 'string' ? value.value : { unknown: value.text },
      ]),
    ),
    ...Object.fromEntries(
      body.blocks.map(block => [[block.type, ...block.labels].join(' '), plain(block.body)]),
    ),
  }
}

/** Expected values follow from HCL's native syntax specification. */
type ReadCase = [title: string, text: string, expected: unknown]

const readCases: readonly ReadCase[] = [
  ['nothing', '', {}],
  ['comments only', '# a\n// b\n/* c\n = { */', {}],
  ['an environment', 'env "k8s" {\n  url = "x"\n}\n', { 'env k8s': { url: 'x' } }],
  ['a label without quotes', 'env k8s {}', { 'env k8s': {} }],
  ['two labels', 'data "sql" "tenants" {}', { 'data sql tenants': {} }],
  ['a block on one line', 'atlas { cloud { token = "t" } }', { atlas: { cloud: { token: 't' } } }],
  ['CRLF line breaks', 'a = "x"\r\nb = "y"\r\n', { a: 'x', b: 'y' }],
  ['escapes', 'a = "q\\"\\\\\\n\\t"', { a: 'q"\\\n\t' }],
  ['a comment behind a value', 'a = "x" # = {\nb = "y" // z', { a: 'x', b: 'y' }],
  ['a comment before a value', 'a = /* {\n */ "x"', { a: 'x' }],
  ['a traversal', 'name = atlas.env\n', { name: { unknown: 'atlas.env' } }],
  ['a number', 'a = 1 /* one */', { a: { unknown: '1' } }],
  [
    'an interpolation with quotes and braces inside',
    'a = "${replace("}", "{", "\\"")}x"\nb = "y"',
    { a: { unknown: '"${replace("}", "{", "\\"")}x"' }, b: 'y' },
  ],
  [
    'a template directive',
    'a = "%{ if x }y%{ endif }"',
    { a: { unknown: '"%{ if x }y%{ endif }"' } },
  ],
  [
    'escaped template marks',
    'a = "$${x} %%{y}"\nb = "z"',
    { a: { unknown: '"$${x} %%{y}"' }, b: 'z' },
  ],
  ['two strings', 'a = "x" == "y"', { a: { unknown: '"x" == "y"' } }],
  [
    'a list over several lines, with comments',
    'a = [ # }\n  "x",\n  (1),\n]\nb = "y"',
    { a: { unknown: '[ # }\n  "x",\n  (1),\n]' }, b: 'y' },
  ],
  ['an object', 'a = {\n b = "}"\n}\nc = "x"', { a: { unknown: '{\n b = "}"\n}' }, c: 'x' }],
  [
    'a heredoc with what looks like the end of everything',
    'env "a" {\n  x = <<-SQL\n  " } ${ SQL\n  SQL\n  url = "y"\n}',
    { 'env a': { x: { unknown: '<<-SQL\n  " } ${ SQL\n  SQL' }, url: 'y' } },
  ],
  ['a heredoc at the end of the text', 'x = <<EOT\na\nEOT', { x: { unknown: '<<EOT\na\nEOT' } }],
]

void test('HCL is read as far as blocks, labels and plain strings', async t => {
  for (const [title, text, expected] of readCases) {
    const { body, complete } = parseHcl(text)
    t.ok(complete, title)
    t.strictSame(plain(body), expected, title)
  }
})

type StoppedCase = [title: string, text: string, expected: unknown]

const stoppedCases: readonly StoppedCase[] = [
  ['a block that does not close', 'a = "x"\nenv "k" {\n b = "y"', { a: 'x', 'env k': { b: 'y' } }],
  ['a brace too many', 'a = "x"\n}\nb = "y"', { a: 'x' }],
  ['a string that does not close', 'a = "x\nb = "y"', {}],
  ['a string that ends in a backslash', 'a = "x\\', {}],
  ['an interpolation that does not close', 'a = "${x"', {}],
  ['a bracket that does not close', 'a = [1', {}],
  ['brackets that do not match', 'a = [1)', {}],
  ['a heredoc that does not close', 'a = <<EOT\nx', {}],
  ['a comment that does not close', 'a = "x"\n/* b', { a: 'x' }],
  ['a comment behind a value that does not close', 'a = "x"\nb = 1 /* c', { a: 'x' }],
  ['something that is no item', 'a = "x"\n= 3', { a: 'x' }],
  ['a name without body', 'env "k"', {}],
  ['a label with an escape', 'env "\\"" {}', {}],
]

void test('HCL that cannot be followed ends the reading and says so', async t => {
  for (const [title, text, expected] of stoppedCases) {
    const { body, complete } = parseHcl(text)
    t.notOk(complete, title)
    t.strictSame(plain(body), expected, title)
  }
})

void test('Arbitrary text never throws', async t => {
  const pieces = ['a', '"', '{', '}', '[', ']', '(', ')', '=', '\n', ' ', '${', '%{', '$$', '\\']
  const marks = ['<<A\n', '<<-A\n', 'A\n', '#', '//', '/*', '*/', '🦥']
  const tokens = array(constantFrom(...pieces, ...marks)).map(parts => parts.join(''))
  assert(
    property(oneof(tokens, string({ unit: 'binary' })), text => {
      const { complete } = parseHcl(text)
      return typeof complete === 'boolean'
    }),
    { numRuns: 2000 },
  )
  t.pass('2000 texts')
})

void test('Hostile depth and length end the reading, not the process', async t => {
  const many = 200_000
  t.notOk(parseHcl('a {'.repeat(many)).complete, 'nested blocks')
  t.notOk(parseHcl(`a = ${'['.repeat(many)}`).complete, 'nested brackets')
  t.notOk(parseHcl(`a = ${'"${'.repeat(many)}`).complete, 'nested templates')
  t.ok(parseHcl(`a = "${' '.repeat(longestConfig - 6)}"`).complete, 'a long string')
  t.ok(parseHcl(`${'b {\n'.repeat(50)}${'}\n'.repeat(50)}`).complete, 'fifty blocks deep')
})

void test('A text that is far longer than any atlas.hcl is not followed', async t => {
  const padded = (length: number) => parseHcl('a = "x"\n'.padEnd(length))
  t.ok(padded(longestConfig).complete)
  t.strictSame(plain(padded(longestConfig + 1).body), {})
  t.notOk(padded(longestConfig + 1).complete)
})
