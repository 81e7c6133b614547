import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import type { ObjectMetadata } from '../../../src/policy/facts/atlas-migration.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import {
  enforce,
  type EnforcementInput,
  type JudgedFinding,
} from '../../../src/policy/enforcement/enforcement.js'
import type { DirectoryFacts, Facts, TargetFacts } from '../../../src/policy/facts/facts.js'
import type { Evidence, Finding, Rule, Severity } from '../../../src/policy/facts/finding.js'
import type { WrittenKind } from '../../../src/policy/enforcement/foreign-evidence.js'
import { matchesGlob } from '../../../src/policy/settings/glob.js'
import { namespaceEnforcement } from '../../../src/policy/enforcement/namespace-enforcement.js'
import { overrideNotices } from '../../../src/policy/enforcement/override-notice.js'
import { parseOverrides } from '../../../src/policy/enforcement/override.js'
import type { Settings } from '../../../src/policy/settings/settings.js'
import {
  evaluateRules,
  introduced,
  type RuleFinding,
} from '../../../src/policy/enforcement/verdict.js'
import { specFacts } from '../rules/object-facts.js'

const target: Extract<TargetFacts, { kind: 'resolved' }> = {
  kind: 'resolved',
  target: {
    dialect: 'postgres',
    host: 'db',
    port: 5432,
    database: 'app',
    boundSchema: null,
    revisionsSchema: 'atlas_schema_revisions',
    fromSecret: false,
    fingerprint: 'f',
  },
}

const directory = (source: 'local' | 'configmap'): DirectoryFacts => ({
  kind: 'read',
  source,
  name: 'd',
  data: {},
  binaryKeys: [],
  directory: buildDirectory({}),
})

function facts(parts: Partial<Facts> = {}, metadata: ObjectMetadata = {}): Facts {
  return specFacts(
    {},
    {
      migration: { metadata: { namespace: 'app', name: 'orders', ...metadata }, spec: {} },
      directory: directory('local'),
      target,
      ...parts,
    },
  )
}

const finding: Finding = { found: 'f', expected: '', remedy: 'r', field: '', subjects: [] }

function rule(id: string, severity: Severity = 'deny', evidence: Evidence = 'database'): Rule {
  return {
    id,
    title: '',
    why: '',
    severity,
    evidence,
    order: 0,
    since: '0.1.0',
    evaluate: () => finding,
  }
}

const found = (id: string, subjects: readonly string[], severity?: Severity): RuleFinding => ({
  rule: rule(id),
  finding: { ...finding, subjects, ...(severity && { severity }) },
})

void t.test('every rule is asked, in order', async t => {
  const silent: Rule = { ...rule('b'), evaluate: () => null }
  const asked = evaluateRules(facts(), [rule('c'), silent, rule('a')])
  t.strictSame(
    asked.map(({ rule: { id } }) => id),
    ['c', 'a'],
  )
})

void t.test('what a write introduces', async t => {
  type Case = [
    name: string,
    before: readonly RuleFinding[] | null,
    after: RuleFinding,
    introduced: boolean,
  ]
  const cases: Case[] = [
    ['everything on create', null, found('a', []), true],
    ['a rule that found nothing before', [found('b', ['1'])], found('a', ['1']), true],
    ['the same subjects are old', [found('a', ['1', '2'])], found('a', ['2', '1']), false],
    [
      'fewer subjects are a repair in two steps',
      [found('a', ['1', '2'])],
      found('a', ['2']),
      false,
    ],
    ['one more subject is new', [found('a', ['1'])], found('a', ['1', '2']), true],
    ['no subjects: the rule alone counts', [found('a', [])], found('a', []), false],
    ['graver than before', [found('a', ['1'], 'warn')], found('a', ['1']), true],
    ['milder than before', [found('a', ['1'])], found('a', ['1'], 'warn'), false],
  ]
  for (const [name, before, after, expected] of cases)
    t.strictSame(introduced(before, [after]), [{ ...after, introduced: expected }], name)
})

