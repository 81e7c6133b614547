import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'
import { createExampleDatabases } from '../../../src/database/embedded/example-databases.js'
import { execute, startTestPostgres, withClient } from '../../database/test-postgres.js'
import {
  configMapManifest,
  engineAnswer,
  type Files,
  judge,
  migrationManifest,
  normalize,
  secretManifest,
  writtenFiles,
} from './story.js'
import { leftovers, makeFolder, matchTranscript, runProgram, startProgram } from '../program.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)

const server = await startTestPostgres(t, { auth: 'scram' })

const schema = engineAnswer('before-schema').input.files
const seed = engineAnswer('before-seed').input.files

await createExampleDatabases(
  name => server.url(name),
  [
    { name: 'shop', directories: [buildDirectory(schema), buildDirectory(seed)] },
    { name: 'unseeded', directories: [buildDirectory(schema)] },
    { name: 'unseeded_too', directories: [buildDirectory(schema)] },
  ],
)

void t.test('the rows are those that the engine was asked about', async t => {
  for (const [database, name] of [
    ['shop', 'merged'],
    ['unseeded', 'renamed'],
  ] as const) {
    const { revisions } = engineAnswer(name).input
    const rows = JSON.parse(await exportRows(database)) as typeof revisions
    const hashes = (list: typeof revisions) => list.map(({ version, hash }) => [version, hash])
    t.strictSame(hashes(rows), hashes(revisions))
  }
})

/** Writes the output over the manifest of the objects that are pointed to the new ConfigMap. */
function applyOutput(folder: string, survivors: readonly string[]): void {
  const output = join(folder, 'merged')
  for (const name of survivors)
    cpSync(join(output, `atlasmigration-${name}.yaml`), join(folder, 'cluster', `${name}.yaml`))
  cpSync(join(output, 'configmap.yaml'), join(folder, 'cluster/merged.yaml'))
}

function removeManifests(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, 'cluster', `${name}.yaml`))
}

/** A folder of manifests: two ConfigMaps, and AtlasMigrations by name with their ConfigMap and database. */
function makeCluster(
  t: Test,
  migrations: Readonly<Record<string, readonly [configMap: string, database: string]>>,
): string {
  const folder = makeFolder(t)
  const cluster = join(folder, 'cluster')
  mkdirSync(cluster)
  const write = (name: string, text: string) => writeFileSync(join(cluster, `${name}.yaml`), text)
  write('schema', configMapManifest('shop-schema', schema))
  write('seed', configMapManifest('shop-seed', seed))
  for (const [name, [configMap, database]] of Object.entries(migrations)) {
    write(name, migrationManifest({ name, configMap, secret: `${name}-url` }))
    write(`${name}-url`, secretManifest(`${name}-url`, server.url(database)))
  }
  return folder
}

function makeSource(folder: string, name: string, files: Files): void {
  mkdirSync(join(folder, name))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
}

async function consolidate(
  t: Test,
  folder: string,
  options: {
    readonly argv: readonly string[]
    readonly environment?: Readonly<Record<string, string>>
  },
) {
  const argv = options.argv.map(text => text.replace('@', folder))
  const temporary = makeFolder(t)
  const { code, stdout, stderr } = await runProgram(t, ['consolidate', ...argv], {
    environment: { TMPDIR: temporary, ...options.environment },
  })
  t.strictSame(leftovers(temporary), [], 'leaves nothing behind')
  t.notMatch(stdout + stderr, new URL(server.url('shop')).password, 'shows no password')
  return {
    code,
    stdout: normalize(stdout, folder, server),
    stderr: normalize(stderr, folder, server),
  }
}

const bothConfigMaps = ['configmap:shop/shop-schema', 'configmap:shop/shop-seed']
const asConfigMap = ['--configmap', 'shop/shop-merged', '--output', '@/merged']

