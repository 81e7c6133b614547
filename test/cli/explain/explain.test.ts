import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { explain } from '../../../src/cli/explain/explain.js'
import { explainCommand } from '../../../src/cli/explain/command.js'
import type { ExplainAdapters } from '../../../src/cli/explain/objects.js'
import { openOutput } from '../../../src/cli/output/output.js'
import { printTableExport } from '../../../src/database/export/table-export.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import {
  type Files,
  files,
  inVersionOrder,
  rowsOf,
  withSum,
} from '../../policy/facts/facts-builder.js'
import { makeFolder, matchTranscript, runProgram, startProgram } from '../program.js'

const numbered = (count: number, from = 1) =>
  files(...Array.from({ length: count }, (_, index) => String(20240000 + from + index)))

const schema = { ...numbered(12), ...files('20240020_orders') }
const seed = files('20240015_countries', '20240016_currencies')

const migrationOf = (name: string, url = 'postgres://gate:pw@127.0.0.1:1/shop') => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace: 'shop' },
  spec: { url, dir: { configMapRef: { name } }, execOrder: 'linear' },
})

const configMapOf = (name: string, data: Files) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: withSum(data),
})

function exportOf(revisions: readonly Revision[]): string {
  return printTableExport({
    exportedAt: '2026-01-02T03:04:05.000Z',
    database: 'shop',
    revisionsSchema: 'atlas_schema_revisions',
    boundSchema: null,
    server: {
      version: '16.4',
      collation: { provider: 'libc', name: 'C', version: null, actualVersion: null },
      tableSchemas: ['atlas_schema_revisions'],
    },
    table: {
      kind: 'read',
      identity: { system: '7123', database: '16384', identifier: null },
      revisions,
      notClean: 'found schema "public"',
      ambiguous: false,
      elsewhere: [],
      locked: false,
    },
  })
}

/** Two directories on one table, as JSON, which is YAML too. */
function shopFolder(t: Test): string {
  const list = (...items: object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const folder = makeFolder(t, {
    'rows.json': exportOf(inVersionOrder(rowsOf(schema), rowsOf(seed))),
    'alone.json': exportOf(rowsOf(schema)),
    'broken.yaml': 'kind: [',
  })
  mkdirSync(join(folder, 'cluster'))
  writeFileSync(
    join(folder, 'cluster', 'objects.json'),
    list(
      migrationOf('schema'),
      configMapOf('schema', schema),
      migrationOf('seed'),
      configMapOf('seed', seed),
    ),
  )
  writeFileSync(
    join(folder, 'schema.json'),
    list(migrationOf('schema'), configMapOf('schema', schema)),
  )
  const twin = migrationOf('schema')
  writeFileSync(
    join(folder, 'twins.json'),
    list(twin, { ...twin, metadata: { ...twin.metadata, namespace: 'other' } }),
  )
  writeFileSync(join(folder, 'secret.json'), list(migrationOf('schema')))
  return folder
}

const said = 'Error: migrate down is not\n allowed, set `migrateDown.allow` to true'

/** None of them is asked. */
const unusedAdapters: Omit<ExplainAdapters, 'openManifests'> = {
  openKubernetes: neverCalled,
  readManifests: neverCalled,
  readMigrationFolder: neverCalled,
  buildDeliveryCluster: neverCalled,
  openReader: neverCalled,
  readExport: neverCalled,
  readStandardInput: neverCalled,
}

/* c8 ignore next 3 - only in a test that fails */
function neverCalled(): never {
  throw new Error('not expected to be asked')
}

await t.test('two directories on one table, and the sentence that they lead to', async t => {
  const folder = shopFolder(t)
  const objects = ['--manifests', join(folder, 'cluster')]
  const rows = ['--rows', join(folder, 'rows.json')]
  const args = ['explain', 'shop/seed', ...objects, ...rows, '--said', said]
  const { code, stdout, stderr } = await runProgram(t, args)
  t.equal(stderr, '')
  matchTranscript(t, 'explain', stdout)
  t.equal(code, 1)
})

await t.test('a sentence alone is answered in general', async t => {
  const known = await runProgram(t, ['explain', '--said', 'Ready=False (ProtectedFlowError)'])
  t.equal(known.code, 0)
  t.match(known.stdout, /perhaps {4}files that ran were removed from the directory\n/)
  t.match(known.stdout, /explain FILE --said$/m)
  const json = await runProgram(t, ['explain', '--said', 'no such host', '--format', 'json'])
  t.match(JSON.parse(json.stdout), {
    said: {
      again: null,
      causes: [{ text: 'the host is the bare name of a Service', state: 'possible' }],
    },
  })
  const unknown = await runProgram(t, ['explain', '--said', 'all is well'])
  t.match(unknown.stdout, /it is not known here/)
  t.equal(unknown.code, 2)
})

await t.test('everything is well, as text and as json', async t => {
  const folder = shopFolder(t)
  const args = ['explain', join(folder, 'schema.json'), '--rows', join(folder, 'alone.json')]
  const { code, stdout } = await runProgram(t, args)
  matchTranscript(t, 'explain-well', stdout)
  t.equal(code, 0)
  const json = await runProgram(t, [...args, '--format', 'json', '--said', 'nonsense'])
  const explained = JSON.parse(json.stdout) as { readonly history: readonly object[] }
  t.match(explained, {
    schemaVersion: 1,
    namespace: 'shop',
    name: 'schema',
    operator: { now: { action: 'ready', ready: true }, next: { action: 'ready' } },
    said: null,
    knownSentences: /^migrate down is not allowed/,
  })
  t.equal(explained.history.length, 13, 'every version, also those that the text folds')
})

await t.test('what cannot be read is said, and is no answer', async t => {
  const folder = shopFolder(t)
  const { code, stdout } = await runProgram(t, ['explain', join(folder, 'schema.json')])
  t.match(stdout, /Not known\n  .*127\.0\.0\.1|Not known\n/)
  t.notMatch(stdout, 'pw@')
  t.equal(code, 2)
  const offline = await runProgram(t, ['explain', join(folder, 'secret.json'), '--offline'])
  t.match(offline.stdout, 'directory  ConfigMap schema, which is not there')
  t.match(offline.stdout, 'not known: its directory or its revisions table is not known here')
  t.equal(offline.code, 0)
})

await t.test('a folder of migration files stands for the ConfigMap', async t => {
  const folder = shopFolder(t)
  const migrations = makeFolder(t, withSum(schema))
  const rows = ['--rows', join(folder, 'alone.json')]
  const directory = ['--dir', `schema=${migrations}`]
  const args = ['explain', join(folder, 'secret.json'), ...directory, ...rows]
  const { code, stdout } = await runProgram(t, args)
  t.match(stdout, 'now   nothing: it is Ready')
  t.equal(code, 0)
  const none = await runProgram(t, [...args, '--pending'])
  t.strictSame([none.stdout, none.code], ['', 0], 'nothing would run')
})

await t.test('what would run is printed alone, for a linter', async t => {
  const folder = shopFolder(t)
  const more = { ...schema, '99990101_new.sql': 'SELECT 1;\n', '99990102_newer.sql': 'SELECT 2;\n' }
  const migrations = makeFolder(t, withSum(more))
  const rows = ['--rows', join(folder, 'alone.json')]
  const args = ['explain', join(folder, 'secret.json'), '--dir', `schema=${migrations}`, ...rows]
  const { stdout } = await runProgram(t, [...args, '--pending'])
  t.equal(
    stdout,
    `${join(migrations, '99990101_new.sql')}\n${join(migrations, '99990102_newer.sql')}\n`,
  )
})

await t.test('an interruption during a query ends it at once, without an answer', async t => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const url = `postgres://gate@127.0.0.1:${port}/shop?sslmode=disable`
  const items = [migrationOf('schema', url), configMapOf('schema', schema)]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const file = join(makeFolder(t, { 'a.json': list }), 'a.json')
  const run = startProgram(t, ['explain', file])
  await once(server, 'connection')
  run.process.kill('SIGINT')
  t.equal(await run.end(), 130)
  t.strictSame([run.stdout(), run.stderr()], ['', ''])
})

