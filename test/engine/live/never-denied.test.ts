import t from 'tap'
import type { Test } from 'tap'
import type {
  AtlasMigration,
  ConfigMap,
  Secret,
} from '../../../src/policy/facts/atlas-migration.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
} from '../../database/test-postgres.js'
import { checkpoint, withSum, type Files } from '../../policy/facts/facts-builder.js'
import {
  configMap,
  dirState,
  migrate,
  migration,
  rulesOf,
  secret,
  startLiveGate,
  type Write,
} from './live-gate.js'

// What must pass whatever else is wrong. A denial here would stop a delivery, a clean-up or a repair for nothing.

const gate = await startLiveGate(t)

interface Scene {
  readonly objects: readonly (AtlasMigration | ConfigMap | Secret)[]
  readonly write: Write
}

type Row = [
  name: string,
  build: (url: string) => Promise<Scene>,
  warned: readonly string[],
  /** What the answer admits not to have checked. */
  unchecked?: string,
]

const pair = withSum({
  '20250101000000_a.sql': 'create table a (id int);\n',
  '20250102000000_b.sql': 'create table b (id int);\n',
})
const third = { '20250103000000_c.sql': 'create table c (id int);\n' }
const all = withSum({ ...pair, ...third })
const allowDown = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

const refersTo = (name: string) => ({ dir: { configMapRef: { name } } })

function app(url: string, spec: Partial<AtlasMigration['spec']> = {}): AtlasMigration {
  return migration('app', { url, ...refersTo('app'), ...spec })
}

function withMetadata<T extends AtlasMigration | ConfigMap>(
  object: T,
  metadata: Partial<AtlasMigration['metadata']> & { readonly finalizers?: readonly string[] },
): T {
  return { ...object, metadata: { ...object.metadata, ...metadata } }
}

/** Three files ran, two are left: every write that brought this about would be denied. */
async function broken(url: string): Promise<{
  readonly object: AtlasMigration
  readonly directory: ReturnType<typeof configMap>
  readonly objects: readonly (AtlasMigration | ConfigMap)[]
}> {
  await migrate(url, all)
  const [object, directory] = [app(url), configMap('app', pair)]
  return { object, directory, objects: [object, directory] }
}

const deletionTimestamp = '2026-11-23T22:53:58Z'
const down = ['migrate-down-predicted']

const writesThatPass: readonly Row[] = [
  [
    'DELETE of an AtlasMigration in trouble',
    async url => {
      const { object, objects } = await broken(url)
      return { objects, write: { before: object, after: null } }
    },
    [],
  ],
  [
    'DELETE of a ConfigMap that is in use',
    async url => {
      await migrate(url, pair)
      const directory = configMap('app', pair)
      return { objects: [app(url), directory], write: { before: directory, after: null } }
    },
    ['configmap-not-found'],
  ],
  [
    'DELETE of a Secret that is in use',
    async url => {
      await migrate(url, pair)
      const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
      const object = migration('app', { urlFrom, ...refersTo('app') })
      const database = secret('database', { url })
      const objects = [object, configMap('app', pair), database]
      return { objects, write: { before: database, after: null } }
    },
    ['secret-not-found'],
  ],
  [
    'any change of an object with a deletionTimestamp',
    async url => {
      const { object, objects } = await broken(url)
      const before = withMetadata(object, { deletionTimestamp })
      return { objects, write: { before, after: { ...before, spec: { url, dir: {} } } } }
    },
    [],
  ],
  [
    'a ConfigMap of which the only AtlasMigration is being deleted',
    async url => {
      await migrate(url, all)
      const before = configMap('app', all)
      const objects = [withMetadata(app(url), { deletionTimestamp }), before]
      return { objects, write: { before, after: configMap('app', pair) } }
    },
    [],
  ],
  [
    'an unchanged spec with an old problem',
    async url => {
      const { object, objects } = await broken(url)
      return { objects, write: { before: object, after: object } }
    },
    down,
  ],
  ...(
    [
      ['a label', { labels: { a: 'b' } }],
      ['an annotation', { annotations: { a: 'b' } }],
      ['a finalizer', { finalizers: ['example.com/hold'] }],
    ] as const
  ).map(([what, metadata]): Row => [
    `metadata only: ${what}`,
    async url => {
      const { object, objects } = await broken(url)
      return { objects, write: { before: object, after: withMetadata(object, metadata) } }
    },
    down,
  ]),
  [
    'metadata only, of a ConfigMap',
    async url => {
      const { directory, objects } = await broken(url)
      const after = withMetadata(directory, { annotations: { a: 'b' } })
      return { objects, write: { before: directory, after } }
    },
    down,
  ],
  [
    '/status, which the operator writes at every retry',
    async url => {
      const { object, objects } = await broken(url)
      const after = { ...object, status: { lastAppliedVersion: 'forged' } }
      return { objects, write: { before: object, after, subResource: 'status' } }
    },
    [],
  ],
]

