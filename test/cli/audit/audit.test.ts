import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { parseAuditChoice } from '../../../src/cli/audit/choice.js'
import { auditCommand } from '../../../src/cli/audit/command.js'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import {
  createDatabase,
  createRevisionsTable,
  insertRevisions,
} from '../../database/test-postgres.js'
import { startTestPostgres } from '../../database/test-postgres.js'
import { FakeApiServer } from '../../kubernetes/fake-api-server.js'
import { configMap, filesOf, migration, rowsOf } from '../../review/fakes.js'
import { makeFolder, matchTranscript, runProgram, startProgram } from '../program.js'
import { until } from '../../until.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)

const schema = filesOf('1', '3')
const seed = filesOf('2', '4')

const manifest = (kind: 'ConfigMap' | 'AtlasMigration', object: object) => ({
  apiVersion: kind === 'ConfigMap' ? 'v1' : 'db.atlasgo.io/v1alpha1',
  kind,
  ...object,
})

const use = (name: string, spec: AtlasMigration['spec'], directory = name) =>
  manifest(
    'AtlasMigration',
    migration(name, { ...spec, dir: { configMapRef: { name: directory } } }),
  )

const directories = [
  manifest('ConfigMap', configMap('schema', schema)),
  manifest('ConfigMap', configMap('seed', seed)),
]

/** JSON is YAML; one object on a line each. */
function writeObjects(t: Test, objects: readonly object[]): string {
  const folder = makeFolder(t)
  writeFileSync(
    join(folder, 'all.yaml'),
    objects.map(object => JSON.stringify(object)).join('\n---\n'),
  )
  return folder
}

const parse = (argv: readonly string[], environment = {}) =>
  parseAuditChoice(parseArguments(auditCommand, argv, environment))

void t.test('what is audited', async t => {
  t.match(parse(['a', 'b']), {
    audited: { kind: 'manifests', paths: ['a', 'b'] },
    given: '--manifests a --manifests b',
    pace: { concurrency: 2, limitMs: 30_000 },
    formats: [{ format: 'text', file: null }],
    failOn: 'deny',
  })
  t.match(parse(['--manifests', 'a', '--concurrency=16', '--timeout=2s']), {
    audited: { kind: 'manifests', paths: ['a'] },
    pace: { concurrency: 16, limitMs: 2000 },
  })
  t.match(parse(['--kubernetes']), { audited: { kind: 'kubernetes' }, given: '--kubernetes' })
  const config = ['--kubeconfig=c', '--context=x', '--namespaces=shop,billing']
  t.equal(
    parse(['--kubernetes', ...config]).given,
    '--kubernetes --kubeconfig c --context x --namespaces shop,billing',
  )
})

type Refusal = [name: string, argv: readonly string[], message: string]

const refusals: readonly Refusal[] = [
  [
    'nothing to audit',
    [],
    'audit needs a cluster: a PATH or --manifests DIR for files, or --kubernetes for a real one',
  ],
  [
    'a path beside a folder',
    ['a', '--manifests=b'],
    'a: give either a PATH, --manifests DIR or --kubernetes',
  ],
  [
    'a path beside a cluster',
    ['a', '--kubernetes'],
    'a: give either a PATH, --manifests DIR or --kubernetes',
  ],
  ...['0', '17', 'many'].map((text): Refusal => [
    `${text} at a time`,
    ['a', `--concurrency=${text}`],
    `--concurrency: expected a number from 1 to 16, found "${text}"`,
  ]),
]

for (const [name, argv, message] of refusals)
  void t.test(`audit refuses ${name}`, async t =>
    t.throws(() => parse(argv), { code: 'ATLAS_ADMISSION_USAGE', message }),
  )

