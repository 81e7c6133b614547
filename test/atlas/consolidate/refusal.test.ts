import t from 'tap'
import type { Refusal } from '../../../src/atlas/consolidate/consolidation.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
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
  type Situation,
} from './consolidation-builder.js'

const schema = named('1_a.sql', '3_c.sql')
const seed = named('2_b.sql', '4_d.sql')
const both = [source('schema', schema), source('seed', seed)]
const checkpoint = (name: string) => ({ [name]: '-- atlas:checkpoint\n\nSELECT 0;\n' })
const unhashed = (name: string, data: Record<string, string>) => ({
  name,
  directory: buildDirectory(data),
})

type Case = [name: string, situation: Situation, refusals: readonly string[]]

const cases: readonly Case[] = [
  ['no source', { sources: [] }, ['no-source: there is no directory to consolidate']],
  [
    'a source given twice',
    { sources: [source('a', schema), source('a', seed)] },
    ['source-given-twice: a is given twice'],
  ],
  ['an empty source', { sources: [source('a', {})] }, ['source-empty: a has no migration file']],
  [
    'broken sums, each with what is known of it',
    {
      sources: [
        unhashed('none', named('1.sql')),
        unhashed('garbage', { ...named('2.sql'), 'atlas.sum': 'h1:x\n' }),
        {
          name: 'edited',
          directory: buildDirectory({
            ...named('3.sql'),
            'atlas.sum': source('', { '3.sql': '' }).directory.sumText!,
          }),
        },
      ],
    },
    [
      'checksum: none: checksum file not found',
      'checksum: garbage: checksum mismatch',
      'checksum: edited: atlas.sum line 2: 3.sql was edited',
    ],
  ],
  [
    'a name that no ConfigMap can have',
    { sources: [source('a', named('1_ä.sql'))] },
    ['file-name: a: 1_ä.sql cannot be the name of a file in a ConfigMap'],
  ],
  [
    'a name that no folder can have',
    { sources: [source('a', named(`1_${'x'.repeat(300)}.sql`))], output: 'folder' },
    [`file-name: a: 1_${'x'.repeat(300)}.sql cannot be the name of a file in a folder`],
  ],
  [
    'a collision of which one ran',
    {
      sources: [source('a', named('1_a.sql')), source('b', named('1_b.sql'))],
      databases: [database('prod', run(named('1_b.sql'))), database('new', null)],
    },
    [
      'version-collision: 1_a.sql (a) and 1_b.sql (b) have one version (1): only 1_b.sql (b) ran on prod',
    ],
  ],
  [
    'a collision of which none ran',
    {
      sources: [source('a', named('1_a.sql')), source('b', named('1_b.sql'))],
      databases: [database('new', null)],
    },
    ['version-collision: 1_a.sql (a) and 1_b.sql (b) have one version (1): none of them ran'],
  ],
  [
    'a collision on databases that disagree, though new versions are allowed',
    {
      sources: [source('a', named('1_a.sql')), source('b', named('1_b.sql'))],
      databases: [database('prod', run(named('1_b.sql'))), database('dev', run(named('1_a.sql')))],
      renamePending: true,
    },
    [
      'version-collision: 1_a.sql (a) and 1_b.sql (b) have one version (1): 1_a.sql (a) ran on dev and 1_b.sql (b) ran on prod',
    ],
  ],
  [
    'a collision over a row that tells nothing',
    {
      sources: [source('a', { '1_a.sql': 'a' }), source('b', { '1_a.sql': 'b' })],
      databases: [database('prod', changeRow(run({ '1_a.sql': 'c' }), '1', { type: 2 }))],
      renamePending: true,
    },
    [
      'version-collision: 1_a.sql (a) and 1_a.sql (b) have one version (1): neither description nor hash of the row on prod tells which ran',
    ],
  ],
  [
    'a collision without any database, though new versions are allowed',
    {
      sources: [source('a', named('1_a.sql')), source('b', named('1_b.sql'))],
      renamePending: true,
    },
    [
      'version-collision: 1_a.sql (a) and 1_b.sql (b) have one version (1): no database was named that tells which ran',
    ],
  ],
  [
    'two files of one directory with one version',
    { sources: [source('a', named('1_a.sql', '1_b.sql'))], databases: [database('new', null)] },
    ['version-collision: 1_a.sql (a) and 1_b.sql (a) have one version (1): none of them ran'],
  ],
  [
    'a collision of which a baseline says what was there',
    {
      sources: [source('a', named('1_a.sql', '2_x.sql')), source('b', named('1_b.sql'))],
      databases: [database('prod', run(named('1_a.sql', '2_x.sql'), [], { baseline: '2' }))],
    },
    [
      'version-collision: 1_a.sql (a) and 1_b.sql (b) have one version (1): only 1_a.sql (a) ran on prod',
    ],
  ],
  [
    'a file that lost its version, but is part of a checkpoint',
    {
      sources: [
        source('a', named('1_a.sql')),
        source('b', { ...named('1_b.sql'), ...checkpoint('2_cp.sql') }),
      ],
      databases: [database('prod', run(named('1_a.sql')))],
      renamePending: true,
    },
    [
      'version-collision: 1_b.sql (b) cannot have a new version: a checkpoint of its directory stands for it',
      'late-file: 2_cp.sql would never run on prod, whose last row is 1: a checkpoint runs only where there are no rows',
    ],
  ],
  [
    'late files, per database',
    {
      sources: both,
      databases: [database('prod', run(schema)), database('dev', run(named('3_c.sql')))],
    },
    [
      'late-file: 2_b.sql would never run on prod, whose last row is 3',
      'late-file: 2_b.sql would never run on dev, whose last row is 3',
      'late-file: 1_a.sql would never run on dev, whose last row is 3, but another database has it',
    ],
  ],
  [
    'a late file that another database has run, though new versions are allowed',
    {
      sources: both,
      databases: [database('prod', run({ ...schema, ...seed })), database('dev', run(schema))],
      renamePending: true,
    },
    ['late-file: 2_b.sql would never run on dev, whose last row is 3, but another database has it'],
  ],
  [
    'a late file that a baseline elsewhere stands for',
    {
      sources: both,
      databases: [
        database('prod', run(schema)),
        database('dev', null, { options: { baseline: '4' } }),
      ],
      renamePending: true,
    },
    [
      'late-file: 2_b.sql would never run on prod, whose last row is 3, but another database has it',
      'late-file: 1_a.sql and 3_c.sql would never run on dev, whose baseline is 4, but another database has it',
    ],
  ],
  [
    'a file of another directory before the checkpoint at which a new database starts',
    {
      sources: [source('a', checkpoint('5_cp.sql')), source('b', named('2_b.sql'))],
      databases: [database('new', null)],
    },
    ['late-file: 2_b.sql would never run on new, which starts at the checkpoint 5_cp.sql'],
  ],
  [
    'a late file that a later checkpoint stands for',
    {
      sources: [
        source('a', { ...named('1_a.sql', '2_late.sql', '3_c.sql'), ...checkpoint('4_cp.sql') }),
      ],
      databases: [database('prod', run(schema))],
      renamePending: true,
    },
    [
      'late-file: 2_late.sql would never run on prod, whose last row is 3, and a later checkpoint of its directory stands for it',
    ],
  ],
  [
    'a checkpoint alone, on a database that another directory began',
    {
      sources: [source('a', checkpoint('5_cp.sql')), source('b', named('2_b.sql'))],
      databases: [database('prod', run(named('2_b.sql')))],
      renamePending: true,
    },
    [
      'late-file: 5_cp.sql would never run on prod, whose last row is 2: a checkpoint runs only where there are no rows',
    ],
  ],
  [
    'a partial last row',
    {
      sources: [source('schema', schema)],
      databases: [database('prod', changeRow(run(schema), '3', { total: 2 }))],
    },
    ['partial-row: the last file on prod, 3 (c), ran only in part (1 of 2 statements)'],
  ],
  [
    'checkpoints in two directories',
    {
      sources: [
        source('a', { ...named('1.sql'), ...checkpoint('3_cp.sql') }),
        source('b', { ...named('2.sql'), ...checkpoint('4_cp.sql') }),
      ],
    },
    [
      'several-checkpoints: checkpoints are in more than one directory: 3_cp.sql (a) and 4_cp.sql (b)',
    ],
  ],
  [
    'rows that no source accounts for',
    {
      sources: [source('schema', schema)],
      databases: [database('prod', run({ ...schema, ...seed, ...named('5.sql') }))],
    },
    ['row-without-file: no source has what ran on prod as 2 (b), 4 (d) and 5'],
  ],
  [
    'a row of another migration than the one that has its version',
    {
      sources: [source('schema', { ...schema, '2_other.sql': 'SELECT 22;\n' })],
      databases: [database('prod', run({ ...schema, ...seed }))],
    },
    ['row-without-file: no source has what ran on prod as 2 (b) and 4 (d)'],
  ],
  [
    'what the operator would stop at',
    {
      sources: [source('schema', schema)],
      databases: [
        database('dirty', null, { notClean: 'found schema "public"' }),
        database('baseline', null, { options: { baseline: '7' } }),
      ],
    },
    [
      'unsafe-prediction: on dirty: the operator would stop: sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
      'unsafe-prediction: on baseline: the operator would stop: baseline version "7" not found',
    ],
  ],
  [
    'a database with another order, where the operator never comes to an end',
    {
      sources: [source('a', { '1.sql': 'SELECT 1;\n', '2.sql': '' })],
      databases: [database('prod', run({ '1.sql': 'SELECT 1;\n', '2.sql': '' }).toReversed())],
    },
    [
      'unsafe-prediction: on prod: at the second reconcile the operator would have 2.sql pending again',
    ],
  ],
  [
    'a new file that can never run',
    {
      sources: [source('a', { '1.sql': '-- atlas:sum ignore\n' })],
      databases: [database('new', null)],
    },
    [
      'unsafe-prediction: on new: the operator would stop: sql/migrate: scanning checksum from "1.sql": checksum not found',
    ],
  ],
  [
    'everything at once',
    {
      sources: [
        source('a', named('1_a.sql', '3_c.sql')),
        source('b', named('2_b.sql', '3_d.sql')),
        source('c', {}),
      ],
      databases: [
        database('prod', run(named('1_a.sql', '3_c.sql', '4_x.sql'))),
        database('dirty', null, { notClean: 'found schema "public"' }),
      ],
    },
    [
      'source-empty: c has no migration file',
      'version-collision: 3_c.sql (a) and 3_d.sql (b) have one version (3): only 3_c.sql (a) ran on prod',
      'row-without-file: no source has what ran on prod as 4 (x)',
      'late-file: 2_b.sql would never run on prod, whose last row is 4',
      'unsafe-prediction: on dirty: the operator would stop: sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
    ],
  ],
]