const orderOfObjects: readonly Row[] = [
  [
    'an AtlasMigration before its ConfigMap',
    async url => {
      await migrate(url, all)
      return { objects: [], write: { before: null, after: app(url) } }
    },
    ['configmap-not-found'],
  ],
  [
    'an AtlasMigration before its Secret',
    async () => {
      const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
      const after = migration('app', { urlFrom, ...refersTo('app') })
      return { objects: [configMap('app', pair)], write: { before: null, after } }
    },
    ['secret-not-found'],
  ],
  [
    'another name for the same AtlasMigration in one delivery',
    async url => {
      await migrate(url, pair)
      const after = migration('app-v2', { url, ...refersTo('app') })
      return {
        objects: [app(url), configMap('app', pair)],
        write: { before: null, after },
      }
    },
    ['revision-table-shared'],
  ],
]

const seedData = withSum({ '20250201000000_seed.sql': 'insert into a values (1);\n' })

const manyDatabases: readonly Row[] = [
  [
    'the same database with another revisionsSchema',
    async url => {
      await migrate(url, pair)
      const baselined = withSum({ '20250110000000_empty.sql': '', ...seedData })
      await migrate(url, baselined, { schema: 'seed_revisions' })
      const own = { revisionsSchema: 'seed_revisions', ...refersTo('seed') }
      const after = migration('seed', { url, ...own })
      const objects = [app(url), configMap('app', pair), configMap('seed', baselined)]
      return { objects, write: { before: null, after } }
    },
    [],
  ],
  [
    'the same database with a schema-bound URL for each tenant',
    async url => {
      await execute(url, 'create schema one', 'create schema two')
      await migrate(url, withSum({ '20250101000000_a.sql': 'create table one.a (id int);\n' }), {
        schema: 'one',
      })
      const other = withSum({ '20250601000000_z.sql': 'create table two.z (id int);\n' })
      await migrate(url, other, { schema: 'two' })
      const first = withSum({ '20250101000000_a.sql': 'create table one.a (id int);\n' })
      const objects = [
        migration('one', { url: `${url}&search_path=one`, dir: { local: first } }),
        configMap('two', other),
      ]
      const after = migration('two', { url: `${url}&search_path=two`, ...refersTo('two') })
      return { objects, write: { before: null, after } }
    },
    [],
  ],
  [
    'one ConfigMap for many databases, at different versions',
    async url => {
      const other = await gate.createDatabase()
      await migrate(url, pair)
      await migrate(other, pair)
      const objects = [app(url), migration('second', { url: other, ...refersTo('app') })]
      const before = configMap('app', pair)
      return { objects: [...objects, before], write: { before, after: configMap('app', all) } }
    },
    [],
  ],
  [
    'a restored database whose rows match, for a new AtlasMigration',
    async () => {
      const { copy } = await restored()
      return { objects: [configMap('app', pair)], write: { before: null, after: app(copy) } }
    },
    [],
  ],
  [
    'a restored database whose rows match, for the same AtlasMigration',
    async () => {
      const { original, copy } = await restored()
      const [before, after] = [app(original), app(copy)]
      const objects = [before, configMap('app', pair), await dirState('app', pair)]
      return { objects, write: { before, after } }
    },
    [],
  ],
]

/** A database and its copy with tables and revisions, as dump and restore make it. */
async function restored(): Promise<{ readonly original: string; readonly copy: string }> {
  // Of its own: only a database to which nobody is connected can be copied.
  const original = await createDatabase(gate.postgres)
  await migrate(original, pair)
  const name = new URL(original).pathname.slice(1)
  const sql = `CREATE DATABASE ${name}_copy TEMPLATE ${name} STRATEGY = FILE_COPY`
  await execute(gate.postgres.url('postgres'), sql)
  return { original, copy: gate.postgres.url(`${name}_copy`) }
}

async function writeConfigMap(url: string, before: Files, after: Files): Promise<Scene> {
  const directory = configMap('app', before)
  return {
    objects: [app(url), directory],
    write: { before: directory, after: configMap('app', after) },
  }
}

/** Rows as baseline (type 1) or `atlas migrate set` (type 4) write them: nothing was executed. */
async function setByHand(url: string, type: 1 | 4, hash: string): Promise<void> {
  await execute(url, 'create table a (id int)')
  await createRevisionsTable(url)
  const row = { version: '20250101000000', description: 'a', type, applied: 0, total: 0, hash }
  await insertRevisions(url, [row])
}

const hashOfFirst = /_a\.sql h1:(.*)/.exec(pair['atlas.sum'] ?? '')?.[1] ?? ''

