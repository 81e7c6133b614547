import { readFileSync } from 'node:fs'
import t from 'tap'
import { settingsFormats } from '../../../src/policy/settings/format.js'
import { LineCounter, parse, parseDocument } from 'yaml'
import { ruleIds } from '../../../src/policy/rules/catalogue.js'
import { isCidr } from '../../../src/policy/settings/cidr.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { nearestName } from '../../../src/policy/text/nearest-name.js'
import { parseLabelSelector } from '../../../src/policy/settings/label-selector.js'
import { formatSettingsMistake, parseSettings } from '../../../src/policy/settings/parse.js'
import { settingsSchema } from '../../../src/policy/settings/schema.js'
import type { FieldPath } from '../../../src/policy/text/field-path.js'
import { yamlPosition, type YamlPosition } from '../../../src/policy/settings/yaml-position.js'
import { parseUntil } from '../../../src/policy/settings/until.js'

const rules = [
  'applied-file-edited',
  'connection-pooler',
  'file-out-of-order',
  'migrate-down-predicted',
  'revision-table-shared',
  'url-invalid',
]

function mistakesOf(text: string): readonly string[] {
  const parsed = parseSettings(text, rules)
  return 'mistakes' in parsed ? parsed.mistakes.map(formatSettingsMistake) : []
}

void t.test('without a word, the defaults hold', async t => {
  for (const text of ['', '# only a comment', '{}', 'null'])
    t.strictSame(parseSettings(text, rules), { settings: defaultSettings }, text)
})

void t.test('the example is a policy of real rules, and shows every key', async t => {
  const parsed = parseSettings(readFileSync('deploy/policy.example.yaml', 'utf8'), ruleIds)
  t.strictSame('mistakes' in parsed && parsed.mistakes, false)
  t.match(parsed, {
    settings: {
      rules: { 'connection-pooler': 'audit' },
      namespaces: [{ mode: 'warn' }, { match: ['payments', 'ledger'], onError: 'deny' }],
      exemptions: [{ rule: 'revision-table-shared', until: '2027-03-31' }],
      database: { maxRows: 10_000, sslRootCert: '' },
    },
  })
  const document: unknown = parse(readFileSync('deploy/policy.example.yaml', 'utf8'))
  t.strictSame(Object.keys(document as object), Object.keys(defaultSettings))
})

void t.test('new rules that only warn need the version whose rules are known', async t => {
  t.match(parseSettings('newRules: warn\nsince: 0.1.0', rules), {
    settings: { newRules: 'warn', since: '0.1.0' },
  })
  t.match(parseSettings('since: 0.1.0\nnamespaces: [{match: [app], newRules: warn}]', rules), {
    settings: { newRules: 'default', namespaces: [{ newRules: 'warn' }] },
  })
  t.strictSame(mistakesOf('newRules: warn'), [
    'newRules (line 1, column 1): expected the version whose rules are known in "since", found none',
  ])
  t.strictSame(mistakesOf('namespaces:\n  - match: [app]\n    newRules: warn'), [
    'namespaces[0].newRules (line 3, column 5): expected the version whose rules are known in "since", found none',
  ])
  for (const since of ['0.1', 'v0.1.0', '0.1.0-rc.1', 'latest', '1234567.0.0'])
    t.match(
      mistakesOf(`since: "${since}"`),
      [/^since .*: expected a version such as 0\.1\.0/],
      since,
    )
  t.match(mistakesOf('since: 0.1'), [/^since .*: expected a text, found 0\.1$/])
  t.match(mistakesOf('newRules: deny'), [/^newRules .*expected/])
})

void t.test("the operator's selector is parsed with the file", async t => {
  t.match(parseSettings('operator: {labelSelector: "app=shop,!old"}', rules), {
    settings: { operator: { labelSelector: parseLabelSelector('app=shop,!old') } },
  })
  t.match(mistakesOf('operator: {labelSelector: "=a"}'), [/a label selector such as/])
})

void t.test('the published schema is the one that is checked', async t => {
  const published: unknown = JSON.parse(readFileSync('deploy/policy.schema.json', 'utf8'))
  t.strictSame(published, settingsSchema)
})

