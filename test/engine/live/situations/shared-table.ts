import { configMap, migrate, migration } from '../live-gate.js'
import { createRevisionsTable, execute } from '../../../database/test-postgres.js'
import { withSum, type Files } from '../../../policy/facts/facts-builder.js'
import type { AtlasMigration } from '../../../../src/policy/facts/atlas-migration.js'
import { type Place, type Scene, type Row, refusal, create } from './situation.js'

// Two AtlasMigrations on one table.

const schema = withSum({
  '20250101000000_users.sql': 'create table users (id int primary key, name text not null);\n',
  '20250201000000_orders.sql': 'create table orders (id int primary key);\n',
  '20250301000000_items.sql': 'create table items (id int primary key);\n',
})

function seed(...names: readonly string[]): Files {
  const entries = names.map((name, id) => [
    `${name}.sql`,
    `insert into users values (${id}, '${name}');\n`,
  ])
  return withSum(Object.fromEntries(entries) as Files)
}

const laterSeed = seed('20250401000000_seed_users')
const earlySeed = seed('00000000000001_seed_users')

/** `pair`: the name that the two objects have in common. */
function schemaObjects(pair: string, url: string, data = schema) {
  const directory = { dir: { configMapRef: { name: `${pair}-schema` } } }
  return [
    configMap(`${pair}-schema`, data, 'b'),
    migration(`${pair}-schema`, { url, execOrder: 'linear', ...directory }, 'b'),
  ] as const
}

/** The schema ran; then the seed data comes, in a directory of its own. */
async function addSeed({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, schema)
  const name = object.spec.dir!.configMapRef!.name!
  const objects = [...schemaObjects('b', url), configMap(name, data, 'b')]
  return { objects, write: create(object) }
}

function seedMigration(url: string, spec: Partial<AtlasMigration['spec']> = {}): AtlasMigration {
  return migration('seed', { url, dir: { configMapRef: { name: 'seed' } }, ...spec }, 'b')
}

export const sharedTable: readonly Row[] = [
  [
    'b-b1-seed',
    place => addSeed(place, laterSeed),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: ['revision-table-shared', 'applied-file-missing'],
      warned: [],
    },
  ],
  [
    // The seed data ran; a newer file of the schema gets it through one more reconcile. It was broken before.
    'b-b1-schema',
    async ({ url, object }) => {
      await migrate(url, schema)
      await migrate(url, laterSeed)
      const newer = { '20250501000000_more.sql': 'create table more (id int);\n' }
      const [directory] = schemaObjects('b1', url)
      const after = configMap('b1-schema', withSum({ ...schema, ...newer }), 'b')
      const others = [configMap('seed', laterSeed, 'b'), seedMigration(url)]
      return { objects: [directory, object, ...others], write: { before: directory, after } }
    },
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: [],
      warned: ['revision-table-shared', 'applied-file-missing'],
    },
  ],
  [
    'b-b2-seed',
    place => addSeed(place, seed('20250115000000_seed_users', '20250315000000_seed_orders')),
    {
      first: 'apply',
      condition: 'first',
      denied: ['revision-table-shared', 'applied-file-missing', 'file-out-of-order'],
      warned: [],
    },
  ],
  [
    'b-b3-seed',
    place => addSeed(place, seed('20241201000000_seed_users')),
    {
      first: 'down',
      condition: 'first',
      denied: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'the seed reuses a number of the schema',
    ({ url }) => addSeed({ url, object: seedMigration(url) }, seed('20250101000000_seed_users')),
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'b-b5-seed',
    place => addSeed(place, seed('20241201000000_a', '20241202000000_b', '20241203000000_c')),
    {
      first: 'ready',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared', 'applied-file-missing', 'file-never-runs'],
      warned: [],
    },
  ],
  [
    'b-b6-seed',
    async ({ object }) => ({
      objects: [configMap('b6-seed', laterSeed, 'b')],
      write: create(object),
    }),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'b-b6-schema',
    async ({ url, object }) => {
      // The seed failed for want of a table and left an empty one of revisions.
      await createRevisionsTable(url)
      const others = [configMap('seed', laterSeed, 'b'), seedMigration(url)]
      const objects = [configMap('b6-schema', schema, 'b'), ...others]
      return { objects, write: create(object) }
    },
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared'],
      warned: [],
    },
  ],
  [
    'b-b7-schema',
    async ({ url, object }) => {
      await createRevisionsTable(url)
      const others = [configMap('seed', earlySeed, 'b'), seedMigration(url)]
      const objects = [configMap('b7-schema', schema, 'b'), ...others]
      return { objects, write: create(object) }
    },
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: ['revision-table-shared'],
      warned: [],
    },
  ],
  [
    // Nothing is written here but the same object again.
    'b-b7-seed',
    async place => {
      const scene = await addSeed(place, earlySeed)
      const objects = [...scene.objects, place.object]
      return { objects, write: { before: place.object, after: place.object } }
    },
    {
      first: 'down',
      condition: 'first',
      denied: [],
      warned: ['revision-table-shared', 'migrate-down-predicted', 'file-never-runs'],
    },
  ],
  [
    'the same database under another spelling of its host and scheme',
    ({ url }) => {
      const other = url.replace('postgres://', 'postgresql://').replace('127.0.0.1', 'localhost')
      return addSeed({ url, object: seedMigration(other) }, laterSeed)
    },
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['revision-table-shared', 'applied-file-missing'],
      warned: [],
    },
  ],
  [
    'a search_path in the URL moves the table to that schema',
    async ({ url }) => {
      await execute(url, 'create schema x')
      await migrate(url, schema, { schema: 'x' })
      const object = migration('app', { url: `${url}&search_path=x`, dir: { local: schema } })
      return { objects: [], write: create(object) }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a revisionsSchema of its own alone',
    ({ url }) =>
      addSeed(
        { url, object: seedMigration(url, { revisionsSchema: 'seed_revisions' }) },
        laterSeed,
      ),
    {
      first: 'apply',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "atlas_schema_revisions". baseline version or allow-dirty is required',
      denied: ['baseline-required'],
      // The rows elsewhere are those of the other AtlasMigration, which baseline-required names.
      warned: [],
    },
  ],
  [
    'a revisionsSchema of its own and a baseline from the first reconcile on',
    ({ url }) => {
      const own = { revisionsSchema: 'seed_revisions', baseline: '20241201000000' }
      const data = { '20241201000000_empty.sql': '', ...laterSeed }
      return addSeed({ url, object: seedMigration(url, own) }, withSum(data))
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'the same after a first reconcile without baseline, which left an empty table',
    async ({ url }) => {
      await createRevisionsTable(url, 'seed_revisions')
      const own = { revisionsSchema: 'seed_revisions', baseline: '20241201000000' }
      const data = { '20241201000000_empty.sql': '', ...laterSeed }
      return addSeed({ url, object: seedMigration(url, own) }, withSum(data))
    },
    {
      first: 'error-status',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "atlas_schema_revisions". baseline version or allow-dirty is required',
      denied: ['revision-table-empty'],
      // The rows elsewhere are those of the other AtlasMigration, which baseline-required names.
      warned: [],
    },
  ],
]