interface Situation extends Partial<Omit<EnforcementInput, 'settings' | 'findings'>> {
  readonly settings?: Partial<Settings>
  readonly rule?: Rule
  readonly severity?: Severity
  readonly introduced?: boolean
}

function inputOf(situation: Situation): EnforcementInput {
  const { settings, rule: judgedRule = rule('a'), severity, introduced = true } = situation
  return {
    facts: situation.facts ?? facts(),
    findings: [
      { rule: judgedRule, finding: { ...finding, ...(severity && { severity }) }, introduced },
    ],
    settings: { ...defaultSettings, ...settings },
    written: situation.written === undefined ? 'AtlasMigration' : situation.written,
    dryRun: situation.dryRun ?? false,
    now: situation.now ?? new Date('2026-06-01T12:00:00Z'),
  }
}

const judge = (situation: Situation): JudgedFinding | undefined => enforce(inputOf(situation))[0]

void t.test('what a finding leads to', async t => {
  type Case = [
    name: string,
    situation: Situation,
    action: Severity | undefined,
    cause: JudgedFinding['cause'] | undefined,
  ]
  const exempt = (parts: object): Partial<Settings> => ({
    exemptions: [{ rule: 'a', namespace: '*', name: '*', reason: 'legacy', ...parts }],
  })
  const annotated = facts({}, { annotations: { 'atlas-admission.io/allow': 'b: no; a: OPS-1' } })
  const cases: Case[] = [
    ['the rule says deny', {}, 'deny', null],
    ['the rule says warn', { rule: rule('a', 'warn') }, 'warn', null],
    ['the finding lowers its rule', { severity: 'warn' }, 'warn', null],
    [
      'the finding cannot raise its rule',
      { rule: rule('a', 'warn'), severity: 'deny' },
      'warn',
      null,
    ],
    ['policy lowers', { settings: { rules: { a: 'audit' } } }, 'audit', null],
    [
      'policy raises',
      { rule: rule('a', 'warn'), settings: { rules: { a: 'deny' } } },
      'deny',
      null,
    ],
    [
      'policy cannot raise what the finding lowered',
      { severity: 'warn', settings: { rules: { a: 'deny' } } },
      'warn',
      null,
    ],
    ['policy turns off', { settings: { rules: { a: 'off' } } }, undefined, undefined],
    ['a rule named like a property of every object', { rule: rule('toString') }, 'deny', null],
    ['an old problem', { introduced: false }, 'warn', 'not-introduced'],
    ['an old warning', { introduced: false, rule: rule('a', 'warn') }, 'warn', null],
    ['mode warn', { settings: { mode: 'warn' } }, 'warn', 'mode'],
    ['mode audit', { settings: { mode: 'audit' }, rule: rule('a', 'warn') }, 'audit', 'mode'],
    [
      'a namespace override',
      { settings: { namespaces: [{ match: ['a?p', 'x'], mode: 'warn' }] } },
      'warn',
      'mode',
    ],
    [
      'of two overrides the later one',
      {
        settings: {
          namespaces: [
            { match: ['*'], rules: { a: 'audit' } },
            { match: ['app'], rules: { a: 'deny' } },
            { match: ['other'], rules: { a: 'off' } },
          ],
        },
      },
      'deny',
      null,
    ],
    ['an exemption', { settings: exempt({}) }, 'warn', 'exempted'],
    ['an exemption of all rules', { settings: exempt({ rule: '*' }) }, 'warn', 'exempted'],
    ['an exemption of another rule', { settings: exempt({ rule: 'b' }) }, 'deny', null],
    ['an exemption of these names', { settings: exempt({ name: 'ord*' }) }, 'warn', 'exempted'],
    ['an exemption of other names', { settings: exempt({ name: 'x*' }) }, 'deny', null],
    ['an exemption of other namespaces', { settings: exempt({ namespace: 'ap' }) }, 'deny', null],
    ['on its last day', { settings: exempt({ until: '2026-06-01' }) }, 'warn', 'exempted'],
    ['the day after', { settings: exempt({ until: '2026-05-31' }) }, 'deny', null],
    ['an end nobody can read', { settings: exempt({ until: 'x' }) }, 'deny', null],
    ['an exemption that is not needed', { settings: exempt({}), severity: 'warn' }, 'warn', null],
    ['an override', { facts: annotated, settings: { overridable: ['a'] } }, 'warn', 'overridden'],
    [
      'any rule may be',
      { facts: annotated, settings: { overridable: ['*'] } },
      'warn',
      'overridden',
    ],
    ['an override policy does not allow', { facts: annotated }, 'deny', null],
    [
      'an override of another rule',
      { facts: annotated, rule: rule('c'), settings: { overridable: ['*'] } },
      'deny',
      null,
    ],
    [
      'the exemption comes before what is old',
      { introduced: false, settings: exempt({}) },
      'warn',
      'exempted',
    ],
  ]
  for (const [name, situation, action, cause] of cases) {
    const judged = judge(situation)
    t.equal(judged?.action, action, name)
    t.equal(judged?.cause, cause, `${name}: cause`)
    t.equal(judged?.reason !== '', Boolean(cause) || judged === undefined, `${name}: reason`)
  }
})

