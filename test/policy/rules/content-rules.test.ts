import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import { checkpointIneffective } from '../../../src/policy/rules/checkpoint-ineffective.js'
import { checksumMismatch } from '../../../src/policy/rules/checksum-mismatch.js'
import { checksumMissing } from '../../../src/policy/rules/checksum-missing.js'
import { directoryEmpty } from '../../../src/policy/rules/directory-empty.js'
import { fileIgnored } from '../../../src/policy/rules/file-ignored.js'
import { fileNotRunnable } from '../../../src/policy/rules/file-not-runnable.js'
import { mergeConflictMarker } from '../../../src/policy/rules/merge-conflict-marker.js'
import { versionDuplicate } from '../../../src/policy/rules/version-duplicate.js'
import { versionWidth } from '../../../src/policy/rules/version-width.js'
import {
  check,
  contentFacts,
  predicted,
  readDirectory,
  resolved,
  specFacts,
} from './object-facts.js'
import type { Said } from './object-facts.js'

type Data = Readonly<Record<string, string>>

/** A scenario with the verdict of the real engine (Atlas v1.2.3). */
interface Vector {
  readonly name: string
  readonly input: { readonly files: Data; readonly dialect?: 'postgres' | 'mysql' | 'sqlite' }
  readonly expected: {
    readonly workingDirError: string | null
    readonly validateError: EngineVerdict | null
    readonly perFile: readonly { readonly name: string; readonly checkpoint: boolean }[] | null
    readonly pending: readonly string[] | null
    readonly apply: ({ readonly result: string; readonly file?: string } & EngineVerdict) | null
  }
}

interface EngineVerdict {
  readonly type?: string
  readonly line?: number
  readonly file?: string
  readonly reason?: string
}

const folder = 'test/fixtures/vectors'

/** All but those in which the operator cannot even write the folder. */
const vectors: readonly Vector[] = readdirSync(folder)
  .map(file => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Vector)
  .filter(({ expected }) => expected.workingDirError === null)

function filesOf(name: string): Data {
  return vectors.find(vector => vector.name === name)!.input.files
}

void test('The checksum rules agree with the engine on every recorded directory', async t => {
  for (const { name, input, expected } of vectors) {
    const { validateError: error } = expected
    const facts = contentFacts(input.files)
    const missing = error?.type === 'ErrChecksumNotFound'
    t.equal(checksumMissing.evaluate(facts) !== null, missing, `${name}: missing`)
    const mismatch = checksumMismatch.evaluate(facts)
    t.equal(mismatch !== null, error !== null && !missing, `${name}: mismatch`)
    if (error?.type === 'ChecksumError') {
      t.match(mismatch?.found, `L${error.line}: ${error.file} was ${error.reason}`, name)
    }
  }
})

const notRunnable = ['TxModeError', 'ChecksumNotFoundForFile', 'ScanError']

/** Atlas reads it as one statement. */
const deepBlocks = `${'BEGIN '.repeat(250)}x; ${'END; '.repeat(250)}`

