import * as fc from 'fast-check'
import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import {
  computeSum,
  parseSum,
  printSum,
  SumChain,
  type Sum,
} from '../../../src/atlas/directory/sum.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'

/** Names that atlas.sum can hold: no line break, no `h1:`, no white space at the ends. */
const name = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/).map(base => `${base}.sql`)
const data = fc.dictionary(name, fc.string({ unit: 'binary' }), { maxKeys: 6 })

void t.test('reads back what it writes', async t => {
  fc.assert(
    fc.property(data, data => {
      const sum = computeSum(buildDirectory(data).files)
      t.strictSame(parseSum(printSum(sum)), sum)
      t.strictSame(parseSum(printSum(sum).replaceAll('\n', '\r\n')), sum)
      t.strictSame(parseSum(printSum(sum).replace('h1:', '').replace(/\n$/, '')), sum)
    }),
  )
})

void t.test('finds no fault with its own sum, and one with every other', async t => {
  fc.assert(
    fc.property(data, data => {
      const sumText = printSum(computeSum(buildDirectory(data).files))
      t.equal(validateDirectory(buildDirectory({ ...data, 'atlas.sum': sumText })), null)
      const edited = buildDirectory({ ...data, 'atlas.sum': sumText, '~.sql': '' })
      const error = validateDirectory(edited)
      t.match(error, { type: 'ChecksumError', checksum: { file: '~.sql', reason: 'added' } })
    }),
  )
})

void t.test('hashes nothing to what Atlas hashes it to', async t => {
  t.equal(computeSum([]).total, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
  t.equal(validateDirectory(buildDirectory({})), null)
})

void t.test('grows a chain file by file, and a copy on its own', async t => {
  const { files } = buildDirectory({
    '1.sql': 'a',
    '2.sql': '-- atlas:sum ignore\n',
    '3.sql': 'c',
  })
  const chain = new SumChain()
  const [first, second, third] = files
  const hash = chain.append(first!)
  t.equal(chain.append(second!), null)
  const copy = chain.copy()
  copy.append(first!)
  t.strictSame(
    computeSum(files).lines.map(line => line.hash),
    [hash, chain.append(third!)],
  )
  t.not(copy.append(third!), chain.copy().append(third!))
})

void t.test('ends at a line that is longer than Go reads', async t => {
  const sum = computeSum(buildDirectory({ '1.sql': 'a' }).files)
  const long = 'x'.repeat(65_536)
  t.match(parseSum(printSum(sum) + long), { type: 'other', message: /token too long$/ })
  t.match(parseSum(long), { type: 'ErrChecksumFormat' })
  t.match(parseSum(`h1:${long}`), { type: 'ErrChecksumMismatch' })
  const fits = `${'x'.repeat(65_535 - 47)}h1:${'A'.repeat(44)}`
  t.match(parseSum(`h1:\n${fits}\n`), { type: 'ErrChecksumMismatch' })
})

void t.test('crashes with Atlas where a line is listed twice', async t => {
  const { lines } = computeSum(buildDirectory({ '1.sql': 'a' }).files)
  const { total }: Sum = computeSum([])
  const twice = printSum({ total, lines: [...lines, ...lines] })
    .split('\n')
    .slice(1)
  const sumText = withTotal(twice.join('\n'))
  t.match(validateDirectory(buildDirectory({ '1.sql': 'a', 'atlas.sum': sumText })), {
    type: 'panic',
    message: 'runtime error: index out of range [1] with length 1',
  })
})

/** The text under the total that belongs to its lines. */
function withTotal(lines: string): string {
  const pairs = lines
    .trim()
    .split('\n')
    .map(line => line.split(' h1:').join(''))
  return `h1:${hashOf(pairs.join(''))}\n${lines}`
}

function hashOf(text: string): string {
  // A chain over one file without a name is a plain SHA-256.
  return new SumChain().append({ name: '', content: text, sumIgnored: false })!
}
