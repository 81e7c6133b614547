import t from 'tap'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { proposalLines } from '../../../src/policy/consolidation/consolidation-proposal.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import { proposeConsolidations } from '../../../src/review/audit/consolidation-proposals.js'
import { ServerTurns } from '../../../src/review/limits/server-turns.js'
import { findTableGroups } from '../../../src/review/audit/table-groups.js'
import {
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  readTable,
  rowsOf,
  urlOf,
  withSum,
} from '../fakes.js'

const schema = filesOf('1', '3')
const seed = filesOf('2', '4')
const table = (...directories: readonly Readonly<Record<string, string>>[]): TableFacts => ({
  ...readTable,
  revisions: directories.flatMap(rowsOf).toSorted((a, b) => (a.version < b.version ? -1 : 1)),
})

const use = (
  name: string,
  database: string,
  { dir = name, ...spec }: { readonly dir?: string } & Omit<AtlasMigration['spec'], 'dir'> = {},
) => migration(name, { url: urlOf(database), dir: { configMapRef: { name: dir } }, ...spec })

interface Given {
  readonly directories: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly migrations: readonly AtlasMigration[]
  readonly tables: Readonly<Record<string, TableFacts>>
  readonly isSuspect?: boolean
}

/** Every proposal as a person reads it, under the tables that it is about. */
async function proposals({ directories, migrations, tables, isSuspect = true }: Given) {
  const configMaps = Object.fromEntries(
    Object.entries(directories).map(([name, data]) => [name, configMap(name, data)]),
  )
  const sources = {
    cluster: fakeCluster({ configMaps, migrations }),
    reader: fakeReader(tables),
    turns: new ServerTurns({ total: 4, perServer: 2 }),
    limitMs: 5000,
    signal: new AbortController().signal,
  }
  const { groups } = await findTableGroups(sources)
  const found = await proposeConsolidations(groups, sources, { isSuspect: () => isSuspect })
  return found.map(({ groups, sources, proposal }) => ({
    tables: groups.map(([{ target }]) => target.database),
    lines: proposalLines(proposal, { sources, options: '--kubernetes' }),
  }))
}

const directories = { schema, seed }
const both = [use('schema', 'shop'), use('seed', 'shop')]
const possible =
  'can be consolidated as it stands: atlas-admission consolidate configmap:shop/schema configmap:shop/seed --kubernetes --configmap NAME --output DIR'

void t.test('two directories that ran on one table can become one', async t => {
  const tables = { shop: table(schema, seed) }
  t.strictSame(await proposals({ directories, migrations: both, tables }), [
    { tables: ['shop'], lines: [possible] },
  ])
})

void t.test('what is worth knowing of it comes along', async t => {
  const rows = [...rowsOf(schema), ...rowsOf(seed).map(row => ({ ...row, executedAt: '2025' }))]
  const revisions = rows.toSorted((a, b) => (a.version < b.version ? -1 : 1))
  const tables = { shop: { ...readTable, revisions } }
  const [found] = await proposals({ directories, migrations: both, tables })
  t.match(found?.lines, [possible, /^note: no database has run these files in this order/])
})

void t.test('what is really new then runs, and that is said', async t => {
  const tables = { shop: table(schema, filesOf('2')) }
  t.match(await proposals({ directories, migrations: both, tables }), [
    {
      lines: [
        possible,
        'the first reconcile then runs on db:5432/shop, schema atlas_schema_revisions: 4_x.sql',
      ],
    },
  ])
})

void t.test('what stands in the way is said, all of it, with the way out', async t => {
  const tables = { shop: table(schema) }
  const [found] = await proposals({ directories, migrations: both, tables })
  t.match(found?.lines, [/^cannot be consolidated as it stands: .*2_x\.sql.*; fix: /])
})

void t.test('two services that number alike are named, though every row has its file', async t => {
  const other = withSum({ '1_x.sql': 'SELECT 10;\n', '3_x.sql': 'SELECT 30;\n' })
  const tables = { shop: table(schema) }
  const [found] = await proposals({
    directories: { schema, seed: other },
    migrations: both,
    tables,
  })
  t.strictSame(found?.tables, ['shop'])
  t.strictSame(
    found?.lines.at(-1),
    'can be consolidated with new versions for the files that never ran: atlas-admission consolidate configmap:shop/schema configmap:shop/seed --rename-pending --kubernetes --configmap NAME --output DIR',
  )
})

void t.test('a database that only uses one of the directories has a say too', async t => {
  const migrations = [...both, use('staging', 'staging', { dir: 'schema' })]
  const tables = { shop: table(schema, seed), staging: table(schema) }
  const [found] = await proposals({ directories, migrations, tables })
  t.strictSame(found?.tables, ['shop'])
  t.match(found?.lines, [/^cannot be consolidated as it stands: .*db:5432\/staging/])
})

void t.test(
  'the same files twice, or one user whose rows all have a file: nothing to say',
  async t => {
    const migrations = [use('a', 'shop', { dir: 'schema' }), use('b', 'shop', { dir: 'schema' })]
    const tables = { shop: table(schema), other: table(seed) }
    t.strictSame(
      await proposals({ directories, migrations: [...migrations, use('seed', 'other')], tables }),
      [],
    )
  },
)

