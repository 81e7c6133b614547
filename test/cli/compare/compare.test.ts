import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { parseArguments, type Environment } from '../../../src/cli/line/arguments.js'
import { compareCommand } from '../../../src/cli/compare/command.js'
import { compare } from '../../../src/cli/compare/compare.js'
import { readLiveTable, type ServerReader } from '../../../src/cli/compare/live-table.js'
import { openOutput } from '../../../src/cli/output/output.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { readTableExport } from '../../../src/database/export/table-export-file.js'
import { readManifestInput } from '../../../src/manifests/read/manifest-input.js'
import { readMigrationFolder } from '../../../src/manifests/read/migration-folder.js'
import { viewThroughDirectory } from '../../../src/policy/explain/directory-view.js'
import { severityOf } from '../../../src/policy/enforcement/verdict.js'
import type { ComparisonReport } from '../../../src/report/formats/comparison-report.js'
import {
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
  withClient,
} from '../../database/test-postgres.js'
import { buildTestReader, soon } from '../../database/test-reader.js'
import { type Files, files, rowsOf, withSum } from '../../policy/facts/facts-builder.js'
import { makeFolder, matchTranscript, runProgram } from '../program.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)
t.comment('timeout=300000')
const server = await startTestPostgres(t)
const run = promisify(execFile)

/** Versions with letters: a linguistic collation orders small before capital ones. */
const data = withSum(files('1_users', '2B_orders', '2a_items', '3_stock'))
const directory = makeFolder(t, data)
const folder = makeFolder(t)

const old = server.url('old')
await execute(server.url('postgres'), 'CREATE DATABASE old')
await execute(old, 'CREATE TABLE users (id int)')
await createRevisionsTable(old)
await insertRevisions(old, rowsOf(data))

interface Move {
  readonly database: string
  /** Behind CREATE DATABASE. */
  readonly options?: string
  /** Of the revisions table that comes along; null: none does. */
  readonly schema: string | null
  /** Which of the rows come along, as SQL. */
  readonly where?: string
}