void t.test('the state of a whole folder, as a person sees it', async t => {
  const server = await startTestPostgres(t)
  const [shared, alone, moved] = await Promise.all([1, 2, 3].map(() => createDatabase(server)))
  const rows = [...rowsOf(schema), ...rowsOf(seed)]
  for (const url of [shared, alone, moved] as string[]) await createRevisionsTable(url)
  await insertRevisions(shared!, rows)
  await insertRevisions(alone!, rowsOf(schema))
  // A database that was moved with all of its rows, and is used by one of the two.
  await insertRevisions(moved!, rows)
  const other = shared!.replace('127.0.0.1', 'localhost')
  const folder = writeObjects(t, [
    ...directories,
    manifest('AtlasMigration', migration('broken', { url: 'mysql://u:hunter2@h/d' })),
    use('alone', { url: alone! }, 'schema'),
    use('schema', { url: shared! }),
    use('seed', { url: other }),
    use('moved', { url: moved! }, 'seed'),
  ])
  const known: readonly (readonly [string, string])[] = [
    [folder, '@'],
    [new URL(shared!).pathname.slice(1), 'shared'],
    [new URL(alone!).pathname.slice(1), 'alone'],
    [new URL(moved!).pathname.slice(1), 'moved'],
    [new URL(shared!).port, '5432'],
  ]
  const plain = (text: string) =>
    known.reduce((shown, [found, name]) => shown.replaceAll(found, name), text)

  const text = await runProgram(t, ['audit', folder])
  t.equal(text.code, 1)
  matchTranscript(t, 'audit', plain(text.stdout))
  t.equal(
    text.stderr,
    'reading the manifests ...\nfinding the revisions tables ...\njudging 5 AtlasMigrations ...\n' +
      'looking for directories that should become one ...\n',
  )

  const check = await runProgram(t, ['consolidate', '--check', '--manifests', folder])
  t.equal(check.code, 1)
  matchTranscript(t, 'consolidate-check', plain(check.stdout))

  const output = join(folder, 'audit.json')
  const json = await runProgram(t, ['audit', folder, '--format=json', `--format=junit=${output}`])
  const report = JSON.parse(json.stdout) as {
    groups: readonly { migrations: readonly string[] }[]
  }
  t.strictSame(
    report.groups.map(({ migrations }) => migrations),
    [['shop/schema', 'shop/seed'], ['shop/moved'], ['shop/alone']],
  )
  for (const { stdout } of [text, check, json]) t.notMatch(stdout, /hunter2|postgres:\/\//)
})

/** Accepts connections and says nothing. */
async function listenSilently(t: Test): Promise<number> {
  const server = createServer(socket => void socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

void t.test('an interrupt during a query ends it with 130, and without an answer', async t => {
  const port = await listenSilently(t)
  const url = `postgres://u:hunter2@127.0.0.1:${port}/shop?sslmode=disable`
  const folder = writeObjects(t, [...directories, use('schema', { url })])
  const policy = join(folder, 'policy')
  writeFileSync(policy, 'database: {connectTimeoutMs: 60000}\n')
  for (const args of [
    ['audit', folder, '--policy', policy],
    ['consolidate', '--check', '--manifests', folder],
  ]) {
    const program = startProgram(t, args)
    await until('judging|files and rows', () => /judging|files and rows/.test(program.stderr()))
    program.process.kill('SIGINT')
    t.equal(await program.end(), 130)
    t.equal(program.stdout(), '')
  }
})

void t.test('a Ctrl-C ends the wait for standard input', async t => {
  const program = startProgram(t, ['audit', '-'], { input: null })
  await until('reading the manifests', () => /reading the manifests/.test(program.stderr()))
  program.process.kill('SIGINT')
  t.equal(await program.end(), 130)
  t.equal(program.stdout(), '')
})

void t.test(
  'a database that cannot be reached holds nobody up, and leaves it undecided',
  async t => {
    // Nothing listens on port 1.
    const url = 'postgres://u:hunter2@127.0.0.1:1/shop?sslmode=disable'
    const folder = writeObjects(t, [...directories, use('schema', { url })])
    const { code, stdout } = await runProgram(t, ['audit', folder])
    t.equal(code, 2)
    t.match(stdout, 'cannot decide: no PostgreSQL server could be reached')
    t.notMatch(stdout, 'hunter2')
  },
)

void t.test('many AtlasMigrations at a time are nothing to complain of', async t => {
  const users = Array.from({ length: 40 }, (_, index) =>
    use(`m${index}`, { url: `postgres://u@127.0.0.${index + 1}:1/shop?sslmode=disable` }, 'schema'),
  )
  const { stderr, stdout } = await runProgram(t, [
    'audit',
    writeObjects(t, [...directories, ...users]),
  ])
  t.match(stdout, '40 AtlasMigrations: 40 undecided')
  t.notMatch(stderr, 'Warning')
})

void t.test('of many that no table is known of, some are named', async t => {
  const users = Array.from({ length: 23 }, (_, index) => use(`m${index}`, {}, 'schema'))
  const folder = writeObjects(t, [...directories, ...users])
  const { stdout } = await runProgram(t, ['audit', folder, '--offline'])
  t.match(stdout, 'note: 3 more are in no group')
})

async function startCluster(t: Test): Promise<{ server: FakeApiServer; options: string[] }> {
  const server = new FakeApiServer()
  await server.listen()
  t.teardown(() => server.close())
  const folder = makeFolder(t, { config: server.kubeconfig() })
  return { server, options: ['--kubernetes', `--kubeconfig=${join(folder, 'config')}`] }
}

const live = (name: string, spec: object) => ({
  ...migration(name, spec),
  metadata: { namespace: 'shop', name },
})

void t.test('a real cluster is audited in the same way', async t => {
  const { server, options } = await startCluster(t)
  server.putCore('configmaps', {
    ...directories[0],
    metadata: { namespace: 'shop', name: 'schema' },
  })
  server.put(live('schema', { url: 'postgres://u@h/d', dir: { configMapRef: { name: 'schema' } } }))
  const fine = await runProgram(t, ['audit', ...options, '--offline'])
  t.strictSame([fine.code, fine.stdout.split('\n')[0]], [0, 'passed  shop/schema'])
  const check = await runProgram(t, ['consolidate', '--check', ...options, '--offline'])
  t.strictSame(
    [check.code, check.stdout],
    [0, '1 revisions table: none has the rows of several directories\n'],
  )
  server.put(live('broken', { baseline: 1 }))
  const holes = await runProgram(t, ['audit', ...options, '--offline'])
  t.equal(holes.code, 2)
  t.match(holes.stdout, 'cannot be read, and is not judged: AtlasMigration shop/broken')
  const uncertain = await runProgram(t, ['consolidate', '--check', ...options, '--offline'])
  t.equal(uncertain.code, 2)
  t.match(uncertain.stdout, 'not looked at: AtlasMigration shop/broken')
  server.fail('list', 403)
  const refused = await runProgram(t, ['audit', ...options])
  t.equal(refused.code, 2)
  t.equal(
    refused.stderr.split('\n').at(-2),
    'atlas-admission: cannot read from the cluster: no right to list atlasmigrations.db.atlasgo.io in all namespaces ' +
      '(RBAC: list atlasmigrations.db.atlasgo.io) (ATLAS_ADMISSION_CLUSTER_READ)',
  )
})

type Wrong = [name: string, args: readonly string[], complaint: string]

const wrong: readonly Wrong[] = [
  [
    'a database of nobody',
    ['audit', '@', '--url=nobody=env:HOME'],
    '--url nobody=env:HOME: no AtlasMigration of that name here (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a source beside --check',
    ['consolidate', 'a', '--check', '--manifests=@'],
    '--check takes no SOURCE, found "a": it looks at every AtlasMigration of --manifests or --kubernetes (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'manifests with mistakes before a consolidation',
    ['consolidate', '--check', '--manifests=@/broken.yml'],
    'the manifests cannot be used (ATLAS_ADMISSION_MANIFESTS)',
  ],
]

for (const [name, args, complaint] of wrong)
  void t.test(`${name}: one clear line`, async t => {
    const folder = writeObjects(t, directories)
    writeFileSync(join(folder, 'broken.yml'), 'a: b: c\n')
    if (name !== wrong[2]![0]) writeFileSync(join(folder, 'broken.yml'), '')
    const { code, stderr, stdout } = await runProgram(
      t,
      args.map(arg => arg.replace('@', folder)),
    )
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, `atlas-admission: ${complaint}`)
  })
