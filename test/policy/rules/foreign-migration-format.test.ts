import { readFileSync } from 'node:fs'
import t from 'tap'
import { enforce, type JudgedFinding } from '../../../src/policy/enforcement/enforcement.js'
import type { Severity } from '../../../src/policy/facts/finding.js'
import { parseHcl } from '../../../src/policy/text/hcl.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { foreignMigrationFormat } from '../../../src/policy/rules/foreign-migration-format.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { Settings } from '../../../src/policy/settings/settings.js'
import { evaluateRules, introduced } from '../../../src/policy/enforcement/verdict.js'
import { buildFacts, type Files, rowsOf, type Situation } from '../facts/facts-builder.js'
import { type Case, judge, textOf } from './judge.js'

/** What the real engine made of each directory on an empty database. */
interface Recorded {
  readonly name: string
  readonly files: Files
  readonly error: string | null
  readonly tablesAfter: readonly string[]
}

const { runs } = JSON.parse(readFileSync('test/fixtures/formats.json', 'utf8')) as {
  readonly runs: readonly Recorded[]
}

/**
 * - undone: it succeeds, and nothing is left.
 * - fails: the operator stops at an error.
 * - stays: it succeeds, and the table is there.
 */
type Outcome = 'undone' | 'fails' | 'stays'

const outcomeOf = ({ error, tablesAfter }: Recorded): Outcome =>
  error === null ? (tablesAfter.length === 0 ? 'undone' : 'stays') : 'fails'

/** What is said of each recorded directory, and what the engine does with it. */
const verdicts: readonly (readonly [name: string, said: Severity | null, outcome: Outcome])[] = [
  ['goose', 'deny', 'undone'],
  ['gooseStatement', 'deny', 'undone'],
  ['dbmate', 'deny', 'undone'],
  ['dbmateOpt', 'deny', 'undone'],
  ['sqlmigrate', 'deny', 'undone'],
  ['micrate', 'deny', 'undone'],
  ['rambler', 'deny', 'undone'],
  ['tern', 'deny', 'undone'],
  ['nodepg', 'deny', 'undone'],
  ['nodesqlite', 'deny', 'undone'],
  ['mybatis', 'deny', 'undone'],
  ['shmig', 'deny', 'undone'],
  ['play', 'deny', 'undone'],
  ['pairsShifted', 'deny', 'undone'],
  ['postgrator', 'deny', 'undone'],
  ['undoSuffix', 'deny', 'undone'],
  ['pairsRehashed', 'deny', 'fails'],
  ['dashPairs', 'deny', 'fails'],
  ['underPairs', 'deny', 'fails'],
  ['plainAndDown', 'deny', 'fails'],
  ['rollback', 'deny', 'fails'],
  ['diesel', 'deny', 'fails'],
  ['sqlxShifted', 'deny', 'fails'],
  ['flywayUndo', 'deny', 'fails'],
  ['sqitch', 'deny', 'fails'],
  // What is undone here was not there yet.
  ['flywayUndoIf', 'deny', 'stays'],
  ['downFirst', 'deny', 'stays'],
  ['gooseNoTx', 'warn', 'fails'],
  ['flyway', 'warn', 'fails'],
  ['flywayR', 'warn', 'fails'],
  ['flywayDots', 'warn', 'fails'],
  ['flywayUnders', 'warn', 'fails'],
  ['flywayB', 'warn', 'fails'],
  ['flywayOk', 'warn', 'stays'],
  ['gooseEmptyDown', 'warn', 'stays'],
  ['gooseDownCommented', 'warn', 'stays'],
  ['gooseOnlyUp', 'warn', 'stays'],
  ['emptyDownFile', 'warn', 'stays'],
  ['liquibase', 'warn', 'stays'],
  ['liquibaseNoLf', 'warn', 'stays'],
  ['liquibaseBlock', 'warn', 'stays'],
  ['liquibaseContexts', 'warn', 'stays'],
  // PostgreSQL takes no comment with #, so these fail whoever reads them.
  ['playHash', null, 'fails'],
  ['pairsUpOnly', null, 'stays'],
  ['markerInString', null, 'stays'],
  ['gooseInDollars', null, 'stays'],
  ['gooseInBlock', null, 'stays'],
  ['proseMention', null, 'stays'],
  ['wordsUpDownData', null, 'stays'],
  ['downPayment', null, 'stays'],
  ['scaleDown', null, 'stays'],
  ['endsInDown', null, 'stays'],
]

void t.test(
  'every recorded directory is denied where an undo of it runs, and only there',
  async t => {
    t.strictSame(verdicts.map(([name]) => name).sort(), runs.map(({ name }) => name).sort())
    for (const [name, said, outcome] of verdicts) {
      const recorded = runs.find(run => run.name === name)!
      t.equal(outcomeOf(recorded), outcome, `${name}: what the engine does`)
      const finding = foreignMigrationFormat.evaluate(
        buildFacts({ files: recorded.files, rows: null }),
      )
      t.equal(finding && (finding.severity ?? foreignMigrationFormat.severity), said, name)
    }
  },
)

