import type { Revision } from '../../../src/atlas/engine/revision.js'
import t from 'tap'
import { compareTables } from '../../../src/policy/comparison/compare-tables.js'
import type { Collation } from '../../../src/policy/facts/exported-table.js'
import type { Sameness } from '../../../src/policy/facts/facts.js'
import { exported, row, type TestTable } from './tables.js'

interface Case {
  readonly name: string
  readonly from?: TestTable
  readonly to?: TestTable
  /** `rule: found`, or `note: found`, in order. */
  readonly differences: readonly string[]
}

const icu: Collation = { provider: 'icu', name: 'en', version: '153.1', actualVersion: '153.2' }

const cases: readonly Case[] = [
  { name: 'equal tables', differences: [] },
  {
    name: 'the last rows are missing',
    to: { table: { revisions: [row('1')] } },
    differences: [
      'revision-table-incomplete: TO lacks 2 rows of FROM (2 and 3): the operator would run again 2 and 3',
    ],
  },
  {
    name: 'an early row is missing',
    to: { table: { revisions: [row('1'), row('3')] } },
    differences: [
      'revision-table-incomplete: TO lacks 1 row of FROM (2): the operator would take for out of order 2',
    ],
  },
  {
    name: 'an early and a late row are missing',
    to: { table: { revisions: [row('2')] } },
    differences: [
      'revision-table-incomplete: TO lacks 2 rows of FROM (1 and 3): the operator would pass by 1, and run again 3',
    ],
  },
  {
    name: 'a row too many',
    to: { table: { revisions: [row('1'), row('2'), row('3'), row('4')] } },
    differences: [
      'migrate-down-predicted: TO has 1 row that FROM has not (4): with the directory of FROM the operator would go down',
    ],
  },
  {
    name: 'rows in TO, none in FROM',
    from: { table: { revisions: null } },
    to: { table: { revisions: [row('1')] } },
    differences: [
      'migrate-down-predicted: TO has 1 row that FROM has not (1): with the directory of FROM the operator would go down',
    ],
  },
  {
    name: 'another text ran',
    to: {
      table: { revisions: [row('1'), row('2', { hash: 'other', total: 2, applied: 2 }), row('3')] },
    },
    differences: [
      'applied-file-edited: version 2 is in TO not as in FROM: applied, total, hash; another text of the file ran there',
    ],
  },
  {
    name: 'two files that only FROM has finished',
    to: {
      table: {
        revisions: [
          row('1'),
          row('2', { total: 2 }),
          row('3', { partialHashes: ['h1:a'], total: 2 }),
        ],
      },
    },
    differences: [
      'revision-partial: version 2 and 3 are in TO not as in FROM: total, partial_hashes',
    ],
  },
  {
    name: 'another type',
    to: { table: { revisions: [row('1', { type: 4 }), row('2'), row('3')] } },
    differences: ['null: version 1 is in TO not as in FROM: type'],
  },
  {
    name: 'another description',
    to: { table: { revisions: [row('1', { description: 'y' }), row('2'), row('3')] } },
    differences: ['note: version 1 is in TO not as in FROM: description; Atlas does not go by it'],
  },
  {
    name: 'what Atlas never reads again differs',
    to: {
      table: {
        revisions: [row('1', { operatorVersion: 'other' }), row('2', { error: 'e' }), row('3')],
      },
    },
    differences: [],
  },
  {
    name: 'partially applied on both sides',
    from: { table: { revisions: [row('1', { total: 2 })] } },
    to: { table: { revisions: [row('1', { total: 2 })] } },
    differences: [
      'note: version 1 is partially applied in FROM as in TO: the operator resumes after the statements that ran',
    ],
  },
  {
    name: 'an order of the collation that only TO has',
    from: { table: { revisions: [row('2B'), row('2a')] } },
    to: { table: { revisions: [row('2a'), row('2B')] } },
    differences: [
      'revision-order: TO orders version 2B after greater ones; Atlas takes the order for bytewise',
    ],
  },
  {
    name: 'an order of the collation that both have',
    from: { table: { revisions: [row('2a'), row('2B')] } },
    to: { table: { revisions: [row('2a'), row('2B')] } },
    differences: [
      'note: TO orders version 2B after greater ones; Atlas takes the order for bytewise (as in FROM)',
    ],
  },
  {
    name: 'another sequence of execution',
    to: {
      table: { revisions: [row('1'), row('2', { executedAt: '2026-02-01T00:00:00Z' }), row('3')] },
    },
    differences: [
      'note: the rows ran in another sequence (executed_at) in TO than in FROM: which directory wrote which row may be told otherwise',
    ],
  },
  {
    name: 'other times, but the same sequence',
    to: {
      table: { revisions: [row('1'), row('2'), row('3', { executedAt: '2026-02-01T00:00:00Z' })] },
    },
    differences: [],
  },
  {
    name: 'no table, and data',
    to: { table: { revisions: null, notClean: 'found table "users"' } },
    differences: [
      'baseline-required: TO has data but no revisions table in schema atlas_schema_revisions, FROM has 3 rows: the operator would stop (found table "users")',
    ],
  },
  {
    name: 'an empty table, and data',
    to: { table: { revisions: [], notClean: 'found table "users"' } },
    differences: [
      'revision-table-empty: TO has data but an empty revisions table in schema atlas_schema_revisions, FROM has 3 rows: the operator would stop (found table "users")',
    ],
  },
  {
    name: 'an empty database',
    to: { table: { revisions: null } },
    differences: [
      'revision-table-incomplete: TO is an empty database, FROM has 3 rows: the operator would run every file',
    ],
  },
  {
    name: 'two empty databases',
    from: { table: { revisions: null } },
    to: { table: { revisions: null } },
    differences: [],
  },
  {
    name: 'the table in another schema',
    to: {
      table: { revisions: null, notClean: 'found schema "public"', elsewhere: ['public'] },
      server: { tableSchemas: ['public'] },
    },
    differences: [
      'revision-table-elsewhere: no rows in schema atlas_schema_revisions of TO, where the operator will look, but in public',
    ],
  },
  {
    name: 'an ambiguous table',
    to: {
      boundSchema: 'app',
      revisionsSchema: 'app',
      table: { revisions: null, ambiguous: true, elsewhere: ['atlas_schema_revisions'] },
    },
    differences: [
      'revision-table-elsewhere: "ambiguous revision table" in TO: none in schema app of the URL, but one in atlas_schema_revisions',
      'note: the revisions table is in schema atlas_schema_revisions of FROM, in app of TO',
      'note: the URL of FROM binds no schema, that of TO binds schema app: files then run in another scope',
    ],
  },
  {
    name: 'another schema where the operator looks, and one more table',
    to: { revisionsSchema: 'meta', server: { tableSchemas: ['atlas_schema_revisions', 'meta'] } },
    differences: [
      'note: the revisions table is in schema atlas_schema_revisions of FROM, in meta of TO',
      'note: TO has a revisions table in atlas_schema_revisions too; the operator looks in meta only',
    ],
  },
  {
    name: 'migrations that run',
    from: { table: { locked: true } },
    to: { table: { locked: true } },
    differences: [
      'migration-in-progress: a migration runs in FROM',
      'migration-in-progress: a migration runs in TO',
    ],
  },
  {
    name: 'one database',
    to: { table: { identity: { system: '7', database: '1', identifier: null } } },
    differences: [
      'note: FROM and TO are one database, or one is a physical copy of the other: system identifier and oid are the same',
    ],
  },
  {
    name: 'an older server with another collation, whose rules have changed',
    to: { server: { version: '15.2', collation: icu } },
    differences: [
      'note: FROM is PostgreSQL 16.4, TO is PostgreSQL 15.2',
      'note: texts are ordered by C (libc) in FROM, by en (icu) in TO; versions of digits only are ordered alike',
      'note: the collation of TO was version 153.1 when it was made, the server has 153.2: indexes on texts may be wrong',
    ],
  },
  {
    name: 'a newer server',
    to: {
      server: {
        version: '18.0',
        collation: { provider: 'libc', name: 'C', version: '2', actualVersion: '2' },
      },
    },
    differences: ['note: FROM is PostgreSQL 16.4, TO is PostgreSQL 18.0'],
  },
  {
    name: 'the identifier row is lost',
    from: { table: { identity: { system: '7', database: '1', identifier: 'a' } } },
    differences: ['note: TO lacks the identifier row of Atlas Cloud that FROM has'],
  },
  {
    name: 'the identifier row is new',
    to: { table: { identity: { system: '7', database: '2', identifier: 'a' } } },
    differences: ['note: TO has an identifier row of Atlas Cloud, FROM has none'],
  },
  {
    name: 'the identifier rows differ',
    from: { table: { identity: { system: '7', database: '1', identifier: 'a' } } },
    to: { table: { identity: { system: '7', database: '2', identifier: 'b' } } },
    differences: [
      'note: the identifier rows of Atlas Cloud differ: it takes TO for another database',
    ],
  },
  {
    name: 'rows that another tool wrote tell of no schema and no server',
    from: {
      exportedAt: null,
      revisionsSchema: null,
      server: null,
      table: { identity: { system: '', database: '', identifier: null } },
    },
    to: { boundSchema: 'app', revisionsSchema: 'app', server: { tableSchemas: ['app'] } },
    differences: [],
  },
  {
    name: 'rows of another tool as the other side',
    to: { exportedAt: null, revisionsSchema: null, server: null },
    differences: [],
  },
]

