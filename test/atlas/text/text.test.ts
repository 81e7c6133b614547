import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import t from 'tap'
import {
  fileDirectives,
  isCheckpoint,
  isSumIgnored,
  parseDirective,
} from '../../../src/atlas/directory/directive.js'
import { buildDirectory, workingDirError } from '../../../src/atlas/directory/directory.js'
import { buildFile, parseFileName } from '../../../src/atlas/directory/file.js'
import { compareBytewise, quoteGo, trimGoSpace } from '../../../src/atlas/text/go-string.js'

void t.test('compares like the UTF-8 bytes', async t => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀') }),
  )
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
      return Math.sign(compareBytewise(a, b)) === bytes
    }),
  )
  t.ok(compareBytewise('\u{1F600}', '\uFF5E') > 0, 'which JavaScript sees the other way round')
  t.ok(compareBytewise('a', 'ab') < 0)
})

void t.test('trims what Go takes for white space', async t => {
  const spaces = '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000'
  t.equal(trimGoSpace(`${spaces}a b${spaces}`), 'a b')
  t.equal(trimGoSpace(spaces), '')
  t.equal(trimGoSpace('\ufeffa\u200b\u00ad'), '\ufeffa\u200b\u00ad')
})

type Quoted = [text: string, quoted: string]
const quoted: readonly Quoted[] = [
  ['a "b" \\', '"a \\"b\\" \\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x00\x1f\x7f', '"\\x00\\x1f\\x7f"'],
  ['\u0080\u00a0\u200b\ue000\ufeff', '"\\u0080\\u00a0\\u200b\\ue000\\ufeff"'],
  ['é日😀', '"é日😀"'],
  ['\u{e0001}\u{10ffff}', '"\\U000e0001\\U0010ffff"'],
]

for (const [text, expected] of quoted) {
  void t.test(`quotes ${expected} as Go does`, async t => t.equal(quoteGo(text), expected))
}

type Name = [name: string, version: string, description: string]
const names: readonly Name[] = [
  ['20240101_init.sql', '20240101', 'init'],
  ['1.sql', '1', ''],
  ['1_.sql', '1', ''],
  ['_a.sql', '', 'a'],
  ['.sql', '', ''],
  ['1__a_b.sql', '1', '_a_b'],
  ['1_a.sql.sql', '1', 'a.sql'],
  ['2.sql_x.sql', '2.sql', 'x'],
  ['1_a.SQL', '1', 'a.SQL'],
]

for (const [name, version, description] of names) {
  void t.test(`cuts ${name} into version and description`, async t => {
    t.strictSame(parseFileName(name), { version, description })
    t.match(buildFile(name, 'SELECT 1;'), { name, version, description, checkpoint: false })
  })
}

type Checkpoint = [content: string, checkpoint: boolean]
const checkpoints: readonly Checkpoint[] = [
  ['-- atlas:checkpoint\n\nSELECT 1;', true],
  ['-- atlas:checkpoint tag\n \t\nSELECT 1;', true],
  ['# atlas:checkpoint\n', true],
  ['-- see atlas:checkpoint\n-- more\n\n', true],
  ['-- atlas:checkpoint', false],
  ['-- atlas:checkpoint\nSELECT 1;', false],
  ['-- atlas:checkpoint\r\n\r\nSELECT 1;', false],
  ['\ufeff-- atlas:checkpoint\n\n', false],
  ['\n-- atlas:checkpoint\n\n', false],
  ['-- atlas:checkpoints\n\n', false],
  ['/* atlas:checkpoint */\n\n', false],
]

for (const [content, checkpoint] of checkpoints) {
  void t.test(`${JSON.stringify(content)} is ${checkpoint ? 'a' : 'no'} checkpoint`, async t => {
    t.equal(isCheckpoint(content), checkpoint)
  })
}

void t.test('reads directives as they stand on their line', async t => {
  t.strictSame(parseDirective('-- atlas:a x atlas:b  y \r\nz'), {
    prefix: '-- atlas:a x ',
    name: 'b',
    argument: 'y \r',
  })
  t.equal(parseDirective('-- é atlas:a'), null)
  t.strictSame(fileDirectives('-- atlas:txmode none\n--\n-- atlas:txmode\tall\n\n', 'txmode'), [
    'none',
    '',
  ])
  t.ok(isSumIgnored('SELECT 1; -- atlas:sum ignore'))
  t.notOk(isSumIgnored('-- atlas:sum ignore\r\n'))
  t.notOk(isSumIgnored('-- atlas:nolint\n'))
})

void t.test('takes only *.sql and atlas.sum, in the order of the bytes', async t => {
  const data = { '1.sql': 'a', 'atlas.sum': 's', '10_b.sql': 'b', '9.SQL': 'x', '1-b.sql': 'c' }
  const directory = buildDirectory(data)
  t.strictSame(
    directory.files.map(file => file.name),
    ['1-b.sql', '1.sql', '10_b.sql'],
  )
  t.equal(directory.sumText, 's')
  t.equal(buildDirectory({}).sumText, null)
})

void t.test('lets a path in a key lead where it leads', async t => {
  const data = { './1.sql': 'hidden', '1.sql': 'seen', '../migrations/2.sql': '', '../3.sql': '' }
  t.strictSame(
    buildDirectory(data).files.map(file => [file.name, file.content]),
    [
      ['1.sql', 'seen'],
      ['2.sql', ''],
    ],
  )
  t.equal(workingDirError(data), null)
})

const long = 'x'.repeat(252)
type Stop = [key: string, message: string]
const stops: readonly Stop[] = [
  ['sub/1.sql', 'open $WD/migrations/sub/1.sql: no such file or directory'],
  ['../sub/1.sql', 'open $WD/sub/1.sql: no such file or directory'],
  ['../../sub/1.sql', 'open /tmp/sub/1.sql: no such file or directory'],
  ['a\0b.sql', 'open $WD/migrations/a\0b.sql: invalid argument'],
  [`${long}.sql`, `open $WD/migrations/${long}.sql: file name too long`],
  [`sub/${long}.sql`, `open $WD/migrations/sub/${long}.sql: no such file or directory`],
  [`${long}long/1.sql`, `open $WD/migrations/${long}long/1.sql: file name too long`],
]

for (const [key, message] of stops) {
  void t.test(`the operator cannot write ${JSON.stringify(key).slice(0, 40)}`, async t => {
    t.equal(workingDirError({ [key]: '' }), message)
  })
}
