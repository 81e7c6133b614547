import t from 'tap'
import { buildFile } from '../../../src/atlas/directory/file.js'
import { fileDirectives } from '../../../src/atlas/directory/directive.js'
import { directiveIneffective } from '../../../src/policy/rules/directive-ineffective.js'
import { contentFacts, predicted, readDirectory, resolved } from './object-facts.js'

// Which directives Atlas v1.2.3 sees is recorded in test/fixtures/vectors (groups checkpoint and
// partial), and that it does not see these was tried by running VACUUM behind them.

const found = (text: string, known = {}) =>
  directiveIneffective.evaluate(
    contentFacts(
      { '1_a.sql': text },
      { target: resolved(), prediction: predicted(['1_a.sql']), ...known },
    ),
  )

type Case = readonly [text: string, reason: string | null, line?: number]

const cases: readonly Case[] = [
  ['-- atlas:txmode none\nVACUUM;', 'no blank line after it'],
  ['-- atlas:txmode none\n-- note\nVACUUM;', 'no blank line after it'],
  ['\uFEFF-- atlas:txmode none\n\nVACUUM;', 'byte order mark before it'],
  ['\n-- atlas:txmode none\n\nVACUUM;', 'blanks before it', 2],
  [' -- atlas:txmode none\n\nVACUUM;', 'blanks before it'],
  ['-- atlas:txmode none\r\n\r\nVACUUM;', 'CRLF line breaks'],
  ['-- atlas:txmode none atlas:x\n\nVACUUM;', 'another directive is on its line'],
  ['\n-- atlas:txmode none\nVACUUM;', 'blanks before it, no blank line after it', 2],
  [
    '-- Indexes\n\n-- atlas:txmode none\n\nVACUUM;',
    'only the comments on the first lines count',
    3,
  ],
  ['SELECT 1;\n-- atlas:txmode none\nVACUUM;', 'only the comments on the first lines count', 2],
  ['/* atlas:txmode none */\n\nVACUUM;', 'it is written in another way'],
  ['--\tatlas:txmode none\n\nVACUUM;', 'it is written in another way'],
  ['-- atlas: txmode none\n\nVACUUM;', 'it is written in another way'],
  ['-- ATLAS:txmode none\n\nVACUUM;', 'it is written in another way'],
  ['-- atlas:TxMode none\n\nVACUUM;', 'it is written in another way'],
  ['-- atlas:txmod none\n\nVACUUM;', 'Atlas knows no such name, perhaps atlas:txmode'],
  ['-- atlas:frobnicate\n\nVACUUM;', 'Atlas knows no such name'],
  [
    'SELECT 1;\n\n-- atlas:checkpoint\n\nSELECT 2;',
    'only the comments on the first lines count',
    3,
  ],
  ['-- note\n-- atlas:delimiter //\na//b', 'only the very first line counts', 2],
  ['-- atlas:txmode none\n-- atlas:delimiter //\n\na//b', 'only the very first line counts', 2],
  ['\uFEFF-- atlas:delimiter //\na//b', 'only the very first line counts'],
  ['# atlas:delimiter //\na//b', 'only the very first line counts'],
  ['-- atlas:delimiter \\n\\n\r\na;\r\n\r\nb;', 'CRLF line breaks'],
  ['\uFEFF-- atlas:nolint\n\nDROP TABLE a;', 'byte order mark before it'],
  ['-- atlas:nolint\r\n\r\nDROP TABLE a;', 'CRLF line breaks'],
  ['-- atlas:import ../a.sql\nSELECT 1;', 'no blank line after it'],

  ['-- atlas:txmode none\n\nVACUUM;', null],
  ['# atlas:txmode none\n\nVACUUM;', null],
  ['-- note\n-- atlas:txmode none\n\nVACUUM;', null],
  ['-- atlas:txmode file\nSELECT 1;', null],
  ['-- atlas:delimiter //\n-- atlas:txmode none\n\na//b', null],
  ['-- atlas:delimiter //\r\na//\r\nb', null],
  ['-- atlas:nolint\nDROP TABLE a;', null],
  ['SELECT 1;\n\n-- atlas:nolint DS102\nDROP TABLE a;', null],
  ['-- atlas:nolint\n\nDROP TABLE a;', null],
  ['-- atlas:checkpoint\nSELECT 1;', null],
  ['-- atlas:checkpoint v1\n\nSELECT 1;', null],
  [
    '-- atlas:txtar\n\n-- checks.sql --\n-- atlas:assert x\nSELECT 1;\n-- migration.sql --\n-- atlas:txmode none\nVACUUM;',
    null,
  ],
  ['-- Atlas: the txmode was chosen by hand\nSELECT 1;', null],
  ['-- see the docs of atlas:txmode none\nSELECT 1;', null],
  ["-- atlas:txmode: none is what we want, says Ann's note\nSELECT 1;", 'no blank line after it'],
  ["INSERT INTO a VALUES ('see atlas:txmod');", null],
  ['', null],
]

for (const [text, reason, line = 1] of cases) {
  void t.test(`${JSON.stringify(text)}: ${reason ?? 'nothing'}`, async t => {
    const finding = found(text)
    if (reason === null) return void t.equal(finding, null)
    t.match(finding?.found, `(line ${line}): ${reason}`)
    t.match(finding, { field: 'spec.dir.configMapRef', at: { file: '1_a.sql', line } })
    return undefined
  })
}

void t.test('what is advised is seen', async t => {
  const expected = found('-- atlas:txmode none\nVACUUM;')?.expected ?? ''
  const written = /`(.*?)`/.exec(expected)![1]!
  t.strictSame(fileDirectives(buildFile('1.sql', `${written}\n\nVACUUM;`).content, 'txmode'), [
    'none',
  ])
})

void t.test('looks only at files that can be corrected', async t => {
  const text = '-- atlas:txmode none\nVACUUM;'
  t.equal(found(text, { prediction: predicted([]) }), null)
  const before = contentFacts({ '1_a.sql': text })
  t.equal(found(text, { prediction: null, before }), null)
  t.not(found(text, { prediction: null }), null)
  t.not(found(text, { prediction: null, before: contentFacts({ '1_a.sql': 'VACUUM;' }) }), null)
  t.equal(found(text, { directory: { kind: 'remote' } }), null)
  const two = readDirectory({ '1_a.sql': text, '2_b.sql': text })
  const both = found('', { directory: two, prediction: predicted(['1_a.sql', '2_b.sql']) })
  t.strictSame(both?.subjects, ['1_a.sql: txmode', '2_b.sql: txmode'])
  t.equal(both?.details?.length, 1)
})
