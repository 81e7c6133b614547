import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ConsolidateAdapters } from '../../../src/cli/consolidate/consolidate.js'
import { openKubernetes } from '../../../src/kubernetes/kubernetes-cluster.js'
import type { ReplayOptions, ReplayOutcome } from '../../../src/database/embedded/replay.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import type { Sameness, TableFacts } from '../../../src/policy/facts/facts.js'
import { FakeApiServer } from '../../kubernetes/fake-api-server.js'
import { fakeReader, filesOf, readTable, rowsOf, urlOf, withSum } from '../../review/fakes.js'
import { below, type ConsolidationInput, runConsolidation } from './consolidate-run.js'
import { makeFolder } from '../program.js'

const schema = filesOf('1', '3')
const seed = filesOf('4')

const tables = (...names: readonly string[]): Readonly<Record<string, TableFacts>> =>
  Object.fromEntries(
    names.map((name, index) => {
      const identity = { ...readTable.identity, database: `${index}` }
      return [name, { ...readTable, identity, revisions: [...rowsOf(schema), ...rowsOf(seed)] }]
    }),
  )

function configMap(name: string, data: object, namespace = 'shop') {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

function migration(name: string, spec: object, namespace = 'shop') {
  const metadata = { name, namespace }
  return { apiVersion: 'db.atlasgo.io/v1alpha1', kind: 'AtlasMigration', metadata, spec }
}

const from = (name: string) => ({ dir: { configMapRef: { name } } })
const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

/** A folder of manifests: the two ConfigMaps, and these AtlasMigrations. */
function clusterOf(...objects: readonly object[]): Readonly<Record<string, string>> {
  const all = [configMap('schema', schema), configMap('seed', seed), ...objects]
  return Object.fromEntries(
    all.map((object, index) => [`cluster/${index}.yaml`, JSON.stringify(object)]),
  )
}

const both = ['configmap:shop/schema', 'configmap:shop/seed', '--manifests', '@/cluster']
const written = ['--configmap', 'shop/merged', '--output', '@/merged']

void t.test(
  'the AtlasMigration with the most files survives, or the one that is named',
  async t => {
    const files = clusterOf(
      migration('a-seed', { ...from('seed'), url: urlOf('shop') }),
      migration('schema', { ...from('schema'), url: urlOf('shop'), ...allowed }),
    )
    const input = { files, tables: tables('shop') }
    const { folder, stdout } = await runConsolidation(t, { ...input, argv: [...both, ...written] })
    t.match(stdout, 'Freeze: set spec.protectedFlows.migrateDown.allow to false on shop/schema.')
    t.match(stdout, 'Remove AtlasMigration shop/a-seed; that leaves the database alone.')
    t.match(stdout, '6. Then, and only then, allow migrate down again where it was allowed.')
    t.match(
      readFileSync(join(folder, 'merged/atlasmigration-schema.yaml'), 'utf8'),
      /"?allow"?: false/,
    )
    const kept = await runConsolidation(t, {
      ...input,
      argv: [...both, ...written, '--keep', 'shop/a-seed'],
    })
    t.match(kept.stdout, 'Remove AtlasMigration shop/schema; that leaves the database alone.')
    t.strictSame(readdirSync(join(kept.folder, 'merged')), [
      'atlasmigration-a-seed.yaml',
      'configmap.yaml',
      'kustomization.yaml',
    ])
  },
)

void t.test('an object that names both of its directories gets one', async t => {
  const files = clusterOf(
    migration('both', {
      dir: { local: seed, configMapRef: { name: 'schema' } },
      url: urlOf('shop'),
    }),
  )
  const argv = ['migration:shop/both', ...both.slice(2), ...written]
  const { folder, code, stdout } = await runConsolidation(t, {
    files,
    argv,
    tables: tables('shop'),
  })
  t.equal(code, 0)
  t.match(stdout, '  AtlasMigration shop/both: 1 file\n  ConfigMap shop/schema: 2 files\n')
  t.match(stdout, 'After that, remove ConfigMap shop/schema; never empty one')
  t.notMatch(readFileSync(join(folder, 'merged/atlasmigration-both.yaml'), 'utf8'), 'local')
})

void t.test('an object that is being deleted, and one with other files, do not matter', async t => {
  const leaving = migration('leaving', { ...from('schema'), url: urlOf('shop') })
  const files = clusterOf(
    { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    migration('other', { ...from('others'), url: urlOf('shop') }),
    migration('away', { ...from('schema'), url: urlOf('shop') }, 'elsewhere'),
    migration('schema', { ...from('schema'), url: urlOf('shop') }),
  )
  const { stdout } = await runConsolidation(t, {
    files,
    argv: [...both, ...written],
    tables: tables('shop'),
  })
  t.match(stdout, '  shop/schema (db:5432/shop): 3 rows, used by shop/schema\n')
})

void t.test('an object of another namespace needs a ConfigMap there', async t => {
  const files = {
    ...below('seed', seed),
    ...below('schema', schema),
    ...clusterOf(
      migration('one', { ...from('schema'), url: urlOf('one') }),
      migration('two', { ...from('schema'), url: urlOf('two') }, 'other'),
    ),
  }
  const argv = ['schema=@/schema', 'seed=@/seed', '--manifests', '@/cluster', ...written]
  const { folder, stdout } = await runConsolidation(t, {
    files,
    argv,
    tables: tables('one', 'two'),
  })
  t.match(
    stdout,
    'AtlasMigration other/two reads ConfigMaps of its own namespace: run this again with --configmap other/merged, and apply that too.',
  )
  t.strictSame(readdirSync(join(folder, 'merged')), [
    'atlasmigration-one.yaml',
    'configmap.yaml',
    'kustomization.yaml',
  ])
  t.match(
    readFileSync(join(folder, 'merged/configmap.yaml'), 'utf8'),
    'consolidates: schema,seed\n',
  )
})

void t.test('without a ConfigMap the files are written, and the rest is said', async t => {
  const files = clusterOf(migration('schema', { ...from('schema'), url: urlOf('shop') }))
  const argv = [...both, '--output', '@/merged']
  const { folder, stdout } = await runConsolidation(t, { files, argv, tables: tables('shop') })
  t.match(stdout, 'Commit @/merged in place of the directories, and make one ConfigMap of it.')
  t.match(
    stdout,
    'Point AtlasMigration shop/schema to it (spec.dir.configMapRef.name); keep its name',
  )
  t.strictSame(readdirSync(join(folder, 'merged')), ['1_x.sql', '3_x.sql', '4_x.sql', 'atlas.sum'])
})

void t.test('a manifest that cannot be edited safely is left to a person', async t => {
  const yaml = `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: schema, namespace: shop}
spec:
  url: ${urlOf('shop')}
  cloud: &d {configMapRef: {name: schema}}
  dir: *d
`
  const files = { ...clusterOf(), 'cluster/schema.yaml': yaml }
  const { stdout } = await runConsolidation(t, {
    files,
    argv: [...both, ...written],
    tables: tables('shop'),
  })
  t.match(
    stdout,
    `Point AtlasMigration shop/schema to it, in Git or by: kubectl patch atlasmigration schema -n shop --type merge -p '{"spec":{"dir":{"configMapRef":{"name":"merged"},"local":null}}}'`,
  )
})

void t.test('objects are one table by their own address, whatever stands for it', async t => {
  const rows = rowsOf(schema).map(row => ({
    version: row.version, description: row.description, type: 2, applied: 1, total: 1,
    executed_at: row.executedAt, execution_time: 1, error: '', error_stmt: '', hash: row.hash,
    partial_hashes: null, operator_version: '',
  })) // prettier-ignore
  const files = {
    ...clusterOf(
      migration('schema', { ...from('schema'), url: urlOf('shop') }),
      migration('seed', { ...from('seed'), url: urlOf('shop') }),
      migration('own', { ...from('seed'), url: urlOf('shop'), revisionsSchema: 'own' }),
    ),
    'rows.json': JSON.stringify(rows),
  }
  for (const known of ['schema', 'seed']) {
    const argv = [...both, '--rows', `${known}=@/rows.json`, '--offline', ...written]
    const { code, stdout } = await runConsolidation(t, { files, argv })
    t.equal(code, 0)
    t.match(
      stdout,
      `Databases:
  shop/own (db:5432/shop, schema own): not read, so nothing is proven for it, used by shop/own
  shop/schema (db:5432/shop): 2 rows, used by shop/schema and shop/seed
`,
    )
  }
})

void t.test('rows in another schema are a remark', async t => {
  const environment = { SHOP: urlOf('shop'), AGAIN: urlOf('shop', 'other-name') }
  const { code, stdout } = await runConsolidation(t, {
    files: below('schema', schema),
    argv: [
      '@/schema',
      '--url',
      'shop=env:SHOP',
      '--url',
      'ns/again=env:AGAIN',
      '--revisions-schema',
      'own',
      '--dry-run',
    ],
    environment,
    tables: { shop: { ...readTable, revisions: null, elsewhere: ['public'] } },
  })
  t.equal(code, 0)
  t.match(
    stdout,
    '  shop (db:5432/shop, schema own): no revisions table yet, the same as ns/again\n',
  )
  t.match(stdout, '  shop: the operator will run 1_x.sql and 3_x.sql, then be Ready\n')
  t.match(
    stdout,
    'Note: shop: no rows where the operator looks, but in schema public, where it does not',
  )
})

void t.test('a baseline leaves nothing to run', async t => {
  const files = clusterOf(
    migration('schema', {
      ...from('schema'),
      url: urlOf('shop'),
      baseline: '3',
      execOrder: 'linear',
    }),
  )
  const { stdout } = await runConsolidation(t, {
    files,
    argv: ['configmap:shop/schema', ...both.slice(2), ...written],
    tables: {
      shop: { ...readTable, revisions: null, notClean: 'found table "x" in schema "public"' },
    },
  })
  t.match(stdout, '  shop/schema: the operator will run nothing, then be Ready\n')
})

async function fakeServer(t: Test) {
  const server = new FakeApiServer()
  await server.listen()
  t.teardown(() => server.close())
  server.putCore('configmaps', configMap('schema', schema))
  server.putCore('configmaps', configMap('seed', seed))
  server.put(migration('schema', { ...from('schema'), url: urlOf('shop') }))
  server.put(migration('seed', { ...from('seed'), url: urlOf('shop') }))
  server.put(migration('broken', { dir: 1 }))
  const kubeconfig = join(makeFolder(t, { config: server.kubeconfig() }), 'config')
  const adapters: Partial<ConsolidateAdapters> = {
    async openKubernetes(options) {
      const cluster = await openKubernetes(options)
      return { ...cluster, problems: () => cluster.unreadable() }
    },
  }
  return {
    server,
    adapters,
    argv: [...both.slice(0, 2), '--kubernetes', '--kubeconfig', kubeconfig],
  }
}

void t.test('objects of an API server are pointed by a patch', async t => {
  const { adapters, argv } = await fakeServer(t)
  const { folder, code, stdout, stages } = await runConsolidation(t, {
    argv: [...argv, ...written],
    adapters,
    tables: tables('shop'),
  })
  t.equal(code, 0)
  t.equal(stages[0], 'reading the cluster')
  t.match(stdout, /Note: an AtlasMigration that cannot be read is left out: .*broken/)
  t.match(stdout, 'kubectl patch atlasmigration schema -n shop --type merge')
  t.strictSame(readdirSync(join(folder, 'merged')), ['configmap.yaml', 'kustomization.yaml'])
})

void t.test('a ConfigMap that may not be read ends it', async t => {
  const { adapters } = await fakeServer(t)
  const argv = ['configmap:shop/schema', '--kubernetes', '--kubeconfig', '@/none', ...written]
  const { error } = await runConsolidation(t, { argv, adapters })
  t.match(error?.message, /kubeconfig/)
})

/** What was asked of a replay that is none. */
function fakeReplay(outcome: ReplayOutcome) {
  const asked: ReplayOptions[] = []
  let stopped = 0
  const adapters: Partial<ConsolidateAdapters> = {
    startPostgres: async () => ({
      port: 1,
      url: database => `postgres://scratch/${database}`,
      stop: async () => void stopped++,
    }),
    async replay(options) {
      asked.push(options)
      options.onFile(0)
      return outcome
    },
  }
  return { adapters, asked, stopped: () => stopped }
}

void t.test('a replay that fails keeps the directory from being written', async t => {
  const { adapters, asked, stopped } = fakeReplay({
    kind: 'failed',
    file: '3_x.sql',
    line: 7,
    statement: 2,
    message: 'relation "users" does not exist',
    text: `INSERT INTO users\nVALUES (${'1'.repeat(200)})`,
  })
  const { folder, code, stdout } = await runConsolidation(t, {
    files: below('schema', schema),
    argv: ['@/schema', '--offline', '--output', '@/merged', '--replay'],
    adapters,
  })
  t.equal(code, 1)
  t.match(
    stdout,
    'Replay failed: 3_x.sql, line 7, statement 2: relation "users" does not exist\n  INSERT INTO users VALUES (111',
  )
  t.match(stdout, 'A new database would stop there; fix: ')
  t.notOk(existsSync(join(folder, 'merged')))
  t.equal(stopped(), 1)
  t.equal(asked[0]?.url.reveal(), 'postgres://scratch/postgres')
})

void t.test('a replay on a server of choice; a file that cannot be split', async t => {
  const { adapters, asked, stopped } = fakeReplay({
    kind: 'failed', file: '3_x.sql', line: 1, statement: null, message: 'unclosed quote', text: '',
  }) // prettier-ignore
  const { code, stdout } = await runConsolidation(t, {
    files: below('schema', schema),
    argv: ['@/schema', '--url', 'shop=env:SHOP', '--dry-run', '--replay-url', 'env:SCRATCH'],
    environment: { SHOP: urlOf('shop'), SCRATCH: urlOf('scratch') },
    tables: {
      ...tables('shop'),
      shop: { ...readTable, revisions: rowsOf(schema) },
      scratch: { ...readTable, identity: { ...readTable.identity, system: '8000' } },
    },
    adapters,
  })
  t.equal(code, 1)
  t.match(stdout, 'Replay failed: 3_x.sql, line 1: unclosed quote\nA new database')
  t.equal(asked[0]?.url.reveal(), urlOf('scratch'))
  t.equal(stopped(), 0)
})

void t.test('without an identity, the address tells whether it is the same server', async t => {
  const { adapters, asked } = fakeReplay({ kind: 'done', files: 2, statements: 2 })
  const replayOn = (place: string): ConsolidationInput => ({
    files: below('schema', schema),
    argv: [
      '@/schema',
      '--url',
      'shop=env:SHOP',
      '--offline',
      '--dry-run',
      '--replay-url',
      `env:${place}`,
    ],
    environment: { SHOP: urlOf('shop'), SCRATCH: urlOf('shop', 'scratch'), NONE: 'nowhere' },
    adapters: {
      ...adapters,
      buildReader: () => ({
        readTable: async () => ({ kind: 'unread' }),
        readIdentity: async () => null,
        close: async () => {},
      }),
    },
  })
  const elsewhere = await runConsolidation(t, replayOn('SCRATCH'))
  t.equal(elsewhere.code, 0)
  await runConsolidation(t, replayOn('NONE'))
  t.equal(asked.length, 2)
  const { error } = await runConsolidation(t, replayOn('SHOP'))
  t.match(error?.message, '--replay-url: expected a scratch server, found the one of shop;')
  t.equal(asked.length, 2)
})

void t.test('a copy of a whole server counts for itself once its rows differ', async t => {
  const input = {
    files: { ...below('schema', schema), ...below('seed', seed) },
    argv: ['@/schema', '@/seed', '--url', 'a=env:A', '--url', 'b=env:B', '--dry-run'],
    environment: { A: urlOf('prod', 'one'), B: urlOf('copy', 'two') },
  }
  const complete = { ...readTable, revisions: [...rowsOf(schema), ...rowsOf(seed)] }
  const compared: (readonly string[])[] = []
  const answering = (sameness: Sameness) =>
    runConsolidation(t, {
      ...input,
      adapters: {
        buildReader: () => ({
          ...fakeReader({ prod: complete, copy: complete }),
          compareDatabases: async ({ urls }) => {
            compared.push(urls.map(url => new URL(url.reveal()).hostname))
            return sameness
          },
          close: async () => {},
        }),
      },
    })
  for (const sameness of ['alike', 'unknown'] as const) {
    const { stdout } = await answering(sameness)
    t.match(stdout, 'Databases:\n  a (one:5432/prod): 3 rows\n  b (two:5432/copy): 3 rows\n')
    t.match(
      stdout,
      'Note: one:5432/prod and two:5432/copy answer as one database with the same rows, which could not be proven: each keeps its AtlasMigration (a and b); if they are one, delete all but one of these, which leaves the database alone',
    )
  }
  const different = await answering('different')
  t.match(
    different.stdout,
    'Databases:\n  a (one:5432/prod): 3 rows\n  b (two:5432/copy): 3 rows\n',
  )
  t.notMatch(different.stdout, 'could not be proven')
  const proven = await answering('same')
  t.match(proven.stdout, 'Databases:\n  a (one:5432/prod): 3 rows, the same as b\n')
  t.notMatch(proven.stdout, 'could not be proven')
  t.strictSame(compared.at(-1), ['one', 'two'])
  t.equal(compared.length, 4, 'each time one question')
  const behind = { ...readTable, revisions: rowsOf(schema) }
  const { stdout } = await runConsolidation(t, {
    ...input,
    tables: { prod: complete, copy: behind },
  })
  t.match(stdout, 'Databases:\n  a (one:5432/prod): 3 rows\n  b (two:5432/copy): 2 rows\n')
  t.match(stdout, '  b: the operator will run 4_x.sql, then be Ready\n')
  t.notMatch(stdout, 'could not be proven')
})

void t.test(
  'of ConfigMaps with one name, only that of its namespace counts for an object',
  async t => {
    const files = clusterOf(
      configMap('schema', filesOf('1'), 'other'),
      migration('a', { ...from('schema'), url: urlOf('shop') }, 'other'),
      migration('z', { ...from('schema'), url: urlOf('shop') }),
    )
    const { stdout } = await runConsolidation(t, {
      files,
      argv: ['configmap:other/schema', ...both, '--dry-run'],
      tables: tables('shop'),
    })
    t.match(stdout, 'Databases:\n  shop/z (db:5432/shop): 3 rows, used by other/a and shop/z\n')
  },
)

void t.test('what is too large for client-side apply is applied server-side', async t => {
  const large = (size: number) => withSum({ '1_x.sql': `-- ${'<'.repeat(size)}\n` })
  for (const [size, command] of [
    [1000, 'kubectl apply -k'],
    [50_000, 'kubectl apply --server-side -k'],
  ] as const) {
    const { stdout } = await runConsolidation(t, {
      files: below('schema', large(size)),
      argv: ['@/schema', '--offline', '--configmap', 'shop/merged', '--output', '@/merged'],
    })
    t.match(stdout, `apply it: ${command} @/merged`)
  }
})

void t.test(
  'a ConfigMap that is replaced by itself leaves its AtlasMigration as it is',
  async t => {
    const files = clusterOf(migration('schema', { ...from('schema'), url: urlOf('shop') }), {
      ...configMap('binary', {}),
      binaryData: { '9.sql': 'AA==' },
    })
    const argv = [...both, 'configmap:shop/binary', '--configmap', 'shop/schema', '--dry-run']
    const empty = await runConsolidation(t, { files, argv, tables: tables('shop') })
    t.match(empty.stdout, '[source-empty] ConfigMap shop/binary has no migration file')
    const { stdout } = await runConsolidation(t, {
      files,
      argv: [...both, '--configmap', 'shop/schema', '--dry-run'],
      tables: tables('shop'),
    })
    t.match(stdout, /\n {2}\+ atlasmigration-schema\.yaml \(\d+ lines?\)\n {2}\+ configmap/)
    t.match(stdout, 'After that, remove ConfigMap shop/seed;')
  },
)

void t.test(
  'what a manifest holds beside ConfigMaps is passed over, and binaryData is named',
  async t => {
    const objects = [
      migration('schema', { ...from('schema'), url: urlOf('shop') }),
      { ...configMap('schema', schema), binaryData: { '9.sql': 'AA==' } },
      configMap('settings', { a: 'b' }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'none', namespace: 'shop' } },
    ]
    const { code, stdout } = await runConsolidation(t, {
      files: { 'all.yaml': objects.map(object => JSON.stringify(object)).join('\n---\n') },
      argv: ['@/all.yaml', '--offline', '--dry-run'],
    })
    t.equal(code, 0)
    t.match(stdout, 'Directories:\n  ConfigMap shop/schema: 2 files\nDatabases:')
    t.match(stdout, 'Note: ConfigMap shop/schema: 9.sql is left out: the operator does not read it')
  },
)

void t.test('a manifest that is gone meanwhile is edited by hand', async t => {
  const files = clusterOf(migration('schema', { ...from('schema'), url: urlOf('shop') }))
  const readManifests = async () => ({ objects: [], problems: [], skippedKinds: [] })
  const { stdout } = await runConsolidation(t, {
    files,
    argv: [...both, ...written],
    tables: tables('shop'),
    adapters: { readManifests },
  })
  t.match(stdout, 'kubectl patch atlasmigration schema -n shop')
})

void t.test('what an API server does not give out is said', async t => {
  const { adapters, argv, server } = await fakeServer(t)
  server.fail('get', 403)
  const forbidden = await runConsolidation(t, { argv: [...argv, ...written], adapters })
  t.match(forbidden.error?.message, /^ConfigMap shop\/schema cannot be read: /)
  server.put(
    migration('schema', {
      ...from('schema'),
      urlFrom: { secretKeyRef: { name: 'db', key: 'url' } },
    }),
  )
  const { error } = await runConsolidation(t, {
    argv: [...argv, ...written],
    adapters: {
      async openKubernetes(options) {
        const cluster = await (adapters.openKubernetes as ConsolidateAdapters['openKubernetes'])(
          options,
        )
        return {
          ...cluster,
          readSecret: () => Promise.reject(new ClusterError('no right to read Secrets')),
        }
      },
    },
    tables: tables('shop'),
  })
  t.match(
    error?.message,
    /\n {2}shop\/schema: Secret db \(spec\.urlFrom\.secretKeyRef\) cannot be read: no right to read Secrets$/,
  )
})

void t.test('sources that are AtlasMigrations: the one with the most files survives', async t => {
  const files = clusterOf(
    migration('a-seed', { ...from('seed'), url: urlOf('shop') }),
    migration('schema', { ...from('schema'), url: urlOf('shop') }),
  )
  const sources = ['migration:shop/a-seed', 'migration:shop/schema', '--manifests', '@/cluster']
  const argv = [...sources, ...written]
  const { code, stdout } = await runConsolidation(t, { files, tables: tables('shop'), argv })
  t.equal(code, 0)
  t.match(stdout, 'Remove AtlasMigration shop/a-seed; that leaves the database alone.')
})

void t.test('one password that is right is enough for a table of two', async t => {
  const url = urlOf('shop')
  const wrong = { ...from('seed'), url: url.replace('hunter2', 'wrong') }
  const files = clusterOf(
    migration('a-seed', wrong),
    migration('schema', { ...from('schema'), url }),
  )
  const known = tables('shop')['shop'] as TableFacts
  const adapters: Partial<ConsolidateAdapters> = {
    buildReader: () => ({
      readTable: async query =>
        query.url.reveal() === url
          ? known
          : { kind: 'failed', failure: 'authentication', message: 'wrong password' },
      readIdentity: async () => null,
      close: async () => {},
    }),
  }
  const { code, stdout } = await runConsolidation(t, {
    files,
    argv: [...both, ...written],
    adapters,
  })
  t.equal(code, 0)
  t.match(stdout, 'used by shop/a-seed and shop/schema')
})
