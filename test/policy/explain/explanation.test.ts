import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { buildExplanation } from '../../../src/policy/explain/explanation.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { historyTable, type HistoryState } from '../../../src/policy/explain/history-table.js'
import { operatorSteps } from '../../../src/policy/explain/operator-step.js'
import {
  buildFacts,
  checkpoint,
  files,
  inVersionOrder,
  rowsOf,
  sharing,
  type Situation,
} from '../facts/facts-builder.js'

const three = files('1', '2', '3')
const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

type HistoryCase = readonly [
  name: string,
  situation: Situation,
  states: Readonly<Record<string, HistoryState>>,
]

const rowWith = (version: string, parts: object) =>
  rowsOf(three).map(row => (row.version === version ? { ...row, ...parts } : row))

const baselineRow = { type: 1, hash: '', applied: 0, total: 0 }

const histories: readonly HistoryCase[] = [
  [
    'what ran, and what will',
    { files: files('1', '2', '3', '4'), rows: rowsOf(three) },
    { 1: 'applied', 2: 'applied', 3: 'applied', 4: 'pending' },
  ],
  ['an empty database', { files: three, rows: null }, { 1: 'pending', 2: 'pending', 3: 'pending' }],
  [
    'an empty database, and a checksum that does not match',
    { files: three, rows: null, wrongSum: true },
    { 1: 'pending', 2: 'pending', 3: 'pending' },
  ],
  [
    'a late file alone, and with a newer one that waits for it',
    { files: files('1', '15', '2', '3', '4'), rows: rowsOf(three) },
    { 1: 'applied', 15: 'late', 2: 'applied', 3: 'applied', 4: 'pending' },
  ],
  [
    'non-linear runs the late file too',
    {
      files: files('1', '15', '2', '3', '4'),
      rows: rowsOf(three),
      spec: { execOrder: 'non-linear' },
    },
    { 1: 'applied', 15: 'pending', 2: 'applied', 3: 'applied', 4: 'pending' },
  ],
  [
    'a file that is gone',
    { files: files('1', '2'), rows: rowsOf(three) },
    { 1: 'applied', 2: 'applied', 3: 'missing' },
  ],
  [
    'an edit, with the text that ran',
    { files: { ...three, '2.sql': 'SELECT 2;\n' }, rows: rowsOf(three), dirState: three },
    { 1: 'applied', 2: 'edited', 3: 'applied' },
  ],
  [
    'a repaired file: the last success had its bytes',
    {
      files: { ...three, '2.sql': 'SELECT 2;\n' },
      rows: rowsOf(three),
      dirState: { ...three, '2.sql': 'SELECT 2;\n' },
    },
    { 1: 'applied', 2: 'applied', 3: 'applied' },
  ],
  [
    'perhaps an edit: a baseline skipped a file that may be gone',
    {
      files: { ...three, '2.sql': 'SELECT 2;\n' },
      rows: rowsOf(three).map(row => (row.version === '1' ? { ...row, ...baselineRow } : row)),
    },
    { 1: 'baseline', 2: 'perhaps-edited', 3: 'applied' },
  ],
  [
    'another description under the version',
    { files: files('1', '2_b', '3'), rows: rowsOf(files('1', '2_a', '3')) },
    { 1: 'applied', 2: 'replaced', 3: 'applied' },
  ],
  [
    'a file that stopped half-way',
    { files: three, rows: rowWith('3', { applied: 1, total: 2 }) },
    { 1: 'applied', 2: 'applied', 3: 'partial' },
  ],
  [
    'a version set by hand',
    { files: three, rows: rowWith('3', { type: 4 }) },
    { 1: 'applied', 2: 'applied', 3: 'set-by-hand' },
  ],
  [
    'files below a baseline',
    {
      files: three,
      rows: rowsOf(three)
        .slice(1)
        .map((row, i) => (i === 0 ? { ...row, ...baselineRow } : row)),
    },
    { 1: 'baseline', 2: 'baseline', 3: 'applied' },
  ],
  [
    'a baseline without its file',
    { files: files('3'), rows: [...rowWith('2', baselineRow).slice(1, 2), ...rowsOf(files('3'))] },
    { 2: 'baseline', 3: 'applied' },
  ],
  [
    'a first run with a baseline',
    {
      files: { ...three, ...checkpoint('4') },
      rows: null,
      notClean: 'found schema "public"',
      spec: { baseline: '2' },
      wrongSum: true,
    },
    { 1: 'baseline', 2: 'baseline', 3: 'pending', 4: 'checkpoint' },
  ],
  [
    'a first run with a checkpoint',
    { files: { ...files('1', '2', '4'), ...checkpoint('3') }, rows: null },
    { 1: 'checkpoint-skipped', 2: 'checkpoint-skipped', 3: 'pending', 4: 'pending' },
  ],
  [
    'a checkpoint on a database with a history',
    { files: { ...three, ...checkpoint('4') }, rows: rowsOf(three) },
    { 1: 'applied', 2: 'applied', 3: 'applied', 4: 'checkpoint' },
  ],
  [
    'a database that began with the checkpoint',
    {
      files: { ...files('1', '4'), ...checkpoint('3') },
      rows: rowsOf({ ...files('1', '4'), ...checkpoint('3') }, ['3', '4']),
    },
    { 1: 'checkpoint-skipped', 3: 'applied', 4: 'applied' },
  ],
  [
    'older than the first row',
    { files: three, rows: rowsOf(three, ['2', '3']) },
    { 1: 'never-runs', 2: 'applied', 3: 'applied' },
  ],
]