void t.test('rows of a directory that another AtlasMigration has are traced to it', async t => {
  // As after a move: the object of the seed still points to the old database, which has all rows too.
  const migrations = [use('schema', 'new'), use('seed', 'old')]
  const rows = table(schema, seed)
  t.match(await proposals({ directories, migrations, tables: { new: rows, old: rows } }), [
    { tables: ['new', 'old'], lines: [possible] },
  ])
})

void t.test('rows of a directory that nobody has lead to no proposal', async t => {
  const migrations = [use('schema', 'shop'), use('remote', 'other')]
  const tables = { shop: table(schema, seed), other: table() }
  t.strictSame(await proposals({ directories: { schema }, migrations, tables }), [])
})

void t.test('one user that nothing points to is not even read', async t => {
  const migrations = [use('schema', 'new'), use('seed', 'old')]
  const rows = table(schema, seed)
  const tables = { new: rows, old: rows }
  t.strictSame(await proposals({ directories, migrations, tables, isSuspect: false }), [])
})

type Unknown = [name: string, given: Partial<Given>, reason: string]

const where = 'db:5432/shop, schema atlas_schema_revisions'

const unknown: readonly Unknown[] = [
  ['a database that was not asked', { tables: {} }, `${where}: no database was asked`],
  [
    'a database that fails',
    { tables: { shop: { kind: 'failed', failure: 'tls', message: 'no TLS' } } },
    `${where}: no TLS`,
  ],
  [
    'an ambiguous table',
    { tables: { shop: { ...readTable, ambiguous: true } } },
    `${where}: the revisions table is ambiguous, there is one in two schemas`,
  ],
  [
    'a directory that is not there',
    { directories: { schema }, tables: { shop: table(schema) } },
    'shop/seed: ConfigMap seed is not there',
  ],
]

for (const [name, given, reason] of unknown)
  void t.test(`${name}: it is not guessed`, async t => {
    const found = await proposals({ directories, migrations: both, tables: {}, ...given })
    t.strictSame(found, [
      { tables: ['shop'], lines: [`cannot tell whether it can be consolidated: ${reason}`] },
    ])
  })

void t.test('inline files are named by their AtlasMigration', async t => {
  const inline = migration('seed', { url: urlOf('shop'), dir: { local: seed } })
  const migrations = [use('schema', 'shop'), inline]
  const [found] = await proposals({
    directories,
    migrations,
    tables: { shop: table(schema, seed) },
  })
  t.match(found?.lines[0], 'consolidate configmap:shop/schema migration:shop/seed ')
})

void t.test('tables that directories tie in a ring are looked at together', async t => {
  const migrations = [
    ...both,
    use('schema-too', 'second', { dir: 'schema' }),
    use('seed-too', 'second', { dir: 'seed' }),
    migration('nothing', { url: urlOf('third') }),
    use('more', 'third', { dir: 'seed' }),
  ]
  const rows = table(schema, seed)
  const tables = { shop: rows, second: rows, third: rows }
  const found = await proposals({ directories, migrations, tables })
  t.strictSame(
    found.map(({ tables }) => tables),
    [['shop', 'second', 'third']],
  )
  t.match(found[0]?.lines, [
    'cannot tell whether it can be consolidated: shop/nothing: it names no directory',
  ])
})

void t.test('the options are those of the AtlasMigration with the most files', async t => {
  const large = filesOf('1', '3', '5')
  const migrations = [
    use('seed', 'shop', { execOrder: 'linear-skip' }),
    use('schema', 'shop', { baseline: '9' }),
  ]
  const found = await proposals({
    directories: { schema: large, seed },
    migrations,
    tables: { shop: table(large, seed) },
  })
  t.match(found[0]?.lines, [/^can be consolidated as it stands/])
})

void t.test('a file that is kept out of atlas.sum has no hash that a row could have', async t => {
  const ignoring = withSum({ ...seed, '5_x.sql': '-- atlas:sum ignore\nSELECT 5;\n' })
  const migrations = [use('schema', 'new'), use('seed', 'old')]
  const rows = table(schema, seed)
  const found = await proposals({
    directories: { schema, seed: ignoring },
    migrations,
    tables: { new: rows, old: rows },
  })
  t.match(found, [{ tables: ['new', 'old'] }])
})

void t.test(
  'a directory that is not there explains no row, and one without an order is linear',
  async t => {
    const { execOrder: _linear, ...spec } = use('schema', 'new').spec
    const migrations = [
      { ...use('schema', 'new'), spec },
      use('seed', 'old'),
      use('gone', 'third'),
      use('first', 'empty'),
    ]
    const rows = table(schema, seed)
    const tables = {
      new: rows,
      old: rows,
      third: table(filesOf('9')),
      empty: { ...readTable, revisions: null },
    }
    const found = await proposals({ directories, migrations, tables })
    t.match(found, [{ tables: ['new', 'old'], lines: [possible] }])
  },
)