/** The vectors were recorded with a database that takes any text; a real one refuses these. */
const refused = /^(?:\uFEFF|#)/m

void test('file-not-runnable agrees with the engine on every recorded apply', async t => {
  for (const { name, input, expected } of vectors) {
    if (expected.pending?.some(file => refused.test(input.files[file] ?? '')) === true) continue
    const { apply } = expected
    const facts = contentFacts(input.files, {
      target: resolved({ dialect: input.dialect ?? 'postgres' }),
      prediction: predicted(expected.pending ?? []),
    })
    const finding = fileNotRunnable.evaluate(facts)
    if (apply?.result === 'ok') t.equal(finding, null, name)
    if (notRunnable.includes(apply?.type ?? '')) {
      t.equal(finding?.subjects[0], apply?.file, name)
      t.equal(finding?.severity ?? fileNotRunnable.severity, 'deny', name)
    }
  }
})

void test('A checkpoint that the engine sees is never called ineffective', async t => {
  for (const { name, input, expected } of vectors) {
    const hidden = checkpointIneffective.evaluate(contentFacts(input.files))?.subjects ?? []
    const seen = (expected.perFile ?? []).filter(file => file.checkpoint).map(file => file.name)
    t.strictSame(
      seen.filter(file => hidden.includes(file)),
      [],
      name,
    )
  }
})

type ContentCase = [title: string, data: Data, expected: Said, known?: Partial<Facts>]

/** The files with the atlas.sum that belongs to them. */
function hashed(files: Data): Data {
  return { ...files, 'atlas.sum': printSum(computeSum(buildDirectory(files).files)) }
}

/** Files as they were hashed, then as they arrived. */
function arrived(before: Data, after: Data): Data {
  return { ...hashed(before), ...after }
}

const checksumMissingCases: readonly ContentCase[] = [
  ['a file without sum', { '1.sql': 'SELECT 1;' }, ['deny', '1 migration file and no atlas.sum']],
  ['two', { '1.sql': '', '2.sql': '' }, ['deny', '2 migration files and no atlas.sum']],
  ['no files', {}, null],
  ['a sum', { '1.sql': '', 'atlas.sum': '' }, null],
]

const tail = { '2.sql': 'SELECT 2;\n' }

const checksumMismatchCases: readonly ContentCase[] = [
  [
    'CRLF, recorded',
    filesOf('sum-037-file-crlf'),
    ['deny', 'L3: 20220826010520_users.sql was edited: its line breaks became CRLF'],
  ],
  [
    'a lost final newline, recorded',
    filesOf('sum-038-file-final-newline-lost'),
    ['deny', 'was edited: its final newline is lost'],
  ],
  [
    'LF',
    arrived({ '1.sql': 'a;\r\nb;\r\n', ...tail }, { '1.sql': 'a;\nb;\n' }),
    ['deny', 'L2: 1.sql was edited: its CRLF line breaks became LF'],
  ],
  [
    'a final newline too many',
    arrived({ '1.sql': 'a;', ...tail }, { '1.sql': 'a;\n' }),
    ['deny', 'its final newline was not hashed'],
  ],
  [
    'a blank line lost',
    arrived({ '1.sql': 'a;\n\n', ...tail }, { '1.sql': 'a;\n' }),
    ['deny', 'a blank line at its end is lost'],
  ],
  [
    'two newlines lost',
    arrived({ '1.sql': 'a;\n\n', ...tail }, { '1.sql': 'a;' }),
    ['deny', 'a blank line at its end is lost'],
  ],
  [
    'a byte order mark lost',
    arrived({ '1.sql': '\uFEFFa;\n' }, { '1.sql': 'a;\n' }),
    ['deny', 'its byte order mark is lost'],
  ],
  [
    'a byte order mark added',
    arrived({ '1.sql': 'a;\n' }, { '1.sql': '\uFEFFa;\n' }),
    ['deny', 'a byte order mark was put before it'],
  ],
  [
    'Flux substitution',
    arrived({ '1.sql': "SELECT '$${x}';\n" }, { '1.sql': "SELECT '${x}';\n" }),
    ['deny', '`$${` became `${`'],
  ],
  [
    'a real edit',
    arrived({ '1.sql': 'a;\n' }, { '1.sql': 'b;\n' }),
    ['deny', 'L2: 1.sql was edited'],
  ],
  ['a file added', arrived({ '1.sql': '' }, tail), ['deny', 'L3: 2.sql was added']],
  [
    'a file removed',
    { '1.sql': '', 'atlas.sum': hashed({ '1.sql': '', ...tail })['atlas.sum']! },
    ['deny', 'L3: 2.sql was removed'],
  ],
  ['an empty sum', { '1.sql': '', 'atlas.sum': '' }, ['deny', 'atlas.sum does not add up']],
  ['nonsense', { '1.sql': '', 'atlas.sum': 'h1:x\ny' }, ['deny', 'checksum file format invalid']],
  ['no sum: another rule says it', { '1.sql': '' }, null],
  ['a match', hashed({ '1.sql': 'a;\n', ...tail }), null],
]

const versionDuplicateCases: readonly ContentCase[] = [
  ['two files', { '1_a.sql': '', '1_b.sql': '' }, ['deny', '1_a.sql and 1_b.sql share version 1']],
  ['with and without description', { '1.sql': '', '1_b.sql': '' }, ['deny', '1.sql and 1_b.sql']],
  [
    'two versions',
    { '1_a.sql': '', '1_b.sql': '', '2_a.sql': '', '2_b.sql': '', '3.sql': '' },
    ['deny', 'share version 1 (and 1 more version is shared)'],
  ],
  [
    'three versions',
    { '1_a.sql': '', '1_b.sql': '', '2_a.sql': '', '2_b.sql': '', '3_a.sql': '', '3_b.sql': '' },
    ['deny', 'share version 1 (and 2 more are shared)'],
  ],
  ['other versions', { '1.sql': '', '01.sql': '', '1a.sql': '' }, null],
]

const conflict = '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n'

const mergeConflictCases: readonly ContentCase[] = [
  ['a whole conflict', { '1.sql': `x;\n${conflict}` }, ['deny', '1.sql (line 2)']],
  ['CRLF', { '1.sql': conflict.replaceAll('\n', '\r\n') }, ['deny', '1.sql (line 1)']],
  [
    'in atlas.sum',
    { '1.sql': '', 'atlas.sum': `h1:x\n${conflict}` },
    ['deny', 'atlas.sum (line 2)'],
  ],
  ['recorded', filesOf('sum-023-merge-conflict'), ['deny', 'atlas.sum']],
  ['a second opening', { '1.sql': `<<<<<<< a\n${conflict}` }, ['deny', '1.sql (line 2)']],
  ['a line of equal signs', { '1.sql': '-- title\n=======\n' }, null],
  ['an opening alone', { '1.sql': '<<<<<<< HEAD\n' }, null],
  ['within a line', { '1.sql': conflict.replaceAll(/^/gm, '-- ') }, null],
  ['longer rows of signs', { '1.sql': conflict.replaceAll(/[<=>]{7}/g, '$&$&') }, null],
]

const someFiles = readDirectory({ '1.sql': '' })
const row = {
  version: '1',
  description: '',
  type: 2,
  applied: 1,
  total: 1,
  executedAt: '',
  error: '',
  errorStatement: '',
  hash: '',
  partialHashes: [],
  operatorVersion: '',
}
const table = (revisions: readonly (typeof row)[] | null): Facts['table'] => ({
  kind: 'read',
  identity: { system: '', database: '', identifier: null },
  revisions,
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
})

const directoryEmptyCases: readonly ContentCase[] = [
  ['nothing known', { README: '' }, ['warn', 'Ready and run nothing']],
  ['nothing at all', {}, ['warn', 'Ready and run nothing'], { table: table(null) }],
  [
    'an empty table',
    {},
    ['warn', 'run nothing'],
    { table: table([]), dirState: { kind: 'absent' } },
  ],
  [
    'it had files',
    {},
    ['deny', 'there was 1 before this write'],
    { before: contentFacts({ '1.sql': '' }) },
  ],
  [
    'it had two',
    {},
    ['deny', 'there were 2 before this write'],
    { before: contentFacts({ '1.sql': '', '2.sql': '' }) },
  ],
  ['it was empty', {}, ['warn', 'run nothing'], { before: contentFacts({}) }],
  ['it was not there', {}, ['warn', 'run nothing'], { before: specFacts({}) }],
  ['the database has rows', {}, ['deny', 'applied revisions'], { table: table([row]) }],
  [
    'the dir-state has files',
    {},
    ['deny', 'the operator has run files'],
    { dirState: { kind: 'read', directory: someFiles.directory } },
  ],
  [
    'the dir-state is empty',
    {},
    ['warn', 'run nothing'],
    { dirState: { kind: 'read', directory: readDirectory({}).directory } },
  ],
  ['files', { '1.sql': '' }, null, { table: table([row]) }],
]

const fileIgnoredCases: readonly ContentCase[] = [
  ['upper case', { '1.SQL': '' }, ['warn', 'does not read 1.SQL']],
  ['compressed', { '1.sql.gz': '', '2.sql.ZST': '' }, ['warn', '1.sql.gz and 2.sql.ZST']],
  ['a template', { '1.sql.tmpl': '' }, ['warn', '1.sql.tmpl']],
  ['a blank behind', { '1.sql ': '' }, ['warn', '1.sql ']],
  ['a sum in a folder', { 'a/atlas.sum': '' }, ['warn', 'a/atlas.sum']],
  [
    'binaryData',
    {},
    ['warn', '1.sql (binaryData), atlas.sum (binaryData)'],
    { directory: readDirectory({}, ['1.sql', 'atlas.sum', 'x.SQL', 'logo.png']) },
  ],
  [
    'keys with another purpose',
    { README: '', '1.sql.bak': '', 'atlas.sum': '', '1.sql': '' },
    null,
  ],
]

const checkpointCases: readonly ContentCase[] = [
  [
    'no blank line',
    filesOf('checkpoint-003-head-no-blank-line'),
    ['warn', 'no blank line after it'],
  ],
  ['CRLF', filesOf('checkpoint-004-head-crlf'), ['warn', 'CRLF line breaks']],
  ['a byte order mark', filesOf('checkpoint-007-head-bom'), ['warn', 'byte order mark before it']],
  ['a blank line first', filesOf('checkpoint-008-head-blank-first'), ['warn', 'blanks before it']],
  ['a space first', filesOf('checkpoint-009-head-space-first'), ['warn', 'blanks before it']],
  [
    'two directives on a line',
    filesOf('checkpoint-019-head-two-directives-one-line'),
    ['warn', 'another directive is on its line'],
  ],
  [
    'no-break space on the blank line',
    filesOf('checkpoint-021-head-nbsp-line'),
    ['warn', 'no blank'],
  ],
  [
    'nothing but the comment',
    { '1.sql': '-- atlas:checkpoint' },
    ['warn', 'no blank line after it'],
  ],
  [
    'several obstacles',
    { '1.sql': '\uFEFF\r\n-- atlas:checkpoint\r\n\r\nSELECT 1;' },
    ['warn', 'byte order mark before it, blanks before it, CRLF line breaks'],
  ],
  [
    'the first of two files',
    { '1.sql': '-- atlas:checkpoint', '2.sql': '# atlas:checkpoint\nSELECT 1;' },
    ['warn', '1.sql and 2.sql'],
  ],
  ['a plain one', filesOf('checkpoint-001-head-plain'), null],
  ['a block comment', filesOf('checkpoint-011-head-block-comment'), null],
  ['after a statement', filesOf('checkpoint-013-head-after-statement'), null],
  ['another name', filesOf('checkpoint-015-head-suffix'), null],
  ['prose', { '1.sql': '-- no atlas:checkpoint here\nSELECT 1;' }, null],
]

const versionWidthCases: readonly ContentCase[] = [
  ['10 before 9', { '9_a.sql': '', '10_b.sql': '' }, ['warn', '10_b.sql sorts before 9_a.sql']],
  ['10 before 1', { '1_a.sql': '', '10_b.sql': '' }, ['warn', '10_b.sql sorts before 1_a.sql']],
  ['a name between them', { '10.sql': '', '1a.sql': '', '9.sql': '' }, ['warn', '10.sql sorts']],
  ['padded', { '09_a.sql': '', '10_b.sql': '' }, null],
  ['a timestamp after a short one', { '1_a.sql': '', '20240101_b.sql': '' }, null],
  ['one length', { '11.sql': '', '12.sql': '' }, null],
  ['no numbers', { 'v9.sql': '', 'v10.sql': '' }, null],
]

const notRunnableCases: readonly ContentCase[] = [
  [
    'sum ignore',
    { '1.sql': '-- atlas:sum ignore\n' },
    ['warn', '1.sql cannot run: atlas:sum ignore'],
  ],
  ['txmode all', { '1.sql': '-- atlas:txmode all\n\na;' }, ['warn', 'txmode "all" is not allowed']],
  ['another txmode', { '1.sql': '-- atlas:txmode x\n\na;' }, ['warn', 'unknown txmode "x"']],
  ['txmode none', { '1.sql': '-- atlas:txmode none\n\na;' }, null],
  [
    'two txmodes',
    { '1.sql': '-- atlas:txmode none\n-- atlas:txmode none\n\na;' },
    ['warn', 'multiple txmode values found'],
  ],
  ['a database that is not known', { '1.sql': "SELECT 'a" }, null],
  [
    'one whose rules are not known',
    { '1.sql': "SELECT 'a" },
    null,
    { target: resolved({ dialect: 'other' }) },
  ],
  ['PostgreSQL', { '1.sql': 'SELECT (1;' }, ['warn', "1:8: unclosed '('"], { target: resolved() }],
  [
    'MariaDB splits as MySQL: an escaped quote does not close',
    { '1.sql': "SELECT 'a\\';" },
    ['warn', 'unclosed quote'],
    { target: resolved({ dialect: 'mariadb' }) },
  ],
  ['PostgreSQL knows no such escape', { '1.sql': "SELECT 'a\\';" }, null, { target: resolved() }],
  ['not pending', { '1.sql': '-- atlas:sum ignore\n' }, null, { prediction: predicted([]) }],
  [
    'pending',
    { '1.sql': '-- atlas:sum ignore\n', '2.sql': '-- atlas:txmode\n\n' },
    ['deny', '2.sql cannot run: unknown txmode ""'],
    { prediction: predicted(['2.sql']) },
  ],
  [
    'blocks too deep to follow',
    { '1.sql': deepBlocks },
    ['warn', '1.sql was not checked: too many BEGIN within each other to follow'],
    { target: resolved(), prediction: predicted(['1.sql']) },
  ],
  [
    'a defect behind it',
    { '1.sql': deepBlocks, '2.sql': '-- atlas:txmode\n\n' },
    ['deny', '2.sql cannot run: unknown txmode ""'],
    { target: resolved(), prediction: predicted(['1.sql', '2.sql']) },
  ],
]

const tables: readonly (readonly [Rule, readonly ContentCase[]])[] = [
  [checksumMissing, checksumMissingCases],
  [checksumMismatch, checksumMismatchCases],
  [versionDuplicate, versionDuplicateCases],
  [mergeConflictMarker, mergeConflictCases],
  [directoryEmpty, directoryEmptyCases],
  [fileIgnored, fileIgnoredCases],
  [checkpointIneffective, checkpointCases],
  [versionWidth, versionWidthCases],
  [fileNotRunnable, notRunnableCases],
]

/** Content that each of the rules above has something to say about. */
const everythingWrong: Data = {
  '1_a.sql': conflict,
  '1_b.sql': '-- atlas:sum ignore\n',
  '10_c.sql': '-- atlas:checkpoint',
  '2.SQL': '',
}

for (const [rule, cases] of tables) {
  void test(`${rule.id}: ${rule.title}`, async t => {
    for (const [title, data, expected, known] of cases) {
      check(t, [rule, contentFacts(data, known)], [title, expected])
    }
    for (const data of [{}, everythingWrong, { ...everythingWrong, 'atlas.sum': '' }]) {
      for (const [title, facts] of elsewhere(data)) check(t, [rule, facts], [title, null])
    }
  })
}

/** The same content where it is not, or may not be, what the operator runs. */
function elsewhere(data: Data): readonly (readonly [string, Facts])[] {
  const configured = (config: string): Facts =>
    specFacts({ config, envName: 'a' }, { directory: readDirectory(data) })
  return [
    ['a remote directory', specFacts({}, { directory: { kind: 'remote' } })],
    ['no ConfigMap', specFacts({}, { directory: { kind: 'none' } })],
    ['a config with its own directory', configured('env "a" {\n migration {\n dir = "x"\n }\n}')],
    ['a config with another format', configured('env "a" {\n migration {\n format = "x"\n }\n}')],
    ['a config for several databases', configured('env "a" {\n for_each = x\n}')],
    ['a config not to be followed', configured('env "a" {')],
  ]
}

void test('A config that leaves the directory alone does not silence the content rules', async t => {
  const config = 'env "a" {\n migration {\n lock_timeout = "1s"\n }\n}'
  const facts = specFacts({ config, envName: 'a' }, { directory: readDirectory({ '1.sql': '' }) })
  check(t, [checksumMissing, facts], ['no sum', ['deny', 'no atlas.sum']])
})

void test('The field is where the files come from', async t => {
  const local = { ...readDirectory({ '1.sql': '' }), source: 'local' } as const
  t.equal(checksumMissing.evaluate(contentFacts({ '1.sql': '' }))?.field, 'spec.dir.configMapRef')
  t.equal(checksumMissing.evaluate(specFacts({}, { directory: local }))?.field, 'spec.dir.local')
})

void test('checksum-missing says when the sum is only in the wrong place', async t => {
  const directory = readDirectory({ '1.sql': '' }, ['atlas.sum'])
  t.match(checksumMissing.evaluate(specFacts({}, { directory }))?.remedy, 'from binaryData to data')
})

void test('checksum-mismatch says how far its proof reaches', async t => {
  const before = { '1.sql': 'a;\r\n', '2.sql': 'b;', '3.sql': 'c;\r\n' }
  const lf = { '1.sql': 'a;\n', '3.sql': 'c;\n' }
  const all = checksumMismatch.evaluate(contentFacts(arrived(before, lf)))
  t.match(all?.details, ['proven: with that undone in 1.sql and 3.sql, atlas.sum matches'])
  const more = checksumMismatch.evaluate(contentFacts(arrived(before, { ...lf, '2.sql': 'x;' })))
  t.match(more?.details, ['proven for 1.sql; a later file differs, too'])
  const edited = checksumMismatch.evaluate(contentFacts(arrived(before, { '2.sql': 'x;' })))
  t.match(edited?.details, [/^not explained by line breaks/])
  t.strictSame(edited?.subjects, ['2.sql edited'])
})

void test('Further defects are listed behind the first', async t => {
  const duplicate = { '1_a.sql': '', '1_b.sql': '', '2_a.sql': '', '2_b.sql': '' }
  t.strictSame(versionDuplicate.evaluate(contentFacts(duplicate))?.details, [
    'version 2: 2_a.sql and 2_b.sql',
  ])
  const ignored = { '1.sql': '-- atlas:sum ignore\n', '2.sql': '-- atlas:sum ignore\n' }
  t.match(fileNotRunnable.evaluate(contentFacts(ignored))?.details, [/^2\.sql: atlas:sum ignore/])
})