const goose = { '20250101_init.sql': filesOf('goose')['20250101_init.sql']! }
const pairs = filesOf('pairsRehashed')

function filesOf(name: string): Files {
  return runs.find(run => run.name === name)!.files
}

const config = 'env "kubernetes" {\n migration {\n format = "goose"\n }\n}\n'

const cases: readonly Case[] = [
  [
    'names the tool and the way out',
    { files: goose, rows: null },
    {
      severity: 'deny',
      subjects: ['20250101_init.sql'],
      says: /goose: the Down section of 20250101_init\.sql would run as well[^]*atlas migrate import --from "file:\/\/FOLDER\?format=goose"/,
      neverSays: /hash|rename|newer/,
    },
  ],
  [
    'a pair',
    { files: pairs, rows: null },
    {
      severity: 'deny',
      subjects: ['1_init.down.sql'],
      says: /golang-migrate pair: 1_init\.down\.sql would run as well[^]*the up files alone/,
      neverSays: /hash|rename|newer/,
    },
  ],
  [
    'a tool that the import does not know',
    { files: filesOf('sqlmigrate'), rows: null },
    {
      severity: 'deny',
      subjects: ['1_init.sql'],
      says: /sql-migrate/,
      neverSays: /migrate import/,
    },
  ],
  [
    'options that the import would keep as statements',
    { files: filesOf('dbmateOpt'), rows: null },
    { severity: 'deny', subjects: ['20250101_init.sql'], neverSays: /migrate import/ },
  ],
  [
    'the import would lose a file without .up.sql',
    { files: filesOf('plainAndDown'), rows: null },
    { severity: 'deny', subjects: ['1_init.down.sql'], neverSays: /migrate import/ },
  ],
  ...[
    {
      ...goose,
      '20250202_plain.sql': 'SELECT 1;\n',
    },
    { '1_a.sql': '-- +goose up\nSELECT 1;\n-- +goose down\nSELECT 2;\n' },
    { '1_a.sql': '-- +goose Up\nSELECT 1; -- Down\n-- +goose Down\nSELECT 2;\n' },
    { '1_a.sql': '-- migrate:up\nALTER TABLE a\n  ADD down int;\n-- migrate:down\nSELECT 2;\n' },
    { '1_a.sql': '  -- migrate:up\n  SELECT 1;\n  -- migrate:down\n  SELECT 2;\n' },
    { '1_a.up.sql': 'SELECT 1;\n', '1_a.down.sql': 'SELECT 2;\n', '2_b.sql': 'SELECT 3;\n' },
    { 'V1__a.sql': 'SELECT 1;\n', 'U1__a.sql': 'SELECT 2;\n', 'R__v.sql': 'SELECT 3;\n' },
    { 'V2__a.sql': 'SELECT 1;\n', 'U2__a.sql': 'SELECT 2;\n', 'V10__b.sql': 'SELECT 3;\n' },
    { 'V1_1__a.sql': 'SELECT 1;\n', 'U1_1__a.sql': 'SELECT 2;\n' },
  ].map((files): Case => {
    const subjects = Object.keys(files).filter(name => /U|down/.test(name))
    return [
      `the import would not keep all of ${Object.values(files).join()}`,
      { files, rows: null },
      {
        severity: 'deny',
        subjects: subjects.length > 0 ? subjects : [Object.keys(files)[0]!],
        neverSays: /migrate import/,
      },
    ]
  }),
  [
    'not where files ran, whose names and texts must stay',
    { files: { ...goose, '20250202_b.sql': goose['20250101_init.sql'] }, rows: rowsOf(goose) },
    { severity: 'deny', subjects: ['20250202_b.sql'], neverSays: /migrate import/ },
  ],
  [
    'a file that ran',
    { files: goose, rows: rowsOf(goose) },
    {
      severity: 'warn',
      subjects: ['20250101_init.sql'],
      says: /ran as well/,
      neverSays: /import|ship/,
    },
  ],
  [
    'harmless files that ran are history',
    { files: filesOf('gooseOnlyUp'), rows: rowsOf(filesOf('gooseOnlyUp')) },
    null,
  ],
  [
    "Flyway's names where they work already",
    {
      files: { ...filesOf('flywayOk'), 'V3__c.sql': 'SELECT 1;\n' },
      rows: rowsOf(filesOf('flywayOk')),
    },
    null,
  ],
  [
    'an undo of Flyway that is older than the rows',
    {
      files: { ...filesOf('flywayOk'), 'U1__init.sql': 'DROP TABLE item;\n' },
      rows: rowsOf(filesOf('flywayOk')),
    },
    { severity: 'warn', subjects: ['U1__init.sql'], says: /does not run here/ },
  ],
  [
    'a U without any V may be a name of its own',
    { files: { 'U1__users.sql': 'CREATE TABLE users (id int);\n' }, rows: null },
    { severity: 'warn', subjects: ['U1__users.sql'], says: /seems to/ },
  ],
  [
    'the order that Flyway does not have',
    { files: filesOf('flyway'), rows: null },
    {
      severity: 'warn',
      subjects: Object.keys(filesOf('flyway')).sort(),
      says: /runs V10 before V1/,
    },
  ],
  [
    'a baseline stands for it',
    {
      files: { ...goose, '20250202_b.sql': 'SELECT 1;\n' },
      rows: null,
      notClean: 'x',
      spec: { baseline: '20250101' },
    },
    { severity: 'warn', subjects: ['20250101_init.sql'], says: /does not run here/ },
  ],
  [
    'not known what runs',
    { files: goose, unresolved: true, table: { kind: 'unread' } },
    {
      severity: 'warn',
      subjects: ['20250101_init.sql'],
      says: /would run where the file is pending/,
    },
  ],
  [
    'the sum is not made yet',
    { files: goose, rows: null, wrongSum: true },
    { severity: 'deny', subjects: ['20250101_init.sql'] },
  ],
  [
    'a late file',
    {
      files: { ...goose, '20250202_b.sql': 'SELECT 1;\n', '20250303_c.sql': 'SELECT 1;\n' },
      rows: rowsOf({ '20241231_a.sql': '', '20250202_b.sql': 'SELECT 1;\n' }),
    },
    { severity: 'deny', subjects: ['20250101_init.sql'] },
  ],
  [
    "a custom config that reads goose's format",
    {
      files: goose,
      rows: null,
      spec: { config },
      config: { kind: 'read', document: parseHcl(config) },
    },
    null,
  ],
]

