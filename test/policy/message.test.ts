import { array, assert, boolean, constantFrom, oneof, property, record, string } from 'fast-check'
import t from 'tap'
import { rules as catalogue } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { JudgedFinding } from '../../src/policy/enforcement/enforcement.js'
import type { Finding, Rule } from '../../src/policy/facts/finding.js'
import { causes, denialMessage } from '../../src/policy/message.js'
import { sanitizeText, shorten } from '../../src/policy/text/sanitize-text.js'
import type { Settings } from '../../src/policy/settings/settings.js'
import { warningLine, warningLines } from '../../src/policy/warning.js'

function judged(
  id: string,
  finding: Partial<Finding> = {},
  parts: Partial<JudgedFinding> = {},
): JudgedFinding {
  const rule: Rule = {
    id,
    title: '',
    why: '',
    severity: 'deny',
    evidence: 'spec',
    order: 0,
    since: '0.1.0',
    evaluate: () => null,
  }
  return {
    rule,
    finding: {
      found: 'the table has 4 rows and the directory 2 files',
      expected: '',
      remedy: 'restore the missing files',
      field: 'spec.dir',
      subjects: [],
      ...finding,
    },
    object: { kind: 'AtlasMigration', namespace: 'app', name: 'orders' },
    introduced: true,
    severity: 'deny',
    action: 'deny',
    cause: null,
    reason: '',
    ...parts,
  }
}

const warned = (id: string, finding: Partial<Finding> = {}, parts: Partial<JudgedFinding> = {}) =>
  judged(id, finding, { action: 'warn', ...parts })

const message = (found: readonly JudgedFinding[], settings: Partial<Settings> = {}): string =>
  denialMessage(found, { ...defaultSettings, ...settings })

void t.test('one finding that fits is one line', async t => {
  t.equal(
    message([judged('a-rule')]),
    '[a-rule] AtlasMigration app/orders: the table has 4 rows and the directory 2 files; fix: restore the missing files',
  )
  t.equal(message([judged('a', { found: 'x', remedy: '' })]), '[a] AtlasMigration app/orders: x')
  t.equal(message([warned('a-rule')]), '', 'nothing was denied')
})

void t.test('all findings, then links, then details', async t => {
  const text = message(
    [
      judged('a', { found: 'x', expected: 'y', remedy: 'z', details: ['one', 'two'] }),
      warned('not-denied'),
      judged('b', { found: 'p', remedy: '', details: ['three'] }),
      // As for a second AtlasMigration with the same ConfigMap.
      judged('a', { found: 'q', remedy: '', details: ['one', 'four'] }),
      judged('a', { found: 'x', remedy: '' }),
    ],
    { documentationUrl: 'https://docs.example.com/rules/' },
  )
  t.strictSame(text.split('\n'), [
    '[a] AtlasMigration app/orders: x; fix: z',
    '- [a] AtlasMigration app/orders: x; expected: y; fix: z',
    '- [b] AtlasMigration app/orders: p',
    '- [a] AtlasMigration app/orders: q',
    '- [a] AtlasMigration app/orders: x',
    'see https://docs.example.com/rules/a',
    'see https://docs.example.com/rules/b',
    '- [a] one',
    '- [a] two',
    '- [b] three',
    '- [a] four',
  ])
})

void t.test('a link has the id where the URL says so, else at its end', async t => {
  const links = (base: string) =>
    message([judged('a'), judged('b')], { documentationUrl: base })
      .split('\n')
      .filter(line => line.startsWith('see '))
  t.strictSame(links(''), [])
  t.strictSame(links('https://example.com/r'), [
    'see https://example.com/r/a',
    'see https://example.com/r/b',
  ])
  t.strictSame(links('https://example.com/docs/rules/{id}.md'), [
    'see https://example.com/docs/rules/a.md',
    'see https://example.com/docs/rules/b.md',
  ])
})