for (const { name, from = {}, to = {}, differences } of cases)
  void t.test(name, async t => {
    const found = compareTables(exported('1', from), exported('2', to))
    t.strictSame(
      found.differences.map(({ weight, rule, found }) =>
        weight === 'note' ? `note: ${found}` : `${rule}: ${found}`,
      ),
      differences,
    )
    const isSafe = differences.every(text => text.startsWith('note: '))
    t.equal(found.verdict, isSafe ? 'safe' : 'unsafe')
  })

void t.test('what servers say only refutes that it is one database', async t => {
  const side = (system: string, database: string) =>
    exported('1', { table: { identity: { system, database, identifier: 'same' } } })
  const known: readonly [from: [string, string], to: [string, string], same: boolean | null][] = [
    [['7', '1'], ['7', '1'], null],
    [['7', '1'], ['7', '2'], false],
    [['7', '1'], ['8', '1'], false],
    [['', '1'], ['7', '1'], null],
    [['7', '1'], ['', '1'], null],
  ]
  for (const [from, to, same] of known)
    t.equal(compareTables(side(...from), side(...to)).sameDatabase, same)
})

void t.test('only the proof makes it one, and only two servers make a copy', async t => {
  const identity = { system: '7', database: '1', identifier: null }
  const alike = [
    exported('1', { table: { identity } }),
    exported('2', { table: { identity } }),
  ] as const
  const said = (proof: Sameness) => {
    const { sameDatabase, differences } = compareTables(...alike, { proof })
    return [sameDatabase, ...differences.map(({ found }) => found)]
  }
  t.match(said('same'), [true, 'FROM and TO are the same running database'])
  t.match(said('different'), [false, /^TO is a physical copy of FROM, or FROM one of TO: .* two$/])
  for (const proof of ['alike', 'unknown'] as const)
    t.match(said(proof), [null, /^FROM and TO are one database, or one is a physical copy/])
})

