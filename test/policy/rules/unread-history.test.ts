import t from 'tap'
import { unreadHistory } from '../../../src/policy/rules/unread-history.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { check, contentFacts, resolved, type Said } from './object-facts.js'

type Files = Readonly<Record<string, string>>

const old: Files = { '1_a.sql': 'A', '3_c.sql': 'C', '5_e.sql': 'E' }

/** A MySQL database, or one that cannot be reached, before and after a write. */
function facts(
  after: Files,
  before: Files | null,
  { last, ...known }: Partial<Facts> & { readonly last?: string } = {},
) {
  const target = resolved({ dialect: 'mysql' })
  const status = last === undefined ? {} : { status: { lastAppliedVersion: last } }
  const of = (files: Files) => {
    const { migration, ...rest } = contentFacts(files, { target, ...known })
    return { ...rest, migration: { ...migration, ...status } }
  }
  return { ...of(after), before: before && of(before) }
}

const read: Facts['table'] = {
  kind: 'read',
  identity: { system: '1', database: '1', identifier: null },
  revisions: [],
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
}
const { '1_a.sql': _, ...withoutFirst } = old
const late: Files = { ...old, '2_b.sql': 'B' }

const cases: readonly [title: string, facts: Facts, said: Said][] = [
  ['nothing changed', facts(old, old), null],
  ['a new file', facts({ ...old, '6_f.sql': 'F' }, old, { last: '5' }), null],
  ['a late file', facts(late, old, { last: '5' }), ['warn', '2_b.sql came after 5 ran, and is']],
  [
    'a late file without a status',
    facts(late, old),
    ['warn', 'and is older, if the old files ran'],
  ],
  [
    'a file between those that have not run',
    facts({ ...old, '4_d.sql': 'D' }, old, { last: '3' }),
    null,
  ],
  [
    'a file is gone that ran',
    facts(withoutFirst, old, { last: '3' }),
    ['warn', '1 ran, and 1 file is gone'],
  ],
  ['a file is gone that did not', facts({ '1_a.sql': 'A' }, old, { last: '1' }), null],
  [
    'the last one is gone, nothing known before',
    facts(old, null, { last: '9' }),
    ['warn', '9 ran, and 1'],
  ],
  ['nothing known before', facts(old, null), null],
  [
    'a file was edited',
    facts({ ...old, '3_c.sql': 'c' }, old, { last: '3' }),
    ['warn', '3_c.sql ran, and changed'],
  ],
  [
    'a file was edited that did not run',
    facts({ ...old, '5_e.sql': 'e' }, old, { last: '3' }),
    null,
  ],
  ['the rows are read', facts(late, old, { last: '5', table: read }), null],
]

for (const [title, given, said] of cases)
  void t.test(title, async t => check(t, [unreadHistory, given], [title, said]))

void t.test('all that is known is said at once', async t => {
  const finding = unreadHistory.evaluate(
    facts({ '2_b.sql': 'B', '3_c.sql': 'c' }, old, { last: '3' }),
  )
  t.strictSame(finding?.subjects, ['2_b.sql', '1', '3_c.sql'])
  t.match(finding?.details, [
    '1 ran, and 1 file is gone',
    '3_c.sql ran, and changed since',
    /--rows/,
  ])
})

void t.test('line breaks of all files are one cause', async t => {
  const crlf = Object.fromEntries(Object.entries(old).map(([name, text]) => [name, `${text}\r\n`]))
  const lf = Object.fromEntries(Object.entries(old).map(([name, text]) => [name, `${text}\n`]))
  const finding = unreadHistory.evaluate(facts(crlf, lf, { last: '3' }))
  t.match(finding?.found, /ran, and changed since in line breaks only \(CRLF now\)/)
  const other = unreadHistory.evaluate(facts({ ...crlf, '3_c.sql': 'x' }, lf, { last: '3' }))
  t.notMatch(other?.found, /line breaks/)
})