/** What pg_dump and pg_restore do: names and values, no files. Resolves to the URL. */
async function restore({ database, options = '', schema, where = 'true' }: Move): Promise<string> {
  await execute(server.url('postgres'), `CREATE DATABASE ${database} ${options}`)
  const url = server.url(database)
  await execute(url, 'CREATE TABLE users (id int)')
  if (schema === null) return url
  await createRevisionsTable(url, schema)
  const rows = await withClient(old, client =>
    client.query<{ rows: unknown }>(
      `SELECT jsonb_agg(r) AS rows FROM atlas_schema_revisions.atlas_schema_revisions r WHERE ${where}`,
    ),
  )
  const table = `${schema}.atlas_schema_revisions`
  await withClient(url, client =>
    client.query(
      `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(rows.rows[0]?.rows)],
    ),
  )
  return url
}

interface Expectation extends Move {
  readonly name: string
  readonly code: 0 | 1
  /** Rules of the differences that block. */
  readonly blocking: readonly string[]
  /** Rules by which the gate itself denies the switch. */
  readonly denied: readonly string[]
}

const moves: readonly Expectation[] = [
  {
    name: 'in full',
    database: 'in_full',
    schema: 'atlas_schema_revisions',
    code: 0,
    blocking: [],
    denied: [],
  },
  {
    name: 'without the revisions schema',
    database: 'without_table',
    schema: null,
    code: 1,
    blocking: ['baseline-required'],
    denied: ['baseline-required', 'revision-table-incomplete'],
  },
  {
    name: 'with half of the rows',
    database: 'half',
    schema: 'atlas_schema_revisions',
    where: "version IN ('1', '2B')",
    code: 1,
    blocking: ['revision-table-incomplete'],
    denied: ['revision-table-incomplete'],
  },
  {
    name: 'with another collation',
    database: 'other_collation',
    options: "LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0",
    schema: 'atlas_schema_revisions',
    code: 1,
    blocking: ['revision-order'],
    denied: ['revision-order'],
  },
  {
    name: 'into another schema',
    database: 'other_schema',
    schema: 'public',
    code: 1,
    blocking: ['revision-table-elsewhere'],
    denied: ['baseline-required', 'revision-table-incomplete', 'revision-table-elsewhere'],
  },
]

/** What differs from run to run: times, and what this server and its ICU are. */
function normalize(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/PostgreSQL \d+(\.\d+)?/g, 'PostgreSQL VERSION')
    .replace(/"system": "\d+"/, '"system": "SYSTEM"')
    .replace(/"oid": "\d+"/, '"oid": "OID"')
    .replace(/"version": "\d+(\.\d+)?"/, '"version": "VERSION"')
    .replace(/"executed_at": ""/g, '"executed_at": "TIME"')
    .replaceAll(directory, 'DIRECTORY')
    .replaceAll(folder, 'FOLDER')
}

for (const move of moves)
  void t.test(`a database that was moved ${move.name}`, async t => {
    const environment = { OLD_URL: old, NEW_URL: await restore(move) }
    const text = await runProgram(
      t,
      ['compare', 'env:OLD_URL', 'env:NEW_URL', '--directory', directory],
      { environment },
    )
    t.equal(text.stderr, '')
    t.equal(text.code, move.code)
    matchTranscript(t, `compare-${move.database.replaceAll('_', '-')}`, normalize(text.stdout))
    const { report, code } = await compareWithin(['env:OLD_URL', 'env:NEW_URL'], environment)
    t.equal(code, move.code)
    t.equal(report.verdict, move.code === 0 ? 'safe' : 'unsafe')
    t.strictSame(blockingRules(report), move.blocking)
    t.strictSame(await deniedBy(t, environment.NEW_URL), move.denied)
  })

function blockingRules({ differences }: ComparisonReport): readonly (string | null)[] {
  return differences.filter(({ weight }) => weight === 'blocks').map(({ rule }) => rule)
}

/** In this process, which is quicker than a program of its own. */
async function compareWithin(
  operands: readonly string[],
  environment: Environment,
): Promise<{ readonly report: ComparisonReport; readonly code: number }> {
  const args = parseArguments(compareCommand, [...operands, '--format', 'json'], environment)
  const printed: string[] = []
  const output = { ...openOutput(process.stdout), print: (text: string) => void printed.push(text) }
  const code = await compare(
    args,
    {
      buildReader: buildPostgresReader,
      readExport: readTableExport,
      readMigrationFolder,
      readManifests: readManifestInput,
    },
    output,
  )
  return { report: JSON.parse(printed.join('\n')) as ComparisonReport, code }
}

async function deniedBy(t: Test, url: string): Promise<readonly string[]> {
  const reader = buildTestReader(t)
  const read = (url: string) =>
    readLiveTable({ source: 'env:URL', url, revisionsSchema: null }, reader, soon())
  const [from, to] = [await read(old), await read(url)]
  return viewThroughDirectory({ data, execOrder: 'linear', from, to })
    .findings.filter(found => found.introduced && severityOf(found) === 'deny')
    .map(found => found.rule.id)
}

void t.test('told of the other schema, it is safe', async t => {
  const environment = { OLD_URL: old, NEW_URL: server.url('other_schema') }
  const operands = ['env:OLD_URL', 'env:NEW_URL', '--to-schema', 'public']
  const { report, code } = await compareWithin(operands, environment)
  t.equal(code, 0)
  t.match(report, {
    verdict: 'safe',
    to: { revisionsSchema: 'public', count: 4 },
    differences: [
      { weight: 'note', found: /in schema atlas_schema_revisions of FROM, in public of TO$/ },
    ],
  })
})

void t.test('one database twice is said, and safe', async t => {
  const { report, code } = await compareWithin(['env:URL', 'env:URL'], { URL: old })
  t.equal(code, 0)
  const isOne = {
    sameDatabase: true,
    differences: [{ found: 'FROM and TO are the same running database' }],
  }
  t.match(report, isOne)
  const otherName = old.replace('127.0.0.1', 'localhost')
  const proven = await compareWithin(['env:URL', 'env:NAME'], { URL: old, NAME: otherName })
  t.match(proven.report, isOne, 'also under another name')
})

void t.test('an export stands for a database, and a folder for a directory', async t => {
  const rows = await withClient(old, client =>
    client.query<{ rows: unknown }>(
      'SELECT json_agg(r ORDER BY r.version) AS rows FROM atlas_schema_revisions.atlas_schema_revisions r',
    ),
  )
  const file = join(makeFolder(t, { 'old.json': JSON.stringify(rows.rows[0]?.rows) }), 'old.json')
  const [half, whole] = [{ NEW_URL: server.url('half') }, { NEW_URL: server.url('in_full') }]
  for (const from of [file, `rows:${file}`]) {
    t.equal((await compareWithin([from, 'env:NEW_URL'], whole)).code, 0)
    t.equal((await compareWithin([from, 'env:NEW_URL'], half)).code, 1)
  }
  t.match(await compareWithin([`dir:${directory}`, 'env:NEW_URL'], whole), {
    code: 0,
    report: { verdict: 'safe', alike: 4, rows: [], from: { kind: 'directory' } },
  })
  const text = await runProgram(t, ['compare', 'env:NEW_URL', directory], { environment: half })
  t.strictSame([text.code, text.stderr], [0, ''])
  matchTranscript(t, 'compare-directory', normalize(text.stdout))
})

void t.test('a faithful copy is not enough where the operator fails on both sides', async t => {
  const environment = { OLD_URL: old, NEW_URL: server.url('in_full') }
  const edited = { ...data, '3_stock.sql': 'SELECT 3;\n' }
  const cases: readonly (readonly [Files, string])[] = [
    [edited, 'checksum mismatch'],
    [withSum(files('1_users', '2B_orders')), 'goes down to 2B'],
  ]
  for (const [content, operator] of cases) {
    const operands = ['env:OLD_URL', 'env:NEW_URL', '--directory', makeFolder(t, content)]
    const { report, code } = await compareWithin(operands, environment)
    t.equal(code, 1, operator)
    t.match(report, { verdict: 'unsafe', faithful: true, sameDatabase: false, repair: null })
    t.match(report.to.operator, operator)
    t.match(report.from.operator, operator)
    const text = await runProgram(t, ['compare', ...operands], { environment })
    t.equal(text.code, 1)
    t.match(
      text.stdout.replace(/\n */g, ' '),
      'Not safe to switch: TO is a faithful copy of FROM, but the operator would not get on there, as in FROM',
    )
  }
})

/** Major version of a program, or 0 where it is not there. */
async function majorOf(program: string): Promise<number> {
  const { stdout } = await run(program, ['--version']).catch(() => ({ stdout: '' }))
  return Number(/ (\d+)/.exec(stdout)?.[1] ?? 0)
}

/** Why the machine's own programs cannot be tried; false where they can. An older pg_dump refuses a newer server. */
async function whyNoDump(): Promise<string | false> {
  const { rows } = await withClient(old, client =>
    client.query<{ server_version: string }>('SHOW server_version'),
  )
  const major = parseInt(rows[0]!.server_version, 10)
  const isThere = (await majorOf('pg_dump')) >= major && (await majorOf('psql')) > 0
  return isThere ? false : `no pg_dump and psql ${major} on the machine`
}

void t.test('the command that is printed repairs', { skip: await whyNoDump() }, async t => {
  for (const [database, schema] of [
    ['repaired_half', 'atlas_schema_revisions'],
    ['repaired_none', null],
  ] as const) {
    const url = await restore({ database, schema, where: "version IN ('1', '2B')" })
    const environment = { OLD_URL: old, NEW_URL: url }
    const operands = ['env:OLD_URL', 'env:NEW_URL', '--directory', directory]
    const { report } = await compareWithin(operands, environment)
    t.equal(report.verdict, 'unsafe')
    const env = { ...process.env, ...environment }
    await run('sh', ['-c', report.repair!.command], { cwd: makeFolder(t), env })
    t.match(await compareWithin(operands, environment), { code: 0, report: { verdict: 'safe' } })
  }
})

void t.test('says what will run, and in JSON how many', async t => {
  const more = withSum({ ...files('1_users', '2B_orders', '2a_items', '3_stock'), ...files('4_x') })
  const operands = ['env:OLD_URL', 'env:NEW_URL', '--directory', makeFolder(t, more)]
  const environment = { OLD_URL: old, NEW_URL: server.url('in_full') }
  const { report, code } = await compareWithin(operands, environment)
  t.equal(code, 0)
  const to = { operator: 'will run 1 file: 4_x.sql', willRun: { count: 1, files: ['4_x.sql'] } }
  t.match(report, { verdict: 'safe', faithful: true, from: to, to })
})

void t.test('a directory may be the ConfigMap of a folder of manifests', async t => {
  const map = (name: string) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
  const one = makeFolder(t, { 'map.json': map('one'), 'README.md': '' })
  const operands = ['env:URL', 'env:URL', '--directory']
  const { report, code } = await compareWithin([...operands, one], { URL: old })
  t.equal(code, 0)
  t.equal(report.to.operator, 'is ready, with nothing to run')
  const two = makeFolder(t, { 'a.json': map('one'), 'b.json': map('two') })
  await t.rejects(compareWithin([...operands, two], { URL: old }), {
    message: `${two} holds the manifests of several directories (ConfigMap one, ConfigMap two); name a folder with one of them`,
  })
})

void t.test('a folder with nothing in it is refused', async t => {
  for (const folder of [makeFolder(t), makeFolder(t, { 'notes.txt': 'none' })])
    for (const operands of [
      ['env:URL', 'env:URL', '--directory', folder],
      ['env:URL', folder],
    ])
      await t.rejects(compareWithin(operands, { URL: old }), {
        message: `${folder}: expected a folder of migration files, found neither a .sql file nor the manifest of a ConfigMap with one`,
        code: 'ATLAS_ADMISSION_USAGE',
      })
})

const secret = 's3cret'

const mistakes: readonly [name: string, args: readonly string[], message: string, code: string][] =
  [
    [
      'one side only',
      ['env:URL'],
      'compare needs FROM and TO: each env:VARIABLE, file:PATH, an export (*.json) or a folder of migrations',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'a URL',
      ['env:URL', `postgres://u:${secret}@h/d`],
      'TO: found a URL, whose password would show in the process list; put it into a variable or a file and name that: env:VARIABLE or file:PATH',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'what is nothing of all that',
      [secret, 'env:URL'],
      'FROM: expected env:VARIABLE or file:PATH (where a database URL stands), an export (*.json or rows:FILE) or a folder of migrations, found none of these',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'two directories',
      [directory, directory],
      'compare: FROM and TO are both directories; one has to be a table',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'a directory beside a directory',
      ['env:URL', directory, '--directory', directory],
      '--directory needs two tables: FROM or TO is a directory already',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'a schema of an export',
      ['old.json', 'env:URL', '--from-schema', 'x'],
      '--from-schema needs a database as FROM: env:VARIABLE or file:PATH',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'an unknown order',
      ['env:URL', 'env:URL', '--exec-order', 'random'],
      '--exec-order: expected one of linear, linear-skip, non-linear, found "random"',
      'ATLAS_ADMISSION_USAGE',
    ],
    [
      'an export that is not there',
      ['none.json', 'env:URL'],
      'cannot read none.json: nothing there; expected a file that `atlas-admission export` wrote',
      'ATLAS_ADMISSION_ROWS',
    ],
    [
      'a database that cannot be read',
      ['env:URL', 'env:NONE'],
      'env:NONE: the database that the URL names does not exist',
      'ATLAS_ADMISSION_DATABASE',
    ],
    [
      'a folder that is not there',
      ['env:URL', 'dir:none'],
      'cannot read none: nothing there; expected a folder of migration files',
      'ATLAS_ADMISSION_MIGRATION_FOLDER',
    ],
  ]

for (const [name, args, message, code] of mistakes)
  void t.test(`refused in one line: ${name}`, async t => {
    const environment = { URL: old, NONE: server.url('none') }
    await t.rejects(compareWithin(args, environment), { message, code })
  })

void t.test('what could not be decided ends the program with 2', async t => {
  const { code, stdout, stderr } = await runProgram(t, ['compare', 'env:URL', 'env:NONE'], {
    environment: { URL: old, NONE: server.url('none') },
  })
  t.strictSame(
    { code, stdout, stderr },
    {
      code: 2,
      stdout: '',
      stderr:
        'atlas-admission: env:NONE: the database that the URL names does not exist (ATLAS_ADMISSION_DATABASE)\n',
    },
  )
})

void t.test('a reader that tells too little is no comparison', async t => {
  const reader = buildTestReaderMethods(t)
  const choice = { source: 'env:URL', url: old, revisionsSchema: null }
  const unread = { ...reader, readTable: async () => ({ kind: 'unread' as const }) }
  await t.rejects(readLiveTable(choice, unread, soon()), {
    message: 'env:URL: nothing was read of the database',
  })
  const silent = { ...reader, readServer: async () => null }
  await t.rejects(readLiveTable(choice, silent, soon()), {
    message: 'env:URL: its server did not tell about itself',
  })
})

/** Its methods by themselves, so that one can be another. */
function buildTestReaderMethods(t: Test): ServerReader {
  const reader = buildTestReader(t)
  return {
    readTable: (query, deadline) => reader.readTable(query, deadline),
    readServer: (url, deadline) => reader.readServer(url, deadline),
    readIdentity: (url, deadline) => reader.readIdentity(url, deadline),
    compareDatabases: (question, deadline) => reader.compareDatabases(question, deadline),
    connections: () => reader.connections(),
    close: () => reader.close(),
  }
}