void t.test('what stands in the way is said, all at once', async t => {
  for (const [name, situation, refusals] of cases) {
    const result = consolidateSources(situation)
    t.equal(result.kind, 'refused', name)
    t.strictSame([mergedNames(result), pendingOf(result), notesOf(result)], [[], {}, []], name)
    t.strictSame(refusalsOf(result), refusals, name)
    if (result.kind === 'merged') continue
    for (const refusal of result.refusals) t.ok(isComplete(refusal), `${name}: ${refusal.reason}`)
  }
})

function isComplete({ found, remedy }: Refusal): boolean {
  return [found, remedy].every(text => text.length > 5 && !/[\n.]$/.test(text))
}

void t.test('a ConfigMap has a limit, a folder has none', async t => {
  const large = Object.fromEntries(
    Array.from({ length: 11 }, (_, i) => [`${10 + i}.sql`, '-'.repeat(100_000)]),
  )
  const sources = [source('large', large)]
  const { '10.sql': first, ...rest } = large
  t.match(refusalsOf(consolidateSources({ sources })), [
    /^too-large: the files take 110\d{4} bytes, 52\d{3} more than a ConfigMap holds \(1048576\)$/,
  ])
  t.ok(first)
  const folder = consolidateSources({ sources, output: 'folder' })
  t.match(folder, { kind: 'merged', notes: [/^the files take 110\d{4} bytes, 105 % of what/] })
  const near = consolidateSources({ sources: [source('large', rest)] })
  t.match(near, { kind: 'merged', notes: [/^the files take 100\d{4} bytes, 95 % of what/] })
})