void t.test('a long first line is shortened between words, and said in full below', async t => {
  const found = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')
  const [first = '', second = ''] = message([judged('a-rule', { found })]).split('\n')
  t.ok(first.length <= 200)
  t.match(
    first,
    /^\[a-rule\] AtlasMigration app\/orders: word0 .* word\d+\.\.\.; fix: restore the missing files$/,
  )
  t.match(second, 'word39; fix: restore the missing files')

  const remedy = Array.from({ length: 40 }, (_, index) => `step${index}`).join(' ')
  const [both = ''] = message([judged('a-rule', { found, remedy })]).split('\n')
  t.ok(both.length <= 200)
  t.match(both, /: word0 [\w ]+\.\.\.; fix: step0 [\w ]+ step\d+\.\.\.$/)

  const long = { kind: 'AtlasMigration', namespace: 'n'.repeat(63), name: 'o'.repeat(253) } as const
  const [named = ''] = message([judged('a-rule', { found, remedy }, { object: long })]).split('\n')
  t.ok(named.length <= 200)
  t.match(named, /^\[a-rule\] AtlasMigration n+\.\.\.o+: word0 .*\.\.\.; fix: step0 /)
})

void t.test('what does not fit in 2 KiB is counted', async t => {
  const many = Array.from({ length: 100 }, (_, index) =>
    judged(`rule-${index}`, { found: `found ${index}`, details: ['d'] }),
  )
  const lines = message(many).split('\n')
  const more = /^\.\.\. and (\d+) more$/.exec(lines.at(-1) ?? '')?.[1]
  // 99 findings and 100 details follow the first line.
  t.equal(Number(more) + lines.length - 2, 199)
  t.ok(Buffer.byteLength(message(many)) <= 2048)
  t.ok(Buffer.byteLength(message(many)) > 1900, 'the room is used')
})

void t.test('causes for machines', async t => {
  t.strictSame(causes([judged('a', { expected: 'y' }), warned('b')]), [
    {
      reason: 'a',
      field: 'spec.dir',
      message:
        'AtlasMigration app/orders: the table has 4 rows and the directory 2 files; expected: y; fix: restore the missing files',
    },
  ])
  t.equal(causes(Array.from({ length: 100 }, () => judged('a'))).length, 32)
})

void t.test('warnings say why they are no denial', async t => {
  t.equal(
    warningLine(
      warned(
        'a',
        { found: 'x', expected: 'y', remedy: 'z' },
        { cause: 'exempted', reason: 'exempted by policy: legacy' },
      ),
    ),
    '[a] AtlasMigration app/orders: (exempted by policy: legacy) x; expected: y; fix: z',
  )
  t.equal(
    warningLine(warned('a', { found: 'x', remedy: 'z' })),
    '[a] AtlasMigration app/orders: x; fix: z',
  )
  const long = warningLine(
    warned('a', { found: 'x '.repeat(300) }, { cause: 'overridden', reason: 'r '.repeat(300) }),
  )
  t.ok(long.length <= 256)
  t.match(
    long,
    /^\[a\] AtlasMigration app\/orders: \(r r .*\.\.\.\) x x .*\.\.\.; fix: restore the missing files$/,
  )
})

void t.test('at most eight warnings', async t => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => warned(`rule-${index}`))
  t.equal(warningLines(many(8)).length, 8)
  t.equal(warningLines([...many(3), ...many(3), judged('denied')]).length, 3, 'each once')
  const lines = warningLines(many(7), ['one\nline', 'two'])
  t.equal(lines.length, 8)
  t.equal(lines.at(-1), '... and 2 more warnings')
  t.strictSame(warningLines([], ['one\nline']), ['one line'])
})

