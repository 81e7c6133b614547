import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { buildExplanation, type Explanation } from '../../../src/policy/explain/explanation.js'
import { formatExplanationJson } from '../../../src/report/formats/explanation-json.js'
import { formatExplanation } from '../../../src/report/formats/explanation-text.js'
import {
  buildFacts,
  files,
  inVersionOrder,
  rowsOf,
  type Situation,
} from '../../policy/facts/facts-builder.js'
import { judged, nasty } from '../reports.js'

const page = { width: 100, colors: false }

function explained(situation: Situation, parts: Partial<Explanation> = {}, said?: string) {
  const facts = buildFacts(situation)
  const input = { facts, rules, judged: [], unknown: [], said: said ?? null }
  return { ...buildExplanation(input), ...parts }
}

const three = files('1', '2', '3')

void t.test('a nasty text is shown on one line, without its password', async t => {
  const explanation = explained(
    { files: { ...three, [`4_${nasty.slice(0, 40)}.sql`]: 'SELECT 4;\n' }, rows: rowsOf(three) },
    { unknown: [nasty], findings: [judged('migrate-down-predicted', { found: nasty })] },
  )
  const text = formatExplanation(explanation, { ...page, documentationUrl: 'https://x/{id}.md' })
  t.match(text, '\n         see https://x/migrate-down-predicted.md\n')
  t.match(text, '\nNot known\n  a %0A ::error::')
  t.notMatch(text, 's3cret')
  t.notMatch(text, '\u001b')
  const json = formatExplanationJson(explanation, { version: '1.2.3' })
  t.notMatch(json, 's3cret')
  t.notMatch(json, 'knownSentences')
  t.match(JSON.parse(json), {
    schemaVersion: 1,
    tool: { name: 'atlas-admission', version: '1.2.3' },
    findings: [{ rule: 'migrate-down-predicted', documentation: null, action: 'deny' }],
    history: [{ version: '1', file: '1.sql', row: '', state: 'applied', chain: 0, note: '' }],
  })
})

void t.test('colours change no character', async t => {
  const explanation = explained(
    { files: files('1', '2', '4'), rows: rowsOf(three) },
    { findings: [judged('migrate-down-predicted')] },
    'migrate down is not allowed',
  )
  const colored = formatExplanation(explanation, { ...page, colors: true })
  t.match(colored, '\u001b[36mpending\u001b[39m')
  t.match(colored, '\u001b[31mfile missing\u001b[39m')
  t.equal(stripVTControlCharacters(colored), formatExplanation(explanation, page))
})

function historyOf(explanation: Explanation): readonly string[] {
  const [, table = ''] = formatExplanation(explanation, page).split(
    'Directory and revisions table\n',
  )
  return table.split('\n')
}

void t.test('a long run of alike versions is folded, a short one is not', async t => {
  const many = files(...Array.from({ length: 120 }, (_, index) => String(1001 + index)))
  t.same(
    historyOf(explained({ files: { ...many, ...files('2001', '2002') }, rows: rowsOf(many) })),
    [
      'VERSION  FILE      ROW  STATE',
      '1001     1001.sql  yes  applied',
      '...      118 more',
      '1120     1120.sql  yes  applied',
      '2001     2001.sql  -    pending',
      '2002     2002.sql  -    pending',
    ],
  )
})

void t.test('several directories show as letters', async t => {
  const seed = files('5', '6', '7', '8', '91', '92')
  const rows = inVersionOrder(rowsOf(three), rowsOf(seed))
  t.same(historyOf(explained({ files: { ...three, ...seed }, rows })), [
    'VERSION  FILE    ROW  LINEAGE  STATE',
    '1        1.sql   yes  A        applied',
    '2        2.sql   yes  A        applied',
    '3        3.sql   yes  A        applied',
    '5        5.sql   yes  B        applied',
    '...      4 more',
    '92       92.sql  yes  B        applied',
  ])
  const late = explained({ files: { ...three, ...files('15'), ...seed }, rows })
  t.match(historyOf(late)[2], /^15 +15\.sql +- +late$/)
})

void t.test('neither files nor rows', async t => {
  t.same(historyOf(explained({ files: {}, rows: [] })), ['  neither files nor rows'])
})

type Conclusion = readonly [name: string, situation: Situation, said: string, line: RegExp]

const conclusions: readonly Conclusion[] = [
  [
    'nothing of it is left',
    { files: three, rows: rowsOf(three) },
    'history changed',
    /\n  it would not be said now: what led to it has changed since, or is not seen here\n/,
  ],
  [
    'too little is known',
    { directory: { kind: 'remote' } },
    'history changed',
    /\n  perhaps    statements .*\n  perhaps    another .*\n  which of these it is cannot be told from what is known here\n/,
  ],
  [
    'a cause that the prediction does not show',
    { files: three, rows: rowsOf(three), table: { locked: true } },
    'lock is held by other session',
    /\n  it is      a migration is still running.*\n {13}here: .*\n {13}fix: .*\n  perhaps [^]*\n  ruled out [^]*\n  ruled out [^]*\n  mind: /,
  ],
  [
    'a text that is not known',
    { files: three, rows: rowsOf(three) },
    'the moon is full',
    /\n  it is not known here; known are those with\n    migrate down is not allowed\n/,
  ],
]

for (const [name, situation, said, line] of conclusions)
  void t.test(`a sentence: ${name}`, async t => {
    t.match(formatExplanation(explained(situation, {}, said), page), line)
  })