void t.test('two directories on one table become one that the operator is Ready with', async t => {
  const folder = makeCluster(t, {
    'shop-schema': ['shop-schema', 'shop'],
    'shop-seed': ['shop-seed', 'shop'],
  })
  const cluster = join(folder, 'cluster')
  const before = await judge(t, cluster)
  t.equal(engineAnswer('before-schema').expected.operatorAction, 'down')
  t.equal(engineAnswer('before-seed').expected.operatorAction, 'down')
  t.match(before['shop-schema'], ['revision-table-shared', 'migrate-down-predicted'])
  t.match(before['shop-seed'], ['revision-table-shared', 'migrate-down-predicted'])

  const argv = [
    'migration:shop/shop-schema',
    'migration:shop/shop-seed',
    '--manifests',
    '@/cluster',
  ]
  const dry = await consolidate(t, folder, { argv: [...argv, ...asConfigMap, '--dry-run'] })
  t.equal(dry.code, 0)
  matchTranscript(t, 'consolidate-dry-run', dry.stdout)
  t.strictSame(readdirSync(folder), ['cluster'], 'a dry run writes nothing')

  const { code, stdout, stderr } = await consolidate(t, folder, {
    argv: [...argv, ...asConfigMap, '--replay'],
  })
  t.equal(code, 0)
  matchTranscript(t, 'consolidate', stdout)
  const shown = stdout
    .replace('127.0.0.1:PORT', 'shop-db.shop.svc:5432')
    .replace(/^(?=.)/gm, '    ')
  t.match(readFileSync('docs/consolidation.md', 'utf8'), shown, 'the guide shows this')
  t.equal(
    stderr,
    [
      'reading the cluster',
      'reading the directories',
      'reading the databases',
      'merging',
      'starting a PostgreSQL for the replay',
      'replaying 3 files from empty',
    ]
      .map(line => `${line} ...\n`)
      .join(''),
  )
  t.strictSame(readdirSync(join(folder, 'merged')), [
    'atlasmigration-shop-schema.yaml',
    'configmap.yaml',
    'kustomization.yaml',
  ])

  const { input, expected } = engineAnswer('merged')
  t.strictSame(writtenFiles(join(folder, 'merged')), input.files)
  t.match(expected, { validateError: null, operatorAction: 'ready' })

  applyOutput(folder, ['shop-schema'])
  t.strictSame((await judge(t, cluster))['shop-schema'], [], 'also while the other object is there')
  removeManifests(folder, ['shop-seed', 'seed', 'schema'])
  t.strictSame(await judge(t, cluster), { 'shop-schema': [] })
  matchTranscript(t, 'consolidate-configmap', readFileSync(join(cluster, 'merged.yaml'), 'utf8'))
})

void t.test('a database where the seed never ran is named, with what to do', async t => {
  const folder = makeCluster(t, {
    'prod-schema': ['shop-schema', 'shop'],
    'prod-seed': ['shop-seed', 'shop'],
    staging: ['shop-schema', 'unseeded'],
  })
  const argv = [...bothConfigMaps, '--manifests', '@/cluster', ...asConfigMap, '--rename-pending']
  const { code, stdout } = await consolidate(t, folder, { argv })
  t.equal(code, 1)
  t.match(stdout, /\[late-file\] 20250201_seed_users\.sql would never run on shop\/staging,/)
  t.strictSame(readdirSync(folder), ['cluster'])
})

void t.test('a file that ran nowhere is late, and is renamed when asked', async t => {
  const folder = makeCluster(t, {
    prod: ['shop-schema', 'unseeded'],
    staging: ['shop-schema', 'unseeded_too'],
    'prod-seed': ['shop-seed', 'unseeded'],
  })
  const argv = [...bothConfigMaps, '--manifests', '@/cluster', ...asConfigMap]
  const refused = await consolidate(t, folder, { argv })
  t.equal(refused.code, 1)
  matchTranscript(t, 'consolidate-refused', refused.stdout)
  t.strictSame(readdirSync(folder), ['cluster'])

  const { code, stdout } = await consolidate(t, folder, { argv: [...argv, '--rename-pending'] })
  t.equal(code, 0)
  matchTranscript(t, 'consolidate-renamed', stdout)
  const cluster = join(folder, 'cluster')
  const { input, expected } = engineAnswer('renamed')
  t.strictSame(writtenFiles(join(folder, 'merged')), input.files)
  t.match(expected, { validateError: null, operatorAction: 'apply' })
  applyOutput(folder, ['prod', 'staging'])
  removeManifests(folder, ['prod-seed', 'seed', 'schema'])
  t.strictSame(await judge(t, cluster), { prod: [], staging: [] })
})

void t.test(
  'a moved database with half of the files gets the other half from a folder',
  async t => {
    const folder = makeCluster(t, { moved: ['shop-schema', 'shop'] })
    const cluster = join(folder, 'cluster')
    t.match((await judge(t, cluster))['moved'], ['migrate-down-predicted'])
    makeSource(folder, 'seed', seed)
    const { code, stdout } = await consolidate(t, folder, {
      argv: [
      'configmap:shop/shop-schema', '@/seed', '--manifests', '@/cluster',
      '--configmap', 'shop/shop-schema', '--output', '@/merged',
    ], // prettier-ignore
    })
    t.equal(code, 0)
    t.match(stdout, 'shop/moved: the operator will be Ready, with nothing to run')
    cpSync(join(folder, 'merged/configmap.yaml'), join(cluster, 'schema.yaml'))
    t.strictSame(await judge(t, cluster), { moved: [] })
  },
)

