import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import { CodedError } from '../../../src/review/ports/coded-error.js'
import { filesOf, readTable, rowsOf, urlOf, withSum } from '../../review/fakes.js'
import { below, type ConsolidationInput, runConsolidation } from './consolidate-run.js'

const schema = filesOf('1', '3')
const seed = filesOf('4')
const folders = { ...below('schema', schema), ...below('seed', seed) }

function tableOf(...directories: readonly Readonly<Record<string, string>>[]): TableFacts {
  return { ...readTable, revisions: directories.flatMap(rowsOf) }
}

const both = ['@/schema', '@/seed', '--output', '@/merged']
const shop = ['--url', 'shop=env:SHOP']
const environment = { SHOP: urlOf('shop'), OTHER: urlOf('other') }

type Refused = [title: string, input: ConsolidationInput, said: readonly string[]]

const broken = { ...schema, '3_x.sql': 'SELECT 33;\n' }

const refused: readonly Refused[] = [
  [
    'a broken atlas.sum, with its line',
    { files: { ...folders, ...below('schema', broken) }, argv: [...both, '--offline'] },
    ['- [checksum] folder @/schema: atlas.sum line 3: 3_x.sql was edited; fix: put the files back'],
  ],
  [
    'a folder without files',
    {
      files: { ...folders, 'schema/atlas.sum': '' },
      argv: ['@/seed', '@/none', ...both.slice(2), '--offline'],
    },
    ['- [source-empty] folder @/none has no migration file; fix: leave it out'],
  ],
  [
    'one folder given twice, in two spellings',
    { files: folders, argv: ['@/schema', '@/seed/../schema/', ...both.slice(2), '--offline'] },
    ['- [source-given-twice] folder @/schema is given twice; fix: name each directory once'],
  ],
  [
    'rows that no directory has a file for',
    {
      files: folders,
      argv: [...both, ...shop],
      environment,
      tables: { shop: tableOf(schema, seed, filesOf('9')) },
    },
    ['- [row-without-file] no source has what ran on shop as 9 (x); fix: add the directory'],
  ],
  [
    'a file that would never run, with the option that helps',
    {
      files: { ...below('schema', schema), ...below('seed', filesOf('2')) },
      argv: [...both, ...shop],
      environment,
      tables: { shop: tableOf(schema) },
    },
    [
      '- [late-file] 2_x.sql would never run on shop, whose last row is 3; fix: rename it',
      'With --rename-pending, files that ran on no database get new versions where that helps.',
    ],
  ],
]

for (const [title, input, said] of refused)
  void t.test(`refused: ${title}`, async t => {
    const files = { ...input.files, 'none/readme.txt': '' }
    const { folder, code, error, stdout } = await runConsolidation(t, { ...input, files })
    t.equal(error, null)
    t.equal(code, 1)
    for (const text of said) t.match(stdout, text)
    t.match(stdout, 'Refused: these directories cannot become one as they are; nothing is written.')
    t.notOk(existsSync(join(folder, 'merged')))
  })

type Failed = [title: string, input: ConsolidationInput, code: string, message: string | RegExp]

const manifest = `apiVersion: v1
kind: ConfigMap
metadata: {name: shop-schema, namespace: shop}
data: ${JSON.stringify(schema)}
`

function migration(name: string, spec: object): string {
  const metadata = { name, namespace: 'shop' }
  return JSON.stringify({
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata,
    spec,
  })
}

const dir = { configMapRef: { name: 'shop-schema' } }
const cluster = (name: string, spec: object) => ({
  'cluster/schema.yaml': manifest,
  'cluster/migration.yaml': migration(name, { dir, ...spec }),
})
const fromCluster = [
  'configmap:shop/shop-schema',
  '--manifests',
  '@/cluster',
  '--output',
  '@/merged',
]

const usage = 'ATLAS_ADMISSION_USAGE'
const undecided = 'ATLAS_ADMISSION_CONSOLIDATION'
const output = 'ATLAS_ADMISSION_OUTPUT_FOLDER'