void t.test('every version is listed with both rows, in bytewise order', async t => {
  const from = exported('1', { table: { revisions: [row('2a'), row('10')] } })
  const to = exported('2', { table: { revisions: [row('2B'), row('10', { type: 6 })] } })
  t.strictSame(compareTables(from, to).rows, [
    { version: '10', from: row('10'), to: row('10', { type: 6 }), columns: ['type'] },
    { version: '2B', from: null, to: row('2B'), columns: [] },
    { version: '2a', from: row('2a'), to: null, columns: [] },
  ])
})

void t.test('tables without a common version are those of two applications', async t => {
  const [from, to] = [
    [row('1'), row('2')],
    [row('7'), row('8')],
  ].map((revisions, i) => exported(String(i), { table: { revisions } }))
  const { verdict, differences } = compareTables(from!, to!)
  t.equal(verdict, 'unsafe')
  t.match(differences, [
    { rule: 'revision-table-incomplete', remedy: /do not copy a table over that one/ },
  ])
  t.equal(differences.filter(({ weight }) => weight === 'blocks').length, 1)
})

void t.test('a baseline stands for what ran in FROM up to it', async t => {
  const rows = [row('1'), row('2'), row('3')]
  const compared = (from: readonly Revision[], to: readonly Revision[]) =>
    compareTables(
      exported('1', { table: { revisions: from } }),
      exported('2', { table: { revisions: to } }),
    )
  const baseline = row('2', { type: 1, hash: '', applied: 0, total: 0 })
  t.match(compared(rows, [baseline, row('3')]), {
    verdict: 'safe',
    differences: [{ weight: 'note', found: /^TO begins with the baseline 2, .* 1 and 2 of FROM$/ }],
  })
  t.equal(compared(rows, [baseline]).verdict, 'unsafe', '3 would run again')
  t.equal(compared([row('1'), row('3')], [baseline, row('3')]).verdict, 'unsafe', '2 never ran')
  const half = [row('1', { total: 2 }), row('2'), row('3')]
  t.equal(compared(half, [baseline, row('3')]).verdict, 'unsafe', '1 ran half in FROM')
})