judge(foreignMigrationFormat, cases)

/** What a person is told of a new AtlasMigration, by every rule. */
function told(situation: Situation, settings: Partial<Settings> = {}): readonly JudgedFinding[] {
  const spec = { url: 'postgres://db/app', ...situation.spec }
  const facts = buildFacts({ ...situation, spec })
  const findings = introduced(null, evaluateRules(facts, rules))
  return enforce({
    facts,
    findings,
    settings: { ...defaultSettings, ...settings },
    written: 'ConfigMap',
    dryRun: false,
    now: new Date('2026-11-01T00:00:00Z'),
  })
}

const ids = (judged: readonly JudgedFinding[]) =>
  judged.map(({ rule, action }) => `${action} ${rule.id}`)

void t.test('one cause is said once, and no rule advises what would make an undo run', async t => {
  const plain = { '1_a.sql': 'SELECT 1;\n', '3_c.sql': 'SELECT 3;\n' }
  const late = { ...plain, '2_b.down.sql': 'DROP TABLE b;\n' }
  const situations: readonly (readonly [
    name: string,
    situation: Situation,
    said: readonly string[],
  ])[] = [
    ['a pair shares its version', { files: pairs, rows: null }, ['deny foreign-migration-format']],
    [
      'it is not hashed',
      { files: pairs, rows: null, wrongSum: true },
      ['deny foreign-migration-format'],
    ],
    ['it came late', { files: late, rows: rowsOf(plain) }, ['deny foreign-migration-format']],
    [
      'it came late, and a newer one is pending',
      { files: { ...late, '4_d.sql': 'SELECT 4;\n' }, rows: rowsOf(plain) },
      ['deny foreign-migration-format'],
    ],
    [
      'it is older than the first row',
      { files: { ...plain, '0_z.down.sql': 'DROP TABLE z;\n' }, rows: rowsOf(plain) },
      ['warn foreign-migration-format', 'deny file-never-runs'],
    ],
    [
      'its version is shorter than the others',
      { files: { '10_c.sql': 'SELECT 3;\n', '9_b.down.sql': 'DROP TABLE b;\n' }, rows: null },
      ['deny foreign-migration-format', 'warn version-width'],
    ],
    [
      'its version closes the directory',
      {
        files: { '20250101_a.sql': 'SELECT 1;\n', '99999999_z.down.sql': 'DROP TABLE z;\n' },
        rows: null,
      },
      ['deny foreign-migration-format'],
    ],
    [
      'half of it ran',
      { files: pairs, rows: rowsOf({ '1_init.up.sql': pairs['1_init.up.sql']! }) },
      ['warn foreign-migration-format', 'deny version-duplicate'],
    ],
  ]
  for (const [name, situation, said] of situations) {
    const judged = told(situation)
    t.strictSame(ids(judged), said, name)
    for (const { finding } of judged)
      t.notMatch(textOf(finding), /migrate hash|rehash|newer version|put .* back/, name)
  }
})