const unreadTables: Readonly<Record<string, TableFacts>> = {
  silent: { kind: 'failed', failure: 'timeout', message: 'no answer' },
  twice: { ...readTable, ambiguous: true },
  busy: { ...readTable, locked: true },
}

const unread = (title: string, spec: object, message: RegExp): Failed => [
  `nothing is known of a database: ${title}`,
  { files: cluster('app', spec), argv: fromCluster, tables: unreadTables },
  undecided,
  message,
]

const failed: readonly Failed[] = [
  [
    'no directory is named',
    { argv: ['--dry-run'] },
    usage,
    /^consolidate needs a SOURCE: a folder/,
  ],
  [
    'nothing says where to write',
    { argv: ['@/a'] },
    usage,
    'consolidate needs --output DIR to write to, or --dry-run',
  ],
  [
    'no database is known, and nobody said that none matters',
    { files: folders, argv: both },
    usage,
    'no database is known that uses these directories: name each by --url or --rows, or say --offline to go on without proof',
  ],
  [
    'of two databases without a name nobody could tell which is which',
    { files: folders, argv: [...both, '--url', 'env:SHOP', '--url', 'env:OTHER'], environment },
    usage,
    '--url, --rows: of several databases each needs a name: --url NAME=env:VAR',
  ],
  [
    'a folder does not exist',
    { argv: ['@/a', '--offline', '--dry-run'] },
    'ATLAS_ADMISSION_MIGRATION_FOLDER',
    'cannot read @/a: nothing there; expected a folder of migration files',
  ],
  [
    'a file has bytes that are no UTF-8',
    { files: { 'a/1.sql': Buffer.from([0x61, 0xff]) }, argv: ['@/a', '--offline', '--dry-run'] },
    'ATLAS_ADMISSION_MIGRATION_FOLDER',
    /^@\/a\/1\.sql: expected UTF-8, found other bytes;/,
  ],
  [
    'a manifest cannot be read',
    { files: { 'a.yaml': 'kind: [' }, argv: ['@/a.yaml', '--offline', '--dry-run'] },
    undecided,
    /^the manifests cannot be used: @\/a\.yaml:1:8: .*$/,
  ],
  [
    'a manifest has several mistakes',
    {
      files: { 'a.yaml': `${manifest}---\n${manifest}---\n${manifest}` },
      argv: ['@/a.yaml', '--offline', '--dry-run'],
    },
    undecided,
    / \(and 1 more\)$/,
  ],
  [
    'a manifest holds no migrations',
    {
      files: { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' },
      argv: ['@/a.yaml', '--offline', '--dry-run'],
    },
    undecided,
    '@/a.yaml: expected a ConfigMap with migration files, found none; name a folder, or the manifest of a ConfigMap',
  ],
  [
    'a manifest is given another name',
    { files: { 'a.yaml': manifest }, argv: ['a=@/a.yaml', '--offline', '--dry-run'] },
    usage,
    'a=@/a.yaml: expected a folder, found a file; a manifest has its own names',
  ],
  [
    'an object is named without a cluster',
    { argv: ['migration:shop/app', '--dry-run'] },
    usage,
    'migration:shop/app needs a cluster: --manifests DIR for a folder, or --kubernetes for a real one',
  ],
  [
    'the name of an object is none',
    { argv: ['configmap:a/b/c', '--dry-run'] },
    usage,
    'expected [NAMESPACE/]NAME, found "a/b/c"',
  ],
  [
    'a ConfigMap is not there',
    { files: cluster('app', {}), argv: ['configmap:app', '--manifests', '@/cluster', '--dry-run'] },
    undecided,
    'ConfigMap default/app: there is none of that name',
  ],
  [
    'an AtlasMigration is not there',
    {
      files: cluster('app', {}),
      argv: ['migration:shop/other', '--manifests', '@/cluster', '--dry-run'],
    },
    undecided,
    'migration:shop/other: there is no AtlasMigration of that name',
  ],
  [
    'an AtlasMigration has a remote directory',
    {
      files: cluster('app', { dir: { remote: { name: 'app' } } }),
      argv: ['migration:shop/app', '--manifests', '@/cluster', '--dry-run'],
    },
    undecided,
    'AtlasMigration shop/app: expected a directory in spec.dir, found a remote directory, which cannot be read here',
  ],
  [
    'an AtlasMigration has no directory',
    {
      files: cluster('app', { dir: {} }),
      argv: ['migration:shop/app', '--manifests', '@/cluster', '--dry-run'],
    },
    undecided,
    'AtlasMigration shop/app: expected a directory in spec.dir, found none',
  ],
  [
    'an AtlasMigration names no ConfigMap',
    {
      files: cluster('app', { dir: { configMapRef: {} } }),
      argv: ['migration:shop/app', '--manifests', '@/cluster', '--dry-run'],
    },
    undecided,
    'ConfigMap shop/: there is none of that name',
  ],
  [
    'an object to keep does not matter here',
    {
      files: cluster('app', { url: urlOf('shop') }),
      argv: [...fromCluster, '--keep', 'shop/other'],
      tables: { shop: tableOf(schema) },
    },
    usage,
    '--keep shop/other: no AtlasMigration of that name uses one of the sources',
  ],
  [
    'two objects to keep are on one table',
    {
      files: {
        ...cluster('app', { url: urlOf('shop') }),
        'cluster/other.yaml': migration('other', { dir, url: urlOf('shop') }),
      },
      argv: [...fromCluster, '--keep', 'shop/app', '--keep', 'shop/other'],
      tables: { shop: tableOf(schema) },
    },
    usage,
    '--keep: shop/app and shop/other use one table; only one of them can survive',
  ],
  [
    'a database to leave out can be read',
    {
      files: folders,
      argv: [...both, ...shop, '--without-database', 'shop'],
      environment,
      tables: { shop: tableOf(schema) },
    },
    usage,
    '--without-database shop: expected one that cannot be read, found none',
  ],
  unread(
    'a custom atlas.hcl',
    { config: 'x', envName: 'x' },
    /\n {2}shop\/app: a custom atlas\.hcl decides which database it is$/,
  ),
  unread('a URL that is none', { url: '::' }, /\n {2}shop\/app: its database URL cannot be used: /),
  unread('no URL', {}, /\n {2}shop\/app: it names no database$/),
  unread(
    'a Secret that is not there',
    { urlFrom: { secretKeyRef: { name: 'db', key: 'url' } } },
    /\n {2}shop\/app: Secret db \(spec\.urlFrom\.secretKeyRef\) is not there$/,
  ),
  unread(
    'a database that does not answer',
    { url: urlOf('silent') },
    /\n {2}shop\/app: no answer$/,
  ),
  unread(
    'two tables',
    { url: urlOf('twice') },
    /\n {2}shop\/app: its revisions table is ambiguous: there is one in two schemas$/,
  ),
  unread(
    'a migration that is running',
    { url: urlOf('busy') },
    /\n {2}shop\/app: a migration is running on it; try again when that is over$/,
  ),
  [
    'the output folder is a file',
    { files: { ...folders, merged: '' }, argv: [...both, '--offline'] },
    output,
    'cannot write the folder @/merged: it is a file, or below one; nothing has changed',
  ],
  [
    'the output folder is there',
    { files: { ...folders, 'merged/1_x.sql': '' }, argv: [...both, '--offline'] },
    output,
    '@/merged is there already, with 1 file; --force replaces it, --dry-run shows what would change',
  ],
  [
    'the output folder holds something else, even with --force',
    { files: { ...folders, 'merged/README.md': '' }, argv: [...both, '--offline', '--force'] },
    output,
    '@/merged also holds README.md, which would be lost; name another folder, or move it away',
  ],
  [
    'the folder around the output does not exist',
    { files: folders, argv: ['@/schema', '--output', '@/a/b', '--offline'] },
    output,
    'cannot write the folder @/a/b: the folder around it, or what it links to, does not exist; nothing has changed',
  ],
  [
    'two replays are asked for',
    { argv: [...both, '--replay', '--replay-url', 'env:X'] },
    usage,
    '--replay and --replay-url exclude each other: give one of them',
  ],
  [
    'a URL stands on the command line',
    { argv: [...both, '--replay-url', 'postgres://u:secret@h/d'] },
    usage,
    '--replay-url: expected env:VARIABLE or file:PATH; a URL itself would show in the process list',
  ],
]

for (const [title, input, code, message] of failed)
  void t.test(`an error: ${title}`, async t => {
    const run = await runConsolidation(t, input)
    t.type(run.error, CodedError)
    t.equal((run.error as CodedError | null)?.code, code)
    if (typeof message === 'string') t.equal(run.error?.message, message)
    else t.match(run.error?.message, message)
    t.notMatch(run.error?.message, /hunter2|secret@/)
    const tops = new Set(Object.keys(input.files ?? {}).map(file => file.replace(/\/.*/s, '')))
    t.strictSame(readdirSync(run.folder), [...tops].sort(), 'nothing is written')
  })

void t.test('a file that is in both directories is one', async t => {
  const files = { ...below('schema', schema), ...below('seed', filesOf('1', '3', '4')) }
  const { folder, code, stdout } = await runConsolidation(t, {
    files,
    argv: [...both, '--offline'],
  })
  t.equal(code, 0)
  t.match(stdout, 'Merged: 3 files')
  t.strictSame(readdirSync(join(folder, 'merged')), ['1_x.sql', '3_x.sql', '4_x.sql', 'atlas.sum'])
})

void t.test('5,000 files are no matter', async t => {
  const many = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`${10_000 + index}_x.sql`, `SELECT ${index};\n`]),
  )
  const files = { ...below('schema', withSum(many)), ...below('seed', filesOf('20000')) }
  const { folder, code, stdout } = await runConsolidation(t, {
    files,
    argv: [...both, '--offline'],
  })
  t.equal(code, 0)
  t.match(stdout, 'Merged: 5001 files')
  t.equal(readdirSync(join(folder, 'merged')).length, 5002)
})

