import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { predict } from '../../../src/atlas/engine/operator.js'
import { defaultOptions, type PlanOptions } from '../../../src/atlas/engine/plan.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { unsafeReason } from '../../../src/atlas/consolidate/safe-prediction.js'
import { changeRow, named, run, withSum, type Files } from './consolidation-builder.js'

interface Situation {
  readonly files: Files
  readonly rows?: readonly Revision[] | null
  readonly options?: Partial<PlanOptions>
  readonly notClean?: string
}

function judge({ files, rows = null, options, notClean }: Situation): string | null {
  const data = withSum(files)
  const directory = buildDirectory(data)
  const prediction = predict({
    data,
    directory,
    state: { revisions: rows, notClean: notClean ?? null },
    options: { ...defaultOptions, ...options },
    dialect: 'postgres',
  })
  return unsafeReason(prediction, { files: directory.files, rows: rows ?? [] })
}

const two = named('1.sql', '2.sql')
const three = named('1.sql', '2.sql', '3.sql')
const checkpoint = { '4_cp.sql': '-- atlas:checkpoint\n\nSELECT 0;\n' }
const noTransaction = { '2.sql': '-- atlas:txmode none\n\nSELECT 1;\nSELECT 2;\n' }

const cases: readonly (readonly [name: string, situation: Situation, reason: string | null])[] = [
  ['nothing to do', { files: two, rows: run(two) }, null],
  ['a newer file', { files: three, rows: run(two) }, null],
  ['a new database', { files: three }, null],
  ['an empty directory before an empty database', { files: {} }, null],
  [
    'a baseline, after which nothing is left',
    { files: two, options: { baseline: '2' }, notClean: 'found schema "public"' },
    null,
  ],
  ['a baseline long ago', { files: three, rows: run(three, [], { baseline: '2' }) }, null],
  ['a new database that starts at a checkpoint', { files: { ...two, ...checkpoint } }, null],
  [
    'a database that started at the checkpoint',
    { files: { ...two, ...checkpoint }, rows: run({ ...two, ...checkpoint }) },
    null,
  ],
  [
    'a database that ran what the checkpoint stands for',
    { files: { ...two, ...checkpoint }, rows: run(two) },
    null,
  ],
  [
    'a checkpoint that nothing stands for',
    { files: { ...checkpoint, ...named('5.sql') }, rows: run(named('5.sql')) },
    '4_cp.sql would never run',
  ],
  [
    'a directory of nothing but a checkpoint that never runs',
    {
      files: { ...checkpoint, '3_cp.sql': '-- atlas:checkpoint\n\n' },
      rows: run({ '3_cp.sql': '-- atlas:checkpoint\n\n' }),
    },
    '4_cp.sql would never run',
  ],
  [
    'fewer files than rows',
    { files: two, rows: run(three) },
    'the operator would migrate down to 2',
  ],
  ['no file left', { files: {}, rows: run(three) }, 'the operator would crash over migrate down'],
  [
    'a late file',
    { files: { ...three, ...named('4.sql') }, rows: run(named('1.sql', '3.sql')) },
    'the operator would stop: migration file 2.sql was added out of order',
  ],
  [
    'a late file that would run all the same',
    {
      files: { ...three, ...named('4.sql') },
      rows: run(named('1.sql', '3.sql')),
      options: { execOrder: 'non-linear' },
    },
    'the operator would run 2.sql, not newer than the last row (3)',
  ],
  [
    'a late file that is left out, and then counted',
    {
      files: { ...three, ...named('4.sql') },
      rows: run(named('1.sql', '3.sql')),
      options: { execOrder: 'linear-skip' },
    },
    'at the second reconcile the operator would crash over migrate down',
  ],
  [
    'a file that is older than the first row',
    { files: three, rows: run(named('2.sql', '3.sql')) },
    '1.sql would never run',
  ],
  [
    'a file in the place of a row without one',
    { files: named('0.sql', '1.sql', '3.sql'), rows: run(three) },
    'rows have no file: 2',
  ],
  [
    'a partial last row',
    {
      files: { '1.sql': 'SELECT 1;', ...noTransaction },
      rows: changeRow(run({ '1.sql': 'SELECT 1;', ...noTransaction }), '2', { applied: 0 }),
    },
    'the operator would run 2.sql, not newer than the last row (2)',
  ],
  [
    'a partial last row that can never be finished',
    {
      files: { '1.sql': 'SELECT 1;', ...noTransaction },
      rows: changeRow(run({ '1.sql': 'SELECT 1;', ...noTransaction }), '2', { applied: 1 }),
    },
    'the operator would crash',
  ],
  [
    'two files with one version, of which the second never runs',
    { files: named('1_a.sql', '1_b.sql'), rows: run(named('1_a.sql')) },
    'two files have one version, and only one of them can run',
  ],
  [
    'a second file with one version that stays pending',
    { files: { '1_a.sql': '', '1_b.sql': 'SELECT 1;\n' } },
    'at the second reconcile the operator would crash',
  ],
  [
    'a database with another order, on which an empty file is pending for ever',
    {
      files: { '1.sql': 'SELECT 1;\n', '2.sql': '' },
      rows: run({ '1.sql': 'SELECT 1;\n', '2.sql': '' }).toReversed(),
    },
    'at the second reconcile the operator would have 2.sql pending again',
  ],
  [
    'a database that is not clean',
    { files: two, notClean: 'found schema "public"' },
    'the operator would stop: sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
  ],
]

void t.test('what makes a directory unsafe for a database', async t => {
  for (const [name, situation, reason] of cases) t.equal(judge(situation), reason, name)
})