void t.test('text from outside', async t => {
  type Case = [text: string, sanitized: string]
  const cases: Case[] = [
    [' a\tb\r\nc\u2028d ', 'a b c d'],
    ['a\u0000b\u001b[31mc\u202ed\ufeffe', 'a?b?[31mc?d e'],
    ['\ud800x', '\ufffdx'],
    ['größe 😀', 'größe 😀'],
    ['postgres://user:p@ss:w/rd@host:5432/db?x=y failed', 'postgres://*** failed'],
    ['at mysql://h/d', 'at mysql://***'],
    ['see https://example.com/a#b', 'see https://example.com/a#b'],
    ['see HTTPS://user:pw@example.com', 'see HTTPS://***'],
    ['host=h password=secret user=u', 'host=h password=*** user=u'],
    ['map[a:b] is immutable, Immutable field', 'map(a:b] is fixed, fixed field'],
    ['is\timmutable', 'is fixed'],
    ['x'.repeat(5000), 'x'.repeat(2048)],
  ]
  for (const [text, sanitized] of cases) t.equal(sanitizeText(text), sanitized, text.slice(0, 40))
})

void t.test('shortening', async t => {
  t.equal(shorten('one two', 7), 'one two')
  t.equal(shorten('one two three', 12), 'one two...')
  t.equal(shorten('abcdefghijkl', 8), 'abcde...')
  t.equal(shorten('a bcdefghijkl', 8), 'a bcd...', 'a word at the very start would say nothing')
  t.equal(shorten('abcd😀efghij', 8), 'abcd...', 'no half characters')
})

/** Whatever strings rules may build from names in files, tables and objects. */
const outsideText = oneof(
  string({ unit: 'binary', maxLength: 400 }),
  string({ maxLength: 3000 }),
  constantFrom(
    'map[x]\tis immutable',
    'is\u0000 immutable field',
    `postgres://u:s3cret${'x'.repeat(300)}@h/d`,
    '\ud83d'.repeat(300),
    '😀'.repeat(300),
    'word '.repeat(100),
  ),
)

const anyFinding = record({
  id: constantFrom(...catalogue.map(({ id }) => id)),
  finding: record({
    found: outsideText,
    expected: outsideText,
    remedy: outsideText,
    field: outsideText,
    details: array(outsideText, { maxLength: 3 }),
  }),
  namespace: outsideText,
  name: outsideText,
  cause: constantFrom(null, 'exempted' as const),
  reason: outsideText,
  action: constantFrom('deny' as const, 'warn' as const),
}).map(({ id, finding, namespace, name, ...rest }) =>
  judged(id, finding, { object: { kind: 'AtlasMigration', namespace, name }, ...rest }),
)

const forbidden = /map\[|is immutable|immutable field|s3cret|[\p{Cc}\p{Cf}\p{Cs}]/iu

void t.test('whatever the texts are, the limits hold', async t => {
  assert(
    property(array(anyFinding, { minLength: 1, maxLength: 12 }), boolean(), (found, docs) => {
      const text = message(found, docs ? { documentationUrl: 'https://example.com/r' } : {})
      const lines = text.split('\n')
      const first = found.find(({ action }) => action === 'deny')
      const all = [
        ...lines,
        ...found.map(warningLine),
        ...causes(found).map(cause => cause.message),
      ]
      return (
        Buffer.byteLength(text) <= 2048 &&
        (lines[0] ?? '').length <= 200 &&
        (first === undefined
          ? text === ''
          : text.startsWith(`[${first.rule.id}] AtlasMigration `)) &&
        (!first?.finding.remedy.trim() ||
          !/\w/.test(sanitizeText(first.finding.remedy)) ||
          lines[0]?.includes('; fix: ')) &&
        all.every(line => !forbidden.test(line)) &&
        found.every(one => {
          const warning = warningLine(one)
          return warning.length <= 256 && warning.startsWith(`[${one.rule.id}] `)
        }) &&
        warningLines(found, ['x']).length <= 8
      )
    }),
    { numRuns: 500 },
  )
  t.pass('500 random answers')
})