await t.test('so does one while a cluster is read', async t => {
  const interrupted: ExplainAdapters = {
    ...unusedAdapters,
    openManifests() {
      process.emit('SIGINT')
      return Promise.reject(new Error('stopped'))
    },
  }
  const args = parseArguments(explainCommand, ['seed', '--manifests', 'x', '--offline'], {})
  t.equal(await explain(args, interrupted, openOutput(process.stdout)), 130)
})

type Mistake = readonly [args: readonly string[], message: RegExp]

const mistakes: readonly Mistake[] = [
  [[], /explain needs a FILE of manifests, or NAME/],
  [['x', '--format', 'yaml'], /--format: expected text or json, found "yaml"/],
  [['seed', '--manifests', 'cluster', '--dir', 'a=b'], /--dir: a cluster has its ConfigMaps/],
  [
    ['seed', '--manifests', 'cluster', '--name', 'a'],
    /--name: in a cluster the operand is the name/,
  ],
  [['sed', '--manifests', 'cluster'], /there is no AtlasMigration sed; did you mean seed\?/],
  [
    ['shop/sed', '--manifests', 'cluster'],
    /no AtlasMigration shop\/sed; did you mean shop\/seed\?/,
  ],
  [
    ['other', '--manifests', 'cluster'],
    /no AtlasMigration other; there are shop\/schema and shop\/seed/,
  ],
  [['cluster'], /several AtlasMigrations: shop\/schema and shop\/seed; choose one with --name/],
  [['cluster', '--name', 'x'], /no AtlasMigration x; there are/],
  [
    ['twins.json', '--name', 'schema'],
    /several AtlasMigrations of that name: .*; give the namespace too/,
  ],
  [['broken.yaml'], /the manifests cannot be used .*\n.*broken\.yaml:1:\d+/],
  [['rows.json'], /the manifests cannot be used|there is no AtlasMigration/],
  [['schema.json', '--url', 'seed=env:NO_URL'], /the variable NO_URL is not set/],
  [
    ['schema.json', '--rows', 'seed=rows.json'],
    /--rows seed=rows\.json: no AtlasMigration of that name here/,
  ],
]

for (const [args, message] of mistakes)
  await t.test(`a mistake: explain ${args.join(' ')}`, async t => {
    const { code, stdout, stderr } = await runProgram(t, ['explain', ...args], {
      folder: shopFolder(t),
    })
    t.equal(stdout, '')
    t.match(stderr, message)
    t.equal(code, 2)
  })
