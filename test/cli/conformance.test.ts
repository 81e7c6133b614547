import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runConformance, VectorsError } from '../../src/cli/conformance.js'
import { differences } from '../../src/cli/conformance-difference.js'
import { parseVectors } from '../../src/cli/conformance-vector.js'
import { makeFolder } from './program.js'

const vectors = 'test/fixtures/vectors'

function run(folder: string): { readonly code: number; readonly lines: readonly string[] } {
  const lines: string[] = []
  return { code: runConformance(folder, line => void lines.push(line)), lines }
}

void t.test('every recorded answer of the engine is ours', async t => {
  const count = readdirSync(vectors).length
  t.strictSame(run(vectors), { code: 0, lines: [`${count} passed, 0 failed`] })
})

/** One recorded vector, changed by the test. */
function copyVector(t: Test, change: (vector: { expected: Record<string, unknown> }) => void) {
  const folder = makeFolder(t)
  const name = readdirSync(vectors)[0] as string
  cpSync(join(vectors, name), join(folder, name))
  const vector = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
    name: string
    expected: Record<string, unknown>
  }
  change(vector)
  writeFileSync(join(folder, name), JSON.stringify([vector]))
  return { folder, name: vector.name }
}

void t.test('a field that differs, lacks or is too many is named', async t => {
  const { folder, name } = copyVector(t, ({ expected }) => {
    expected['dirSum'] = 'h1:other'
    expected['novel'] = [1]
    delete expected['sum']
  })
  const { code, lines } = run(folder)
  t.equal(code, 1)
  t.equal(lines.at(-1), '0 passed, 1 failed')
  t.ok(lines.some(line => line.startsWith(`${name}: dirSum: expected "h1:other", got "`)))
  t.ok(lines.includes(`${name}: novel: expected [1], got nothing`))
  t.ok(lines.some(line => line.startsWith(`${name}: sum: expected nothing, got "`)))
})

type Difference = [name: string, actual: unknown, expected: unknown, found: string[]]

const compared: readonly Difference[] = [
  ['equal values', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ['a longer list', { a: [1, 2] }, { a: [1] }, ['a[1]: expected nothing, got 2']],
  ['a shorter list', [1], [1, 2], ['[1]: expected 2, got nothing']],
  ['a list for an object', { a: [] }, { a: {} }, ['a: expected {}, got []']],
  ['the text of a panic', { type: 'panic', message: 'a' }, { type: 'panic', message: 'b' }, []],
  [
    'a panic for an error',
    { type: 'panic', message: 'a' },
    { type: 'error', message: 'a' },
    ['type: expected "error", got "panic"'],
  ],
]

for (const [name, actual, expected, found] of compared)
  void t.test(`differences between answers: ${name}`, async t => {
    t.strictSame(differences(actual, expected), found)
  })

const complete = { name: 'v', input: { files: {} }, expected: {} }

type Unusable = [name: string, vector: unknown, message: string]

const unusable: readonly Unusable[] = [
  ['a number', 1, 'a vector is not a JSON object'],
  ['a nameless one', { ...complete, name: 1 }, 'name is not a text'],
  ['one without input', { name: 'v', expected: {} }, 'the input of v is not a JSON object'],
  ['one without an answer', { name: 'v', input: {} }, 'v has no expected answer'],
  ['one without files', { ...complete, input: {} }, 'files is not a JSON object'],
  [
    'one with a file that is no text',
    { ...complete, input: { files: { a: 1 } } },
    'a is not a text',
  ],
  [
    'one with rows that are no list',
    { ...complete, input: { files: {}, revisions: {} } },
    'revisions is neither null nor a list',
  ],
  [
    'one with a row that is no object',
    { ...complete, input: { files: {}, revisions: [null] } },
    'a revision is not a JSON object',
  ],
  [
    'one with a row whose number is none',
    { ...complete, input: { files: {}, revisions: [{ applied: '1' }] } },
    'applied is not a number',
  ],
]

for (const [name, vector, message] of unusable)
  void t.test(`a vector that cannot be used: ${name}`, async t => {
    t.throws(() => parseVectors(JSON.stringify(vector)), new Error(message))
  })

void t.test('what a row leaves out is empty', async t => {
  const rows = [{}, { partial_hashes: ['h1:x', 'h1:y'] }]
  const [vector] = parseVectors(
    JSON.stringify({ ...complete, input: { files: {}, revisions: rows } }),
  )
  const revisions = vector?.input.revisions ?? []
  t.strictSame(
    revisions.map(row => [row.version, row.applied, row.partialHashes]),
    [
      ['', 0, []],
      ['', 0, ['h1:x', 'h1:y']],
    ],
  )
})

void t.test('a folder that cannot be used is named', async t => {
  const empty = makeFolder(t)
  t.throws(
    () => run(empty),
    new VectorsError(`${empty}: no conformance vectors (*.json) in this folder`),
  )
  const missing = join(empty, 'none')
  t.throws(
    () => run(missing),
    new VectorsError(`${missing} cannot be read (ENOENT); name a folder of vectors`),
  )
  const broken = makeFolder(t, { 'a.json': '{}' })
  t.throws(
    () => run(broken),
    new VectorsError(`${join(broken, 'a.json')}: the input of  is not a JSON object`),
  )
})