for (const [name, situation, states] of histories)
  void t.test(`side by side: ${name}`, async t => {
    const history = historyTable(buildFacts(situation))
    t.same(Object.fromEntries(history!.map(({ version, state }) => [version, state])), states)
  })

void t.test('rows of two directories are two chains, and the other one is named', async t => {
  const history = historyTable(
    buildFacts({
      files: files('1', '2'),
      rows: inVersionOrder(rowsOf(files('1', '2')), rowsOf(files('5'))),
      sharing: [sharing('seed', files('5')), sharing('unreadable', null)],
    }),
  )
  t.same(
    history?.map(({ version, chain, note }) => [version, chain, note]),
    [
      ['1', 0, ''],
      ['2', 0, ''],
      ['5', 1, 'a file of app/seed'],
    ],
  )
  const partial = buildFacts({ files: three, rows: rowWith('3', { applied: 1, total: 2 }) })
  t.equal(historyTable(partial)?.at(-1)?.note, '1 of 2 statements')
})

void t.test('nothing is put beside what is not known', async t => {
  const facts = buildFacts({ directory: { kind: 'none' } })
  t.equal(historyTable(facts), null)
  t.equal(operatorSteps(facts), null)
})

type StepCase = readonly [name: string, situation: Situation, now: object, next: object | null]

const steps: readonly StepCase[] = [
  [
    'two files run, then it is Ready',
    { files: three, rows: rowsOf(three, ['1']) },
    {
      ready: true,
      summary: 'runs 2 files: 2.sql and 3.sql',
      files: ['2.sql', '3.sql'],
      says: null,
    },
    { ready: true, summary: 'nothing: it is Ready', files: [] },
  ],
  [
    'a baseline that is the last file leaves nothing to run',
    { files: three, rows: null, spec: { baseline: '3' } },
    { ready: true, summary: 'nothing: it is Ready' },
    { ready: true },
  ],
  [
    'a refused downgrade',
    { files: files('1', '2'), rows: rowsOf(three) },
    { action: 'down', ready: false, says: /^migrate down is not allowed/ },
    null,
  ],
  [
    'an allowed one',
    { files: files('1', '2'), rows: rowsOf(three), dirState: three, spec: allowed },
    { action: 'down', ready: true, summary: 'migrates down to 2', says: null },
    null,
  ],
  [
    'an allowed one without a dir-state',
    { files: files('1', '2'), rows: rowsOf(three), spec: allowed },
    { ready: false, says: 'unable to downgrade, no dir-state found' },
    null,
  ],
  [
    'an allowed one with nowhere to go',
    { files: {}, rows: rowsOf(three), spec: allowed },
    { ready: false, says: 'runtime error: index out of range [-1]' },
    null,
  ],
  [
    'a checksum that does not match',
    { files: three, wrongSum: true, rows: null },
    { action: 'error-status', ready: false, summary: 'stops at "migrate status"' },
    null,
  ],
  [
    'a crash of the command line',
    { files: three, rows: rowWith('3', { applied: 2, total: 3, partialHashes: [] }) },
    { action: 'apply', ready: false, says: /^panic: runtime error/ },
    null,
  ],
]

for (const [name, situation, now, next] of steps)
  void t.test(`the operator: ${name}`, async t => {
    t.match(operatorSteps(buildFacts(situation)), { now, next })
  })

type Place = readonly [situation: Situation, directory: string, table: string]

const where = 'db:5432/app, schema atlas_schema_revisions'

const unread = { kind: 'unread' } as const

const places: readonly Place[] = [
  [{ files: three, rows: [] }, 'ConfigMap migrations', where],
  [{ directory: { kind: 'none' } }, 'none is named', `${where}, which has no revisions table`],
  [
    { directory: { kind: 'remote' }, table: unread },
    'in Atlas Cloud, not read here',
    `${where}, which was not read`,
  ],
  [
    { directory: { kind: 'conflicting' }, unresolved: true },
    'two are named',
    'a Secret that the URL needs is not there',
  ],
  [
    {
      directory: { kind: 'configmap-missing', name: 'x', similar: [] },
      table: { kind: 'failed', failure: 'other', message: 'm' },
    },
    'ConfigMap x, which is not there',
    `${where}, which cannot be read`,
  ],
  [
    {
      directory: { kind: 'unreadable', name: 'x', reason: 'r' },
      rows: [],
      target: { host: '0.rows.invalid' },
    },
    'ConfigMap x, which cannot be read',
    'exported rows of app, schema atlas_schema_revisions',
  ],
]

for (const [situation, directory, table] of places)
  void t.test(`where things are: ${directory}; ${table}`, async t => {
    const facts = buildFacts(situation)
    const input = { facts, rules, judged: [], unknown: [], said: null }
    const explanation = buildExplanation(input)
    t.equal(explanation.directory, directory)
    t.equal(explanation.table, table)
    t.notOk('said' in explanation, 'nothing was asked')
  })

void t.test('an inline directory, and a sentence that is not known', async t => {
  const facts = buildFacts({ files: three, rows: [] })
  const local = { ...facts.directory, source: 'local' } as Facts['directory']
  const migration = { ...facts.migration, metadata: {} }
  const said = 'the moon is full'
  const explanation = buildExplanation({
    facts: { ...facts, migration, directory: local },
    rules,
    judged: [],
    unknown: [],
    said,
  })
  t.match(explanation, { directory: 'spec.dir.local', namespace: '', name: '', said: null })
})