void t.test('what a file leaves out is filled in, also inside', async t => {
  const text = `{"database": {"maxRows": 5}, "audit": {"reports": true}, "consolidation": {}, "exemptions": [{"rule": "*", "reason": "r"}]}`
  t.match(parseSettings(text, rules), {
    settings: {
      database: { ...defaultSettings.database, maxRows: 5 },
      audit: { intervalSeconds: 600, concurrency: 4, events: true, reports: true },
      consolidation: { rewrite: 'off' },
      exemptions: [{ rule: '*', reason: 'r', namespace: '*', name: '*' }],
    },
  })
})

void t.test('off is a word, not a boolean', async t => {
  t.match(parseSettings('consolidation:\n  rewrite: off', rules), {
    settings: { consolidation: { rewrite: 'off' } },
  })
  t.match(parseSettings('rules:\n  url-invalid: off', rules), {
    settings: { rules: { 'url-invalid': 'off' } },
  })
})

void t.test('every kind of mistake has its place and its words', async t => {
  type Case = [text: string, mistake: string]
  const cases: Case[] = [
    ['mod: warn', 'mod (line 1, column 1): unknown key "mod"; did you mean "mode"?'],
    ['something-else: 1', 'something-else (line 1, column 1): unknown key "something-else"'],
    [
      'mode: enforced',
      'mode (line 1, column 1): expected enforce, warn or audit, found "enforced"; did you mean "enforce"?',
    ],
    ['mode: [x]', 'mode (line 1, column 1): expected enforce, warn or audit, found a list'],
    ['mode: ~', 'mode (line 1, column 1): expected enforce, warn or audit, found nothing'],
    ['onError: true', 'onError (line 1, column 1): expected allow or deny, found true'],
    [
      'rules:\n  url-invald: deny',
      'rules.url-invald (line 2, column 3): unknown rule "url-invald"; did you mean "url-invalid"?',
    ],
    [
      'rules:\n  url-invalid: dney',
      'rules.url-invalid (line 2, column 3): expected deny, warn, audit or off, found "dney"; did you mean "deny"?',
    ],
    ['rules: []', 'rules (line 1, column 1): expected a map, found an empty list'],
    [
      'overridable:\n  - "*"\n  - conection-pooler',
      'overridable[1] (line 3, column 5): expected a rule id or "*", found "conection-pooler"; did you mean "connection-pooler"?',
    ],
    ['overridable: all', 'overridable (line 1, column 1): expected a list, found "all"'],
    [
      'namespaces:\n  - mode: warn',
      'namespaces[0] (line 2, column 5): expected a key "match", found none',
    ],
    [
      'namespaces:\n  - match: []',
      'namespaces[0].match (line 2, column 5): expected at least one entry, found an empty list',
    ],
    [
      'namespaces:\n  - match: [Dev]\n',
      'namespaces[0].match[0] (line 2, column 13): expected a glob over Kubernetes names: lower-case letters, digits, "-", ".", "*" and "?", found "Dev"',
    ],
    [
      'namespaces:\n  - match: [a]\n    rules: {nope: off}\n',
      'namespaces[0].rules.nope (line 3, column 13): unknown rule "nope"',
    ],
    [
      'exemptions:\n  - {rule: url-invalid, reason: " "}',
      'exemptions[0].reason (line 2, column 25): expected a text that is not blank, found " "',
    ],
    [
      'exemptions:\n  - rule: url-invalid\n    reason: r\n    until: tomorrow',
      'exemptions[0].until (line 4, column 5): expected a date such as 2026-12-31 or a time such as 2026-12-31T12:00:00Z, found "tomorrow"',
    ],
    [
      'database:\n  connectTimeoutMs: 2s',
      'database.connectTimeoutMs (line 2, column 3): expected a whole number, found "2s"',
    ],
    [
      'database:\n  maxRows: 0',
      'database.maxRows (line 2, column 3): expected at least 1, found 0',
    ],
    [
      'database:\n  idleTimeoutMs: 999999',
      'database.idleTimeoutMs (line 2, column 3): expected at most 600000, found 999999',
    ],
    [
      'database:\n  refusedAddresses: [10.0.0.0]',
      'database.refusedAddresses[0] (line 2, column 22): expected a CIDR such as 10.0.0.0/8 or fd00::/8, found "10.0.0.0"',
    ],
    [
      'database:\n  allowedHosts: [10.0.0.0/33]',
      'database.allowedHosts[0] (line 2, column 18): expected a host name glob such as *.db.example.com, a CIDR such as 10.0.0.0/8, or the folder of a Unix socket such as /run/postgresql, found "10.0.0.0/33"',
    ],
    [
      'database:\n  sslRootCert: {}',
      'database.sslRootCert (line 2, column 3): expected a text, found a map',
    ],
    [
      'database:\n  maxConnections: 1',
      'database.maxConnectionsPerTarget (line 1, column 1): expected at most maxConnections (1), found 2',
    ],
    ['audit:\n  interval: 5', 'audit.interval (line 2, column 3): unknown key "interval"'],
    [
      'audit:\n  intervalSeconds: 86401',
      'audit.intervalSeconds (line 2, column 3): expected at most 86400, found 86401',
    ],
    [
      'audit:\n  concurrency: 0',
      'audit.concurrency (line 2, column 3): expected at least 1, found 0',
    ],
    [
      'audit:\n  events: yes',
      'audit.events (line 2, column 3): expected true or false, found "yes"',
    ],
    [
      'documentationUrl: https://user:pw@example.com',
      'documentationUrl (line 1, column 1): expected an http or https URL of at most 100 characters, without user, query and fragment, and no braces but {id}, found "https://user:pw@example.com"',
    ],
    [
      `documentationUrl: ${'x'.repeat(99)}`,
      `documentationUrl (line 1, column 1): expected an http or https URL of at most 100 characters, without user, query and fragment, and no braces but {id}, found "${'x'.repeat(56)}...`,
    ],
    [
      'documentationUrl: https://example.com/{rule}.md',
      'documentationUrl (line 1, column 1): expected an http or https URL of at most 100 characters, without user, query and fragment, and no braces but {id}, found "https://example.com/{rule}.md"',
    ],
    [
      `documentationUrl: https://${'x'.repeat(97)}{id}`,
      `documentationUrl (line 1, column 1): expected an http or https URL of at most 100 characters, without user, query and fragment, and no braces but {id}, found "https://${'x'.repeat(48)}...`,
    ],
    ['"a/b~c": 1', '["a/b~c"] (line 1, column 1): unknown key "a/b~c"'],
    ['[1]', 'line 1, column 1: expected a map, found a list'],
    [
      'mode: warn\nmode: audit',
      'line 2, column 1: the same key twice in one map; remove one of them',
    ],
    [
      'mode: warn\n---\nmode: warn',
      'line 2, column 1: a second document (---) where one is expected',
    ],
    [
      'mode: *x',
      'line 1, column 7: an alias that stands for nothing or for itself; put a text that starts with * in quotes',
    ],
    [
      '['.repeat(1e5),
      'line 1, column 1: nested too deeply, or aliases that stand for too much text',
    ],
    [
      `a: &a [1]\nb: [${Array(101).fill('*a').join()}]`,
      'line 1, column 1: nested too deeply, or aliases that stand for too much text',
    ],
  ]
  for (const [text, mistake] of cases) t.strictSame(mistakesOf(text), [mistake], text.slice(0, 60))
})