void t.test('what a judged finding says of itself', async t => {
  const settings: Partial<Settings> = {
    exemptions: [{ rule: 'a', namespace: '*', name: '*', reason: 'legacy', until: '2026-12-31' }],
  }
  t.match(judge({ settings }), {
    object: { kind: 'AtlasMigration', namespace: 'app', name: 'orders' },
    introduced: true,
    severity: 'deny',
    reason: 'exempted by policy until 2026-12-31: legacy',
  })
  const unnamed: Facts = { ...facts(), migration: { metadata: {}, spec: {} } }
  t.match(judge({ facts: unnamed }), { object: { namespace: 'default', name: '...' } })
  const generated: Facts = {
    ...facts(),
    migration: { metadata: { generateName: 'orders-' }, spec: {} },
  }
  t.match(judge({ facts: generated }), { object: { name: 'orders-...' } })
})

void t.test(
  'a rule that the policy does not know yet only warns, where the policy says so',
  async t => {
    const young: Rule = { ...rule('a'), since: '0.2.0' }
    const held: Partial<Settings> = { newRules: 'warn', since: '0.1.0' }
    const namespaced = (newRules: Settings['newRules']): Partial<Settings> => ({
      namespaces: [{ match: ['app'], newRules }],
    })
    type Case = [
      name: string,
      situation: Situation,
      action: Severity,
      cause: JudgedFinding['cause'],
    ]
    const cases: Case[] = [
      ['by default a new rule counts', { rule: young }, 'deny', null],
      ['held back', { rule: young, settings: held }, 'warn', 'new-rule'],
      [
        'in an audit, where nothing is written',
        { rule: young, settings: held, written: null },
        'warn',
        'new-rule',
      ],
      ['an old rule', { settings: held }, 'deny', null],
      ['known since', { rule: young, settings: { ...held, since: '0.2.0' } }, 'deny', null],
      [
        'known since a later version',
        { rule: young, settings: { ...held, since: '0.10.0' } },
        'deny',
        null,
      ],
      [
        'by number, not by text',
        { rule: { ...young, since: '0.10.0' }, settings: { ...held, since: '0.9.0' } },
        'warn',
        'new-rule',
      ],
      ['by patch', { rule: { ...young, since: '0.1.1' }, settings: held }, 'warn', 'new-rule'],
      [
        'by major version',
        { rule: { ...young, since: '1.0.0' }, settings: held },
        'warn',
        'new-rule',
      ],
      [
        'the policy names the rule',
        { rule: young, settings: { ...held, rules: { a: 'deny' } } },
        'deny',
        null,
      ],
      [
        'here, but not elsewhere',
        { rule: young, settings: { since: '0.1.0', ...namespaced('warn') } },
        'warn',
        'new-rule',
      ],
      [
        'elsewhere, but not here',
        { rule: young, settings: { ...held, ...namespaced('default') } },
        'deny',
        null,
      ],
      [
        'no denial to hold back',
        { rule: { ...young, severity: 'warn' }, settings: held },
        'warn',
        null,
      ],
      [
        'what was so before says so',
        { rule: young, settings: held, introduced: false },
        'warn',
        'not-introduced',
      ],
      ['the mode says so', { rule: young, settings: { ...held, mode: 'warn' } }, 'warn', 'mode'],
      [
        'mode audit is milder',
        { rule: young, settings: { ...held, mode: 'audit' } },
        'audit',
        'mode',
      ],
    ]
    for (const [name, situation, action, cause] of cases)
      t.match(judge(situation), { action, cause }, name)
    t.equal(
      judge({ rule: young, settings: held })?.reason,
      'new in 0.2.0: would be denied without newRules: warn',
    )
  },
)