void t.test('what Atlas does not read is named', async t => {
  const files = { ...folders, 'seed/old/1.sql': '', 'seed/2.sql.gz': '' }
  const { stdout } = await runConsolidation(t, { files, argv: [...both, '--offline'] })
  t.match(stdout, 'Note: folder @/seed: 2.sql.gz is left out: the operator does not read it')
  t.match(stdout, 'Note: folder @/seed: old is left out: the operator does not read it')
})

void t.test(
  'an output folder is replaced as a whole with --force, and compared by a dry run',
  async t => {
    const files = {
      ...folders,
      'merged/1_x.sql': schema['1_x.sql'] as string,
      'merged/3_x.sql': 'SELECT 1;\nSELECT 2;\nSELECT 4;',
      'merged/9_x.sql': 'SELECT 9;\n',
    }
    const argv = [...both, '--offline']
    const dry = await runConsolidation(t, { files, argv: [...argv, '--dry-run'] })
    t.equal(dry.code, 0)
    t.match(
      dry.stdout,
      `Dry run: nothing is written to @/merged.
    1_x.sql
  --- 3_x.sql
  +++ 3_x.sql
  @@ -1,3 +1,1 @@
  -SELECT 1;
  -SELECT 2;
  -SELECT 4;
  \\ No newline at end of file
  +SELECT 3;
  + 4_x.sql (1 line)
  - 9_x.sql
  + atlas.sum (4 lines)`,
    )
    t.equal(readFileSync(join(dry.folder, 'merged/3_x.sql'), 'utf8'), files['merged/3_x.sql'])
    const colored = await runConsolidation(t, { files, argv: [...argv, '--dry-run'], colors: true })
    t.match(colored.stdout, '  \u001b[31m- 9_x.sql\u001b[0m\n')
    t.match(colored.stdout, '  \u001b[32m+SELECT 3;\u001b[0m\n')
    t.match(colored.stdout, '\n  @@ ')
    const { folder, code } = await runConsolidation(t, { files, argv: [...argv, '--force'] })
    t.equal(code, 0)
    t.strictSame(readdirSync(folder), ['merged', 'schema', 'seed'])
    t.strictSame(readdirSync(join(folder, 'merged')), [
      '1_x.sql',
      '3_x.sql',
      '4_x.sql',
      'atlas.sum',
    ])
  },
)