async function exportRows(database: string): Promise<string> {
  const query = `SELECT json_agg(r ORDER BY r.version)::text AS rows FROM atlas_schema_revisions.atlas_schema_revisions r`
  return withClient(server.url(database), async client => {
    const { rows } = await client.query<{ readonly rows: string }>(query)
    return rows[0]!.rows
  })
}

void t.test('offline, exported rows stand for the databases', async t => {
  const folder = makeFolder(t, { 'prod.json': await exportRows('shop') })
  makeSource(folder, 'schema', schema)
  makeSource(folder, 'seed', seed)
  const { code, stdout } = await consolidate(t, folder, {
    argv: ['@/schema', '@/seed', '--offline', '--rows', 'prod=@/prod.json', '--output', '@/merged'],
  })
  t.equal(code, 0)
  t.match(stdout, 'prod: the operator will be Ready, with nothing to run')
  for (const [name, text] of Object.entries(engineAnswer('merged').input.files))
    t.equal(readFileSync(join(folder, 'merged', name), 'utf8'), text)
})

void t.test('a wrong password stops everything, and is not shown', async t => {
  const folder = makeFolder(t)
  makeSource(folder, 'schema', schema)
  makeSource(folder, 'seed', seed)
  const wrong = new URL(server.url('unseeded'))
  wrong.password = 'wr0ng'
  const { code, stdout, stderr } = await consolidate(t, folder, {
    argv: [
      '@/schema',
      '@/seed',
      '--url',
      'prod=env:PROD',
      '--url',
      'old=env:OLD',
      '--output',
      '@/merged',
    ],
    environment: { PROD: server.url('shop'), OLD: wrong.href },
  })
  t.equal(code, 2)
  t.equal(stdout, '')
  t.match(
    stderr,
    `atlas-admission: nothing can be proven for a database that cannot be read; repair that, give its rows (--rows), or leave it out (--without-database NAME) (ATLAS_ADMISSION_CONSOLIDATION)
  old: the database refused the user name or password of the URL\n`,
  )
  t.notMatch(stderr, 'wr0ng')
  t.strictSame(readdirSync(folder), ['schema', 'seed'])
  const left = await consolidate(t, folder, {
    argv: [
      '@/schema',
      '@/seed',
      '--url',
      'prod=env:PROD',
      '--url',
      'old=env:OLD',
      '--without-database',
      'old',
      '--output',
      '@/merged',
    ],
    environment: { PROD: server.url('shop'), OLD: wrong.href },
  })
  t.equal(left.code, 0)
  t.match(left.stdout, /old \(127\.0\.0\.1:PORT\/unseeded\): not read, so nothing is proven for it/)
})

async function databases(): Promise<readonly string[]> {
  return withClient(server.url('postgres'), async client => {
    const { rows } = await client.query<{ readonly datname: string }>(
      'SELECT datname FROM pg_database ORDER BY 1',
    )
    return rows.map(({ datname }) => datname)
  })
}

void t.test('a replay on the server of a live database is refused', async t => {
  const folder = makeFolder(t)
  makeSource(folder, 'schema', schema)
  const { code, stderr } = await consolidate(t, folder, {
    argv: ['@/schema', '--url', 'prod=env:PROD', '--replay-url', 'env:PROD', '--dry-run'],
    environment: { PROD: server.url('unseeded') },
  })
  t.equal(code, 2)
  t.match(stderr, '--replay-url: expected a scratch server, found the one of prod;')
})

void t.test('an interrupted replay leaves no database behind', async t => {
  const folder = makeFolder(t)
  const slow = { '1_wait.sql': 'SELECT pg_sleep(600);\n' }
  const sum = printSum(computeSum(buildDirectory(slow).files))
  makeSource(folder, 'slow', { ...slow, 'atlas.sum': sum })
  const before = await databases()
  const program = startProgram(
    t,
    [
      'consolidate',
      join(folder, 'slow'),
      '--offline',
      '--replay-url',
      'env:SCRATCH',
      '--output',
      join(folder, 'merged'),
    ],
    { environment: { SCRATCH: server.url('postgres') } },
  )
  await execute(
    server.url('postgres'),
    `DO $$ BEGIN
       WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%') LOOP
         PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot();
       END LOOP;
     END $$`,
  )
  program.process.kill('SIGINT')
  t.equal(await program.end(), 130)
  t.strictSame(await databases(), before)
  t.strictSame(readdirSync(folder), ['slow'])
})