void t.test('thousands of aliases are not followed', async t => {
  const aliases = (count: number) =>
    Array.from({ length: count }, (_, at) => `a${at}: &x${at} 1\nb${at}: *x${at}\n`).join('')
  t.notMatch(mistakesOf(aliases(1000)).join('\n'), /aliases/)
  t.match(mistakesOf(aliases(1001)), [/aliases that stand for too much text/])
})

void t.test('of thousands of mistakes a hundred are reported', async t => {
  const keys = Array.from({ length: 5000 }, (_, at) => `key${at}: 1\n`).join('')
  t.equal(mistakesOf(keys).length, 100)
})

void t.test('all mistakes are reported at once, in the order of the file', async t => {
  const text =
    'database: {maxRows: x, idleTimeoutMs: x}\nmode: x\nfoo: 1\nnamespaces: [{match: x}]\nrules: {x: deny}'
  t.strictSame(
    mistakesOf(text).map(mistake => mistake.split(' ')[0]),
    ['database.maxRows', 'database.idleTimeoutMs', 'mode', 'foo', 'namespaces[0].match', 'rules.x'],
  )
  const valid =
    'exemptions:\n  - rule: url-invalid\n    namespace: a-*.b?\n    until: 2026-01-01T00:00:00+02:00\n    reason: r'
  t.strictSame(mistakesOf(valid), [])
})