void t.test('a part of an old rule may be new', async t => {
  const [input] = [inputOf({ settings: { newRules: 'warn', since: '0.1.0' } })]
  const findings = input.findings.map(found => ({
    ...found,
    finding: { ...finding, since: '0.2.0' },
  }))
  t.match(enforce({ ...input, findings }), [{ action: 'warn', cause: 'new-rule' }])
})

void t.test('a dry run denies only what the written object proves by itself', async t => {
  const secretTarget: TargetFacts = {
    kind: 'resolved',
    target: { ...target.target, fromSecret: true },
  }
  type Case = [
    evidence: Evidence,
    written: WrittenKind | null,
    parts: Partial<Facts>,
    action: Severity,
  ]
  const cases: Case[] = [
    ['spec', 'AtlasMigration', {}, 'deny'],
    ['content', 'AtlasMigration', {}, 'deny'],
    ['content', 'AtlasMigration', { target: secretTarget }, 'deny'],
    ['content', 'AtlasMigration', { directory: directory('configmap') }, 'warn'],
    ['references', 'AtlasMigration', {}, 'warn'],
    ['database', 'AtlasMigration', {}, 'deny'],
    ['database', 'AtlasMigration', { directory: directory('configmap') }, 'warn'],
    [
      'database',
      'AtlasMigration',
      { directory: { kind: 'configmap-missing', name: 'd', similar: [] } },
      'warn',
    ],
    [
      'database',
      'AtlasMigration',
      { directory: { kind: 'unreadable', name: 'd', reason: '' } },
      'warn',
    ],
    ['database', 'AtlasMigration', { directory: { kind: 'remote' } }, 'deny'],
    ['database', 'AtlasMigration', { target: secretTarget }, 'warn'],
    ['database', 'AtlasMigration', { target: { kind: 'unresolved' } }, 'warn'],
    [
      'database',
      'AtlasMigration',
      { target: { kind: 'invalid', problem: '', fromSecret: true } },
      'warn',
    ],
    [
      'database',
      'AtlasMigration',
      { target: { kind: 'invalid', problem: '', fromSecret: false } },
      'deny',
    ],
    ['content', 'ConfigMap', { directory: directory('configmap') }, 'deny'],
    // Its AtlasMigration may be about to change with it.
    ['database', 'ConfigMap', { directory: directory('configmap') }, 'warn'],
    ['spec', 'ConfigMap', {}, 'warn'],
    ['database', 'Secret', { target: secretTarget }, 'warn'],
    ['content', 'Secret', {}, 'warn'],
    ['content', null, {}, 'warn'],
  ]
  for (const [evidence, written, parts, action] of cases) {
    const situation: Situation = {
      rule: rule('a', 'deny', evidence),
      written,
      facts: facts(parts),
      dryRun: true,
    }
    const name = `${evidence}, ${written} written, ${JSON.stringify(parts).slice(0, 60)}`
    const judged = judge(situation)
    t.equal(judged?.action, action, name)
    t.equal(judged?.cause, action === 'warn' ? 'dry-run' : null, name)
    t.equal(judge({ ...situation, dryRun: false })?.action, 'deny', `${name}: for real`)
    const strict = { ...situation, settings: { dryRun: 'enforce' } as const }
    t.equal(judge(strict)?.action, 'deny', `${name}: if policy says so`)
  }
})