void t.test('a dry run needs no folder to compare with', async t => {
  const { code, stdout } = await runConsolidation(t, {
    files: folders,
    argv: ['@/schema', '@/seed', '--offline', '--dry-run'],
  })
  t.equal(code, 0)
  t.match(stdout, 'Dry run: nothing is written.\n')
  t.match(stdout, '  2. Commit the output in place of the directories')
})

void t.test('what gets a new version may have run where nobody could look', async t => {
  const late = withSum({ '2_x.sql': '' })
  const input = {
    files: { ...below('schema', schema), ...below('late', late) },
    environment: { ...environment, OTHER: '::' },
    tables: { shop: tableOf(schema) },
  }
  const argv = ['@/schema', '@/late', ...shop, '--rename-pending', '--dry-run']
  const other = ['--url', 'other=env:OTHER', '--without-database', 'other']
  const unread = await runConsolidation(t, { ...input, argv: [...argv, ...other] })
  t.match(
    unread.stdout,
    'Note: other could not be asked: what ran there already would run again as 4_x.sql\n',
  )
  t.match(unread.stdout, '  + 4_x.sql (0 lines)\n')
  const { stdout } = await runConsolidation(t, { ...input, argv })
  t.match(stdout, '  + 4_x.sql (0 lines)\n')
  t.notMatch(stdout, 'could not be asked')
})