void t.test('a key inside a list or an alias is looked for as far as it goes', async t => {
  t.match(mistakesOf('namespaces: &n\n  - 1\nexemptions: *n'), [
    /^namespaces\[0\] \(line 2, column 5\)/,
    /^exemptions\[0\] \(line 3, column 1\)/,
  ])
  t.match(mistakesOf('? [a]\n: 1\n? mode\n: x'), [/./, /^mode \(line 3, column 3\)/])
})

void t.test('what has no place of its own stands where its surroundings do', async t => {
  const position = (text: string, path: FieldPath): YamlPosition => {
    const lines = new LineCounter()
    return yamlPosition({ document: parseDocument(text, { lineCounter: lines }), lines }, path)
  }
  t.strictSame(position('', ['a']), { line: 1, column: 1 })
  t.strictSame(position('\na: [1]', []), { line: 2, column: 1 })
  t.strictSame(position('\na: [1]', ['b', 'c']), { line: 2, column: 1 })
  t.strictSame(position('b: 1\n a: [1]', ['a', 7]), { line: 1, column: 1 })
  t.strictSame(position('b: 1\na:\n  - 1\n', ['a', 7]), { line: 2, column: 1 })
})

void t.test('addresses', async t => {
  const good = [
    '0.0.0.0/0',
    '10.20.0.0/16',
    '255.255.255.255/32',
    '::/0',
    '::1/128',
    'fd00::/8',
    'fe80::1:2/64',
    '1:2:3:4:5:6:7:8/128',
    '::ffff:10.0.0.1/96',
    '1:2:3:4:5:6:1.2.3.4/128',
  ]
  const bad = [
    '',
    '10.0.0.0',
    '10.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.256/8',
    '10.0.0.01/8',
    'host/8',
    '::/129',
    '1::2::3/8',
    '1:2:3:4:5:6:7/8',
    '1:2:3:4:5:6:7:8:9/8',
    '1:2:3:4:5:6:7:8::/8',
    '12345::/8',
    '::1.2.3/96',
    ':1/8',
  ]
  for (const text of good) t.ok(isCidr(text), text)
  for (const text of bad) t.notOk(isCidr(text), text)
})

void t.test('the end of an exemption', async t => {
  type Case = [text: string, end: number | null]
  const cases: Case[] = [
    ['2026-12-31', Date.UTC(2027, 0, 1)],
    ['2024-02-29', Date.UTC(2024, 2, 1)],
    ['2026-12-31T12:00:00Z', Date.UTC(2026, 11, 31, 12)],
    ['2026-12-31t12:00:00.5z', Date.UTC(2026, 11, 31, 12, 0, 0, 500)],
    ['2026-12-31T12:00:00+02:00', Date.UTC(2026, 11, 31, 10)],
    ['2026-02-30', null],
    ['2026-02-30T00:00:00Z', null],
    ['2026-13-01', null],
    ['2026-12-31T25:00:00Z', null],
    ['2026-12-31T12:00:00', null],
    ['31.12.2026', null],
    ['', null],
  ]
  for (const [text, end] of cases) t.equal(parseUntil(text), end, text)
})

void t.test('what a misspelled name was probably meant to be', async t => {
  type Case = [name: string, nearest: string | null]
  const cases: Case[] = [
    ['url-invald', 'url-invalid'],
    ['URL-INVALID', 'url-invalid'],
    ['migrate-down', null],
    ['x', null],
    ['', null],
    ['checksum', null],
    ['u'.repeat(65), null],
  ]
  for (const [name, nearest] of cases) t.equal(nearestName(name, rules), nearest, name)
})

void t.test('The folder of a Unix socket may be allowed', async t => {
  const accepts = settingsFormats.get('host')?.accepts
  for (const text of ['/run/postgresql', '/var/run/*', '/cloudsql/a.b-c'])
    t.equal(accepts?.(text), true, text)
  for (const text of ['/', '/run/../etc', '/run pg', '10.0.0.0/33'])
    t.equal(accepts?.(text), false, text)
})
