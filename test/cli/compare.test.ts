import t, { type Test } from 'tap'
import { parseArguments, type Environment } from '../../src/cli/arguments.js'
import { compareCommand } from '../../src/cli/compare-command.js'
import { compare } from '../../src/cli/compare.js'
import { readLiveTable } from '../../src/cli/live-table.js'
import { openOutput } from '../../src/cli/output.js'
import { buildPostgresReader } from '../../src/database/postgres-reader.js'
import { readTableExport } from '../../src/database/table-export-file.js'
import { readMigrationFolder } from '../../src/manifests/migration-folder.js'
import { viewThroughDirectory } from '../../src/policy/comparison/directory-view.js'
import { severityOf } from '../../src/policy/verdict.js'
import type { ComparisonReport } from '../../src/report/comparison-report.js'
import {
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
  withClient,
} from '../database/test-postgres.js'
import { buildTestReader, soon } from '../database/test-reader.js'
import { files, rowsOf, withSum } from '../policy/facts-builder.js'
import { makeFolder, matchTranscript, runProgram } from './program.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(120_000)
t.comment('timeout=120000')
const server = await startTestPostgres(t)

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
    { buildReader: buildPostgresReader, readExport: readTableExport, readMigrationFolder },
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
