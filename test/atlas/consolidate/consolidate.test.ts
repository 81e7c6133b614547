import t from 'tap'
import { consolidate } from '../../../src/atlas/consolidate/consolidate.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'
import {
  changeRow,
  consolidateSources,
  database,
  mergedNames,
  named,
  notesOf,
  pendingOf,
  refusalsOf,
  run,
  source,
  withSum,
  type Situation,
} from './consolidation-builder.js'

const schema = named('1_a.sql', '3_c.sql')
const seed = named('2_b.sql', '4_d.sql')
const both = [source('schema', schema), source('seed', seed)]
const nonLinear = { execOrder: 'non-linear' }
const checkpoint = (name: string) => ({ [name]: '-- atlas:checkpoint\n\nSELECT 0;\n' })
const unproven =
  'no database has run these files in this order, as a new one will: replay the directory from empty before it is used'

type Case = [
  name: string,
  situation: Situation,
  files: readonly string[],
  pending: Readonly<Record<string, string>>,
  notes: readonly string[],
]

const cases: readonly Case[] = [
  [
    'two directories that ran in turns',
    {
      sources: both,
      databases: [database('prod', run(seed, run(schema), nonLinear))],
    },
    ['1_a.sql', '2_b.sql', '3_c.sql', '4_d.sql'],
    { prod: '' },
    [unproven],
  ],
  [
    'one directory is only verified',
    { sources: [source('schema', schema)], databases: [database('prod', run(schema))] },
    ['1_a.sql', '3_c.sql'],
    { prod: '' },
    [],
  ],
  [
    'no database: only the directories are merged',
    { sources: both },
    ['1_a.sql', '2_b.sql', '3_c.sql', '4_d.sql'],
    {},
    [unproven],
  ],
  [
    'really new files are pending, and a new database runs everything',
    {
      sources: [source('schema', schema), source('seed', named('5_e.sql', '6_f.sql'))],
      databases: [database('prod', run(schema)), database('new', null), database('empty', [])],
    },
    ['1_a.sql', '3_c.sql', '5_e.sql', '6_f.sql'],
    {
      prod: '5_e.sql 6_f.sql',
      new: '1_a.sql 3_c.sql 5_e.sql 6_f.sql',
      empty: '1_a.sql 3_c.sql 5_e.sql 6_f.sql',
    },
    [],
  ],
  [
    'the same file in two directories is there once',
    {
      sources: [source('schema', schema), source('seed', { ...seed, ...named('1_a.sql') })],
      databases: [database('prod', run({ ...schema, ...seed }))],
    },
    ['1_a.sql', '2_b.sql', '3_c.sql', '4_d.sql'],
    { prod: '' },
    [],
  ],
  [
    'the same directory under two names is there once',
    {
      sources: [source('schema', schema), source('copy', schema)],
      databases: [database('prod', run(schema))],
    },
    ['1_a.sql', '3_c.sql'],
    { prod: '' },
    ['schema and copy hold the same files: they count once'],
  ],
  [
    'a late file and what follows it in its directory get new versions',
    {
      sources: [source('schema', named('1_a.sql', '3_c.sql')), source('seed', seed)],
      databases: [database('prod', run(schema)), database('new', null)],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_b.sql < 2_b.sql', '6_d.sql < 4_d.sql'],
    { prod: '5_b.sql 6_d.sql', new: '1_a.sql 3_c.sql 5_b.sql 6_d.sql' },
    ['never ran, and will run as new: 2_b.sql as 5_b.sql and 4_d.sql as 6_d.sql'],
  ],
  [
    'new files of a directory without a late one stay as they are',
    {
      sources: [
        source('schema', named('1_a.sql', '3_c.sql', '5_e.sql')),
        source('seed', named('2_b.sql')),
      ],
      databases: [database('prod', run(schema))],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_e.sql', '6_b.sql < 2_b.sql'],
    { prod: '5_e.sql 6_b.sql' },
    ['never ran, and will run as new: 2_b.sql as 6_b.sql'],
  ],
  [
    'files that are older than the first row are late as well',
    {
      sources: [source('schema', named('5_e.sql')), source('seed', named('2.sql'))],
      databases: [database('prod', run(named('5_e.sql')))],
      renamePending: true,
    },
    ['5_e.sql', '6.sql < 2.sql'],
    { prod: '6.sql' },
    ['never ran, and will run as new: 2.sql as 6.sql'],
  ],
  [
    'nothing is renamed where nothing is late',
    {
      sources: [source('schema', schema), source('seed', named('5_e.sql'))],
      databases: [database('prod', run(schema))],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_e.sql'],
    { prod: '5_e.sql' },
    [],
  ],
  [
    'of two files with one version the one that ran keeps it, as its description says',
    {
      sources: [source('schema', named('1_a.sql')), source('seed', named('1_b.sql', '2_c.sql'))],
      databases: [database('prod', run(named('1_b.sql'))), database('dev', run(named('1_b.sql')))],
      renamePending: true,
    },
    ['1_b.sql', '2_c.sql', '3_a.sql < 1_a.sql'],
    { prod: '2_c.sql 3_a.sql', dev: '2_c.sql 3_a.sql' },
    ['never ran, and will run as new: 1_a.sql as 3_a.sql'],
  ],
  [
    'of two files with one name the one that ran keeps it, as its hash says',
    {
      sources: [
        source('schema', { '1_init.sql': 'SELECT 1;\n' }),
        source('seed', { '1_init.sql': 'SELECT 2;\n', '2_x.sql': '' }),
      ],
      databases: [database('prod', run({ '1_init.sql': 'SELECT 2;\n', '2_x.sql': '' }))],
      renamePending: true,
    },
    ['1_init.sql', '2_x.sql', '3_init.sql < 1_init.sql'],
    { prod: '3_init.sql' },
    ['never ran, and will run as new: 1_init.sql as 3_init.sql'],
  ],
  [
    'of two files that ran nowhere the first keeps its version',
    {
      sources: [
        source('schema', { ...schema, ...named('5_x.sql') }),
        source('seed', named('5_y.sql', '6_z.sql')),
      ],
      databases: [database('prod', run(schema))],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_x.sql', '7_y.sql < 5_y.sql', '8_z.sql < 6_z.sql'],
    { prod: '5_x.sql 7_y.sql 8_z.sql' },
    ['never ran, and will run as new: 5_y.sql as 7_y.sql and 6_z.sql as 8_z.sql'],
  ],
  [
    'a baseline stands for the older files of its own directory only',
    {
      sources: both,
      databases: [
        database('prod', run(schema, [], { baseline: '3' })),
        database('next', null, { options: { baseline: '3' }, notClean: 'found schema "public"' }),
      ],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_b.sql < 2_b.sql', '6_d.sql < 4_d.sql'],
    { prod: '5_b.sql 6_d.sql', next: '5_b.sql 6_d.sql' },
    ['never ran, and will run as new: 2_b.sql as 5_b.sql and 4_d.sql as 6_d.sql', unproven],
  ],
  [
    'a checkpoint stands for the older files of its directory, and those for it where they ran',
    {
      sources: [
        source('schema', { ...schema, ...checkpoint('4_cp.sql') }),
        source('seed', named('5_e.sql')),
      ],
      databases: [
        database('prod', run(schema)),
        database('young', run({ ...schema, ...checkpoint('4_cp.sql') })),
        database('new', null),
      ],
    },
    ['1_a.sql', '3_c.sql', '4_cp.sql', '5_e.sql'],
    { prod: '5_e.sql', young: '5_e.sql', new: '4_cp.sql 5_e.sql' },
    [],
  ],
  [
    'a checkpoint of one directory does not stand for the files of another',
    {
      sources: [source('schema', { ...schema, ...checkpoint('5_cp.sql') }), source('seed', seed)],
      databases: [database('prod', run({ ...schema, ...seed }))],
    },
    ['1_a.sql', '2_b.sql', '3_c.sql', '4_d.sql', '5_cp.sql'],
    { prod: '' },
    [
      'a new database starts at the checkpoint 5_cp.sql and never runs 2_b.sql and 4_d.sql, which it does not stand for',
    ],
  ],
  [
    'a new database would pass by what is older than a checkpoint of another directory',
    {
      sources: [
        source('schema', { ...schema, ...checkpoint('5_cp.sql') }),
        source('seed', named('2_b.sql')),
      ],
      databases: [database('new', null)],
      renamePending: true,
    },
    ['1_a.sql', '3_c.sql', '5_cp.sql', '6_b.sql < 2_b.sql'],
    { new: '5_cp.sql 6_b.sql' },
    ['never ran, and will run as new: 2_b.sql as 6_b.sql', unproven],
  ],
  [
    'checkpoints of a directory that is given in two versions of its own are of one directory',
    {
      sources: [
        source('old', { ...schema, ...checkpoint('4_cp.sql') }),
        source('grown', { ...schema, ...checkpoint('4_cp.sql'), ...checkpoint('6_cp.sql') }),
      ],
    },
    ['1_a.sql', '3_c.sql', '4_cp.sql', '6_cp.sql'],
    {},
    [unproven],
  ],
  [
    'an edited file is taken as it is, and named',
    {
      sources: [source('schema', { ...schema, '1_a.sql': 'SELECT 11;\n' })],
      databases: [database('prod', run(schema))],
    },
    ['1_a.sql', '3_c.sql'],
    { prod: '' },
    [
      '1_a.sql changed (or repaired) after running on prod: their text is not what ran, and the operator does not notice',
    ],
  ],
  [
    'a renamed file is taken as it is, and named',
    {
      sources: [source('schema', { '1_renamed.sql': schema['1_a.sql']!, ...named('3_c.sql') })],
      databases: [database('prod', run(schema))],
    },
    ['1_renamed.sql', '3_c.sql'],
    { prod: '' },
    ['1_renamed.sql renamed after running on prod'],
  ],
  [
    'a row that was never finished before newer ones came is named',
    {
      sources: [source('schema', schema)],
      databases: [database('prod', changeRow(run(schema), '1', { total: 2 }))],
    },
    ['1_a.sql', '3_c.sql'],
    { prod: '' },
    ['1 ran only in part on prod, and will not be finished: newer files ran since'],
  ],
  [
    'versions sort by name: a file below the last row by name is late',
    {
      sources: [source('schema', named('1.sql')), source('seed', named('1-b.sql'))],
      databases: [database('prod', run(named('1.sql')))],
      renamePending: true,
    },
    ['1.sql', '1z1.sql < 1-b.sql'],
    { prod: '1z1.sql' },
    ['never ran, and will run as new: 1-b.sql as 1z1.sql'],
  ],
]

void t.test('what becomes of the directories', async t => {
  for (const [name, situation, files, pending, notes] of cases) {
    const result = consolidateSources(situation)
    t.strictSame(refusalsOf(result), [], name)
    t.strictSame(mergedNames(result), files, name)
    t.strictSame(pendingOf(result), pending, name)
    t.strictSame(notesOf(result), notes, name)
  }
})

void t.test('bytes go through as they are, whatever they are', async t => {
  const files = {
    '1_crlf.sql': 'SELECT 1;\r\nSELECT 2;\r\n',
    '2_bom.sql': '\uFEFFSELECT 3;',
    '3_ignored.sql': '-- atlas:sum ignore\nSELECT 4;',
    '4_ä😀.sql': "SELECT 'ä😀\u0000';",
    '5_empty.sql': '',
  }
  const sources = [source('odd', files), source('plain', named('6_x.sql'))]
  const result = consolidateSources({ sources, output: 'folder' })
  t.equal(result.kind, 'merged')
  if (result.kind === 'refused') return
  const { directory, bytes } = result
  const merged = Object.fromEntries(directory.files.map(({ name, content }) => [name, content]))
  t.strictSame(merged, { ...files, ...named('6_x.sql') })
  t.equal(validateDirectory(directory), null)
  t.equal(directory.sumText, withSum(merged)['atlas.sum'])
  const sizes = Object.values(withSum(merged)).map(value => Buffer.byteLength(value))
  t.equal(
    bytes,
    sizes.reduce((a, b) => a + b),
  )
})

void t.test('a file says where it is from, and where it ran', async t => {
  const result = consolidateSources({
    sources: [source('schema', schema), source('seed', { ...seed, ...named('1_a.sql') })],
    databases: [
      database('prod', run({ ...schema, ...seed })),
      database('dev', run(named('1_a.sql', '2_b.sql'))),
    ],
  })
  t.match(result, {
    kind: 'merged',
    files: [
      { name: '1_a.sql', sources: ['schema', 'seed'], appliedOn: ['prod', 'dev'] },
      { name: '2_b.sql', sources: ['seed'], appliedOn: ['prod', 'dev'] },
      { name: '3_c.sql', sources: ['schema'], appliedOn: ['prod'] },
      { name: '4_d.sql', sources: ['seed'], appliedOn: ['prod'] },
    ],
  })
})

void t.test('5,000 files on three databases are merged', async t => {
  const files = (from: number) =>
    named(...Array.from({ length: 2500 }, (_, i) => `${20_250_000_000_000 + 2 * i + from}_x.sql`))
  const even = files(0)
  const odd = files(1)
  const rows = run({ ...even, ...odd })
  const result = consolidateSources({
    sources: [source('even', even), source('odd', odd)],
    databases: ['a', 'b', 'c'].map(name => database(name, rows)),
  })
  t.strictSame(pendingOf(result), { a: '', b: '', c: '' })
})

void t.test(
  'A version such as 9999 is named, and no name is made above it without a word',
  async t => {
    const seed = named('20250101000000_a.sql', '99999999999999_seed.sql')
    const late = named('20260101000000_b.sql')
    const whole = consolidate({
      sources: [source('seed', seed), source('late', late)],
      databases: [database('db', run(seed))],
      dialect: 'postgres',
      renamePending: true,
    })
    t.match(whole.kind === 'merged' && whole.notes, [
      /never ran, and will run as new: 20260101000000_b\.sql as 99999999999999z1_b\.sql/,
      /99999999999999_seed\.sql sorts after every version like 20250101000000: 99999999999999z1_b\.sql had to be named above it/,
    ])
    const alone = consolidate({
      sources: [source('seed', seed)],
      databases: [],
      dialect: 'postgres',
      renamePending: false,
    })
    t.match(alone.kind === 'merged' && alone.notes, [/no later file like the others can follow/])
  },
)