void t.test('an empty folder that is there already is written without --force', async t => {
  const { folder } = await runConsolidation(t, { argv: ['--dry-run'] })
  mkdirSync(join(folder, 'merged'))
  writeFileSync(join(folder, '1.sql'), '')
  const { code } = await runConsolidation(t, {
    files: folders,
    argv: ['@/schema', '--offline', '--output', join(folder, 'merged')],
  })
  t.equal(code, 0)
  t.strictSame(readdirSync(join(folder, 'merged')), ['1_x.sql', '3_x.sql', 'atlas.sum'])
})

void t.test(
  'a database without a name is called by its place, and rows win over a URL',
  async t => {
    const input = { files: below('schema', { ...schema, '4_x.sql': 'SELECT 4;' }), environment }
    const single = withSum({ '1_x.sql': 'SELECT 1;' })
    const rows = rowsOf(single).map(row => ({ ...row, executed_at: row.executedAt }))
    const files = { ...below('schema', single), 'rows.json': JSON.stringify(rows) }
    const argv = ['@/schema', '--dry-run']
    const unnamed = await runConsolidation(t, {
      ...input,
      files,
      argv: [...argv, '--url', 'env:SHOP'],
      tables: { shop: readTable },
    })
    t.match(unnamed.stdout, '  env:SHOP (db:5432/shop): 0 rows\n')
    t.match(unnamed.stdout, '  + 1_x.sql (1 line)\n')
    const both = await runConsolidation(t, {
      ...input,
      files,
      argv: [...argv, ...shop, '--rows', 'shop=@/rows.json'],
    })
    t.match(both.stdout, 'Databases:\n  shop: 1 row\nMerged')
  },
)

void t.test(
  'a ConfigMap of folders that no ConfigMap is known for claims to replace none',
  async t => {
    const argv = [...both, '--offline', '--configmap', 'merged']
    const { folder, stdout } = await runConsolidation(t, { files: folders, argv })
    const text = readFileSync(join(folder, 'merged/configmap.yaml'), 'utf8')
    t.match(text, 'namespace: default')
    t.notMatch(text, 'annotations')
    t.notMatch(stdout, 'After that, remove ConfigMap')
  },
)
