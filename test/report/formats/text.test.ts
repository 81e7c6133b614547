import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { formatText } from '../../../src/report/formats/text.js'
import { matchGolden } from '../golden.js'
import { at, judged, nastyReport, report, reported, reportedObject } from '../reports.js'

const page = { width: 100, colors: false }

void t.test('everything that a report can hold, worst first', async t => {
  matchGolden(t, 'nasty.txt', formatText(nastyReport, page))
})

void t.test('quiet leaves what is denied or undecided, and what cannot be read', async t => {
  const text = formatText(nastyReport, { ...page, quiet: true })
  matchGolden(t, 'nasty-quiet.txt', text)
  for (const word of ['warn ', 'audit', 'note:', 'not checked', 'passed  ', 'used by'])
    t.notMatch(text, word)
})

void t.test('colours change no character', async t => {
  const colored = formatText(nastyReport, { ...page, colors: true })
  t.match(colored, '\u001b[31mDENIED\u001b[39m')
  t.equal(stripVTControlCharacters(colored), formatText(nastyReport, page))
})

void t.test('says plainly when nothing was wrong', async t => {
  t.equal(
    formatText(report({ objects: [reportedObject('orders')] }), page),
    'passed  app/orders\n\n1 AtlasMigration: nothing was wrong',
  )
  const unchecked = ['the remote directory']
  t.equal(
    formatText(report({ objects: [reportedObject('orders', { place: null, unchecked })] }), page),
    'passed  app/orders\n  not checked: the remote directory\n\n1 AtlasMigration: nothing was wrong',
    'in a cluster',
  )
  t.equal(formatText(report(), page), 'no AtlasMigration was found; 0 problems in the input')
})

void t.test('one long word stays whole on a narrow page, sentences are broken', async t => {
  const findings = [
    reported(judged('version-width', { found: `${'word '.repeat(9)}${'x'.repeat(60)}` })),
  ]
  const text = formatText(
    report({ objects: [reportedObject('orders', { verdict: 'fail', findings })] }),
    { ...page, width: 10 },
  )
  t.match(text, `\n           ${'x'.repeat(60)}\n`)
})

type Excerpt = readonly [
  name: string,
  text: string | null,
  column: number,
  shown: readonly string[],
]

const excerpts: readonly Excerpt[] = [
  ['the caret stands below the column', 'a: b: c', 5, ['    a: b: c', '        ^']],
  ['a tab and a control take one column', '\ta\u0007: b', 4, ['     a?: b', '       ^']],
  ['a wide character takes two', '日本: b: c', 5, ['    日本: b: c', '          ^']],
  ['a column behind the end is the end', 'a', 9, ['    a', '     ^']],
  [
    'an address is masked, and then no caret can be right',
    'url: postgres://u:s3cret@db/x',
    3,
    ['    url: postgres://***'],
  ],
  ['a line that may be a secret is not repeated', 'password: s3cret', 3, []],
  ['an empty line says nothing', '  ', 1, []],
  ['no line, no caret', null, 1, []],
]

for (const [name, text, column, shown] of excerpts)
  void t.test(`a problem shows its line: ${name}`, async t => {
    const problems = [{ place: at('a.yaml', 1, column), message: 'broken', text }]
    t.same(formatText(report({ problems }), page).split('\n'), [
      `a.yaml:1:${column}  problem`,
      '  broken',
      ...shown,
      '',
      'no AtlasMigration was found; 1 problem in the input',
    ])
  })