void t.test('a policy that only warns of new rules still denies what it denied', async t => {
  const held = told({ files: pairs, rows: null }, { newRules: 'warn', since: '0.1.0' })
  t.strictSame(ids(held), ['warn foreign-migration-format', 'deny version-duplicate'])
  t.match(held[1]?.finding.remedy, /up files alone/)
  const off = told({ files: pairs, rows: null }, { rules: { 'foreign-migration-format': 'off' } })
  t.strictSame(ids(off), ['deny version-duplicate'])
})

void t.test('two files that share a version by mistake are told so beside a pair', async t => {
  const files = { ...pairs, '2_a.sql': 'SELECT 1;\n', '2_b.sql': 'SELECT 2;\n' }
  const judged = told({ files, rows: null })
  t.strictSame(ids(judged), ['deny foreign-migration-format', 'deny version-duplicate'])
  t.match(judged[1]?.finding, { subjects: ['2_a.sql', '2_b.sql'], remedy: /newer version/ })
})

void t.test('an undo beside a file of its version gets no newer version', async t => {
  // Under a newer version each of them runs behind its table, which is gone then (the real engine).
  for (const name of ['1_o_undo.sql', '1_o_down.sql', '1_o_revert.sql', '1_undo_o.sql']) {
    const judged = told({
      files: { '1_o.sql': 'CREATE TABLE o (id int);\n', [name]: 'DROP TABLE o;\n' },
      rows: null,
    })
    t.strictSame(ids(judged), ['deny foreign-migration-format'], name)
    t.match(judged[0]?.finding.subjects, [name])
  }
  const own = { '1_count.sql': 'SELECT 1;\n', '2_count_down.sql': 'SELECT 2;\n' }
  t.strictSame(ids(told({ files: own, rows: null })), [])
})

void t.test('versions that only Flyway tells apart', async t => {
  const underscores = told({ files: filesOf('flywayUnders'), rows: null })
  t.strictSame(ids(underscores), ['deny version-duplicate'])
  t.match(underscores[0]?.finding.remedy, /V1_2 as V1\.2/)
  const files = { 'R__a.sql': 'SELECT 1;\n', 'R__b.sql': 'SELECT 2;\n', 'V1__c.sql': 'SELECT 3;\n' }
  const repeatable = told({ files, rows: null })
  t.strictSame(ids(repeatable), ['deny version-duplicate'])
  t.match(repeatable[0]?.finding.remedy, /V version of its own/)
})

void t.test('who leaves the undo file out is not told to put it back', async t => {
  const shipped = buildFacts({ files: pairs, rows: null })
  const data = shipped.directory.kind === 'read' ? shipped.directory.data : {}
  const { '1_init.down.sql': _left, ...rest } = data
  const files = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'atlas.sum'))
  const good = buildFacts({ files, rows: null })
  t.ok(good.directory.kind === 'read')
  if (good.directory.kind !== 'read' || shipped.directory.kind !== 'read') return
  const directory = {
    ...good.directory,
    data: rest,
    directory: { ...good.directory.directory, sumText: data['atlas.sum']! },
  }
  const judged = told({ directory, rows: null })
  t.strictSame(ids(judged), ['deny checksum-mismatch'])
  t.match(judged[0]?.finding.remedy, /^run `atlas migrate hash`: an undo file is rightly left out/)
})

void t.test(
  'a revert that stands alone may be a migration of its own, and is not denied',
  async t => {
    const create = { '1_flag.sql': 'CREATE TABLE flag (id int);\n' }
    const severityOf = (name: string) =>
      foreignMigrationFormat.evaluate(
        buildFacts({ files: { ...create, [name]: 'DROP TABLE flag;\n' }, rows: null }),
      )?.severity ?? foreignMigrationFormat.severity
    t.equal(severityOf('2_prices.revert.sql'), 'warn')
    t.equal(severityOf('2_flag.revert.sql'), 'deny')
    t.equal(severityOf('2_prices.down.sql'), 'deny')
  },
)

void t.test('the first line of Sqitch names an engine, and prose does not', t => {
  const evaluate = (line: string) =>
    foreignMigrationFormat.evaluate(
      buildFacts({ files: { '1_x.sql': `${line}\n\nDROP TABLE price;\n` }, rows: null }),
    )
  t.equal(evaluate('-- Revert prices from euros'), null)
  t.equal(evaluate('-- Deploy prices to production'), null)
  t.ok(evaluate('-- Revert shop:prices from pg'))
  t.match(evaluate('-- Deploy prices to pg')?.remedy, /COMMIT, and run `atlas migrate hash`$/)
  t.equal(evaluate('-- +goose Up')?.remedy, 'remove the markers and run `atlas migrate hash`')
  t.end()
})