const histories: readonly Row[] = [
  [
    'no dir-state while no down is predicted, down allowed',
    async url => {
      await migrate(url, pair)
      const after = app(url, allowDown)
      return { objects: [configMap('app', pair)], write: { before: null, after } }
    },
    [],
  ],
  [
    'a checkpoint with the old files kept',
    async url => {
      await migrate(url, pair)
      const data = { ...pair, ...checkpoint('20250110000000_checkpoint') }
      return writeConfigMap(url, pair, withSum(data))
    },
    [],
  ],
  [
    'a database that started from the checkpoint, the old files kept',
    async url => {
      const data = withSum({ ...pair, ...checkpoint('20250110000000_checkpoint') })
      await migrate(url, data, { versions: ['20250110000000'] })
      return { objects: [configMap('app', data)], write: { before: null, after: app(url) } }
    },
    [],
  ],
  [
    'a baseline row',
    async url => {
      await setByHand(url, 1, '')
      const after = app(url, { baseline: '20250101000000' })
      return { objects: [configMap('app', pair)], write: { before: null, after } }
    },
    [],
  ],
  [
    'a row that was set by hand',
    async url => {
      await setByHand(url, 4, hashOfFirst)
      return { objects: [configMap('app', pair)], write: { before: null, after: app(url) } }
    },
    [],
  ],
]

const downgrades: readonly Row[] = [
  [
    'an allowed rollback that the dir-state covers',
    async url => {
      await migrate(url, all)
      const before = configMap('app', all)
      const objects = [app(url, allowDown), before, await dirState('app', all)]
      return { objects, write: { before, after: configMap('app', pair) } }
    },
    ['migrate-down-intended'],
  ],
  [
    'turning allow off while all is well',
    async url => {
      await migrate(url, pair)
      const objects = [app(url, allowDown), configMap('app', pair)]
      return { objects, write: { before: app(url, allowDown), after: app(url) } }
    },
    [],
  ],
  [
    'turning allow off while a down that the dir-state covers is due',
    async url => {
      await migrate(url, all)
      const before = app(url, allowDown)
      const objects = [before, configMap('app', pair), await dirState('app', all)]
      return { objects, write: { before, after: app(url) } }
    },
    down,
  ],
  [
    'turning allow off while a down without dir-state is due',
    async url => {
      const { objects } = await broken(url)
      return { objects, write: { before: app(url, allowDown), after: app(url) } }
    },
    down,
  ],
]

const consolidated = withSum({ ...pair, ...seedData })

/** Both directories ran on one table; their union is in place. */
async function twoDirectories(url: string): Promise<readonly (AtlasMigration | ConfigMap)[]> {
  await migrate(url, pair)
  await migrate(url, seedData)
  return [
    app(url),
    migration('seed', { url, ...refersTo('seed') }),
    configMap('app', pair),
    configMap('seed', seedData),
    configMap('all', consolidated),
  ]
}

const consolidation: readonly Row[] = [
  [
    'a new AtlasMigration with the consolidated directory beside the two old ones',
    async url => {
      const after = migration('all', { url, ...refersTo('all') })
      return { objects: await twoDirectories(url), write: { before: null, after } }
    },
    ['revision-table-shared'],
  ],
  [
    'the first AtlasMigration pointed to the consolidated directory while the second is there',
    async url => {
      const after = migration('app', { url, ...refersTo('all') })
      return { objects: await twoDirectories(url), write: { before: app(url), after } }
    },
    ['revision-table-shared'],
  ],
]

const notReadable: readonly Row[] = [
  [
    'a remote directory',
    async url => {
      const cloud = { tokenFrom: { secretKeyRef: { name: 'cloud', key: 'token' } } }
      const dir = { remote: { name: 'app', tag: 'v1' } }
      const after = migration('app', { url, cloud, dir })
      return { objects: [secret('cloud', { token: 'x' })], write: { before: null, after } }
    },
    [],
    'remote directory',
  ],
  [
    'a custom config that computes the URL',
    async () => {
      const config =
        'data "external" "url" {\n  program = ["x"]\n}\nenv "prod" {\n  url = data.external.url\n}\n'
      const after = migration('app', { envName: 'prod', config, ...refersTo('app') })
      return { objects: [configMap('app', pair)], write: { before: null, after } }
    },
    [],
    'custom atlas.hcl',
  ],
]

const tables: Readonly<Record<string, readonly Row[]>> = {
  'writes that always pass': writesThatPass,
  'objects in any order': orderOfObjects,
  'one database for many, many databases for one': manyDatabases,
  'histories that only look strange': histories,
  downgrades,
  consolidation,
  'what cannot be read': notReadable,
}

for (const [title, rows] of Object.entries(tables))
  await t.test(title, async t => {
    for (const row of rows) await t.test(row[0], t => checkRow(t, row))
  })

async function checkRow(t: Test, [, build, warned, unchecked]: Row): Promise<void> {
  const { objects, write } = await build(await gate.createDatabase())
  const { answer } = await gate.judge(objects, write)
  t.equal(answer.allowed, true, 'allowed')
  t.same(rulesOf(answer, 'denied'), [], 'nothing denied')
  t.same(rulesOf(answer, 'warned').sort(), [...warned].sort(), 'warned')
  t.match(
    answer.auditAnnotations['not-checked'] ?? '',
    unchecked ?? '',
    'said what was not checked',
  )
}