void t.test('what a policy says for one namespace', async t => {
  const settings: Settings = {
    ...defaultSettings,
    rules: { a: 'warn', b: 'warn' },
    namespaces: [
      { match: ['pay*'], onError: 'deny', rules: { b: 'deny' } },
      { match: ['payroll'], dryRun: 'enforce', mode: 'audit' },
    ],
  }
  t.match(namespaceEnforcement(settings, 'payroll'), {
    mode: 'audit',
    onError: 'deny',
    dryRun: 'enforce',
    rules: { a: 'warn', b: 'deny' },
  })
  t.match(namespaceEnforcement(settings, 'app'), { mode: 'enforce', rules: { b: 'warn' } })
})

const allow = (text: string): Facts =>
  facts({}, { annotations: { 'atlas-admission.io/allow': text } })

void t.test('the override annotation', async t => {
  type Case = [text: string, overrides: readonly [string, string][], malformed: readonly string[]]
  const cases: Case[] = [
    ['a: because', [['a', 'because']], []],
    [' a :  see https://x.y:1 ;', [['a', 'see https://x.y:1']], []],
    [
      'a: x; b: y\nc: z\r\n',
      [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'z'],
      ],
      [],
    ],
    ['a', [], ['a']],
    ['a:  ; : x; b: y', [['b', 'y']], ['a:', ': x']],
    ['', [], []],
    [
      Array(30).fill('a: x').join(';'),
      Array.from({ length: 20 }, (): [string, string] => ['a', 'x']),
      [],
    ],
  ]
  for (const [text, overrides, malformed] of cases)
    t.strictSame(
      parseOverrides(allow(text).migration),
      { overrides: overrides.map(([rule, reason]) => ({ rule, reason })), malformed },
      JSON.stringify(text.slice(0, 40)),
    )
  t.strictSame(parseOverrides({ metadata: {}, spec: {} }).overrides, [])
})

void t.test('of an override annotation only the first 8 KiB are read', async t => {
  const long = 'x'.repeat(8192 - 'a: '.length)
  t.strictSame(parseOverrides(allow(`a: ${long}y; b: z`).migration), {
    overrides: [{ rule: 'a', reason: long }],
    malformed: [],
  })
  t.strictSame(parseOverrides(allow(`${' '.repeat(8191)}\nb: z`).migration).overrides, [])
  t.strictSame(parseOverrides(allow(`${' '.repeat(8188)}b: z`).migration).overrides, [
    { rule: 'b', reason: 'z' },
  ])
})

void t.test('an annotation that does not help is said', async t => {
  type Case = [name: string, text: string, situation: Situation, notices: readonly RegExp[]]
  const cases: Case[] = [
    ['no reason', 'a', {}, [/^"a" in the annotation is ignored: expected "<rule-id>: <reason>"$/]],
    ['not overridable', 'a: x', {}, [/for a is ignored: the policy does not make it overridable/]],
    ['not overridable, but only a warning', 'a: x', { severity: 'warn' }, []],
    ['used', 'a: x', { settings: { overridable: ['a'] } }, []],
    ['another rule, denied', 'b: x', {}, [/names "b", which found nothing here/]],
    ['another rule, not denied', 'b: x', { introduced: false }, []],
  ]
  for (const [name, text, situation, notices] of cases) {
    const input = inputOf({ ...situation, facts: allow(text) })
    const said = overrideNotices(input, enforce(input))
    t.equal(said.length, notices.length, name)
    t.match(said, notices, name)
  }
})

void t.test('globs', async t => {
  type Case = [pattern: string, name: string, matches: boolean]
  const cases: Case[] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['ab', 'a', false],
    ['a?', 'ab', true],
    ['a?', 'a', false],
    ['?', '', false],
    ['a*c', 'abbc', true],
    ['a*c', 'abbcd', false],
    ['*-staging', 'a-staging', true],
    ['*ab', 'aab', true],
    ['a*b*c', 'axbxbxc', true],
    ['a**', 'a', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['*a'.repeat(60), 'a'.repeat(59), false],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(250), false],
  ]
  for (const [pattern, name, matches] of cases)
    t.equal(matchesGlob(pattern, name), matches, `${pattern.slice(0, 20)} ${name.slice(0, 20)}`)
})
