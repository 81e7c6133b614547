import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import type { Command } from '../../../src/cli/line/command.js'
import {
  databaseOptions,
  type ExportedTable,
  openDatabases,
  parseDatabaseChoice,
} from '../../../src/cli/input/database-choice.js'
import { UsageError } from '../../../src/cli/line/usage-error.js'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import type { RevisionsReader } from '../../../src/review/ports/ports.js'
import { makeFolder } from '../program.js'

const command: Command = {
  name: 'judge',
  summary: 'judges',
  operands: '',
  options: databaseOptions,
  examples: [],
}

const deadline = { at: Date.now() + 60_000, signal: new AbortController().signal }

const table: ExportedTable['table'] = {
  kind: 'read',
  identity: { system: '1', database: '5', identifier: null },
  revisions: [],
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
}

const exported: ExportedTable = {
  database: 'shop',
  revisionsSchema: 'atlas_schema_revisions',
  boundSchema: null,
  table,
}

/** Remembers what it was asked, and knows no database. */
function recordingReader(): { readonly reader: RevisionsReader; readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    reader: {
      async readTable({ url }) {
        asked.push(url.reveal())
        return { kind: 'failed', failure: 'unreachable', message: 'not there' }
      },
      async readIdentity(url) {
        asked.push(url.reveal())
        return null
      },
    },
  }
}

async function open(
  argv: readonly string[],
  {
    environment = {},
    tables = {},
  }: {
    readonly environment?: Readonly<Record<string, string>>
    readonly tables?: Readonly<Record<string, ExportedTable>>
  } = {},
) {
  const { reader, asked } = recordingReader()
  const args = parseArguments(command, argv, environment)
  const chosen = await openDatabases(parseDatabaseChoice(args), {
    environment: args.environment,
    reader,
    readExport: async file => tables[file] as ExportedTable,
  })
  return { ...chosen, asked }
}

function migration(name: string, spec: AtlasMigration['spec'] = {}): AtlasMigration {
  return { metadata: { namespace: 'shop', name }, spec }
}

function queryOf({ spec }: AtlasMigration, revisionsSchema = 'atlas_schema_revisions') {
  const url = { reveal: () => spec.url ?? '' }
  return { url, revisionsSchema, boundSchema: null, revisionsSchemaIsSet: false }
}

void t.test('a URL comes from a variable or a file, for one object or for all', async t => {
  const file = join(makeFolder(t, { url: ' postgres://b/two\n' }), 'url')
  const { substitute, unused } = await open(
    [
      '--url',
      'seed=env:SEED_URL',
      '--url',
      `shop/stock=file:${file}`,
      '--url',
      'none=env:SEED_URL',
    ],
    { environment: { SEED_URL: 'postgres://a/one' } },
  )
  t.equal(substitute(migration('seed', { url: 'postgres://old/old' })).spec.url, 'postgres://a/one')
  const credentials = { host: 'h', password: 'p' }
  t.strictSame(substitute(migration('stock', { baseline: '1', credentials })).spec, {
    baseline: '1',
    url: 'postgres://b/two',
  })
  const other = migration('other')
  t.equal(substitute(other), other, 'an object that nobody named stays the same')
  t.strictSame(unused(), ['--url none=env:SEED_URL'])
})

void t.test('a name with its namespace wins over the name alone, and that over all', async t => {
  const environment = { A: 'postgres://a', B: 'postgres://b', C: 'postgres://c' }
  const { substitute } = await open(
    ['--url', 'env:A', '--url', 'seed=env:B', '--url', 'shop/seed=env:C'],
    { environment },
  )
  t.equal(substitute(migration('seed')).spec.url, 'postgres://c')
  t.equal(substitute(migration('stock')).spec.url, 'postgres://a')
  const elsewhere = { metadata: { namespace: 'x', name: 'seed' }, spec: {} }
  t.equal(substitute(elsewhere).spec.url, 'postgres://b')
})

void t.test('exported rows stand for the database they came from', async t => {
  const bound = { ...exported, boundSchema: 'sales', revisionsSchema: 'sales' }
  const bare = { ...exported, database: '', revisionsSchema: null }
  const { substitute, reader, asked } = await open(
    ['--rows', 'seed=a.json', '--rows', 'b.json', '--rows', 'bare=c.json'],
    { tables: { 'a.json': exported, 'b.json': bound, 'c.json': bare } },
  )
  const seed = substitute(migration('seed', { urlFrom: { secretKeyRef: { key: 'url' } } }))
  t.equal(seed.spec.urlFrom, undefined)
  t.equal(await reader.readTable(queryOf(seed), deadline), table)
  t.equal(await reader.readIdentity(queryOf(seed).url, deadline), table.identity)
  t.match(substitute(migration('stock')).spec.url, /\/shop\?search_path=sales$/)
  const anySchema = queryOf(substitute(migration('bare')), 'sales')
  t.equal(await reader.readTable(anySchema, deadline), table)
  t.match(await reader.readTable(queryOf(seed, 'other'), deadline), {
    kind: 'failed',
    message: /of schema "atlas_schema_revisions", the operator looks in "other"/,
  })
  t.strictSame(asked, [], 'no database is asked for what rows tell')
  const live = migration('live', { url: 'postgres://live/live' })
  t.match(await reader.readTable(queryOf(live), deadline), { failure: 'unreachable' })
  t.equal(await reader.readIdentity(queryOf(live).url, deadline), null)
  t.strictSame(asked, ['postgres://live/live', 'postgres://live/live'])
})

void t.test('offline, no database is asked', async t => {
  const { reader, asked } = await open(['--offline'])
  const live = migration('live', { url: 'postgres://live/live' })
  t.strictSame(await reader.readTable(queryOf(live), deadline), { kind: 'unread' })
  t.equal(await reader.readIdentity(queryOf(live).url, deadline), null)
  t.strictSame(asked, [])
})

type Complaint = [argv: string[], message: RegExp]

const complaints: readonly Complaint[] = [
  [['--url', 'seed=postgres://u:secret@h/d'], /^--url: expected \[NAME=\]env:VARIABLE or/],
  [['--url', 'env:'], /^--url: expected/],
  [['--url', 'seed=env:NOWHERE'], /^--url seed=env:NOWHERE: the variable NOWHERE is not set;/],
  [['--url', 'seed=env:EMPTY'], /the variable EMPTY is empty; expected a database URL in it$/],
  [['--url', 'file:/dev/null'], /^--url file:\/dev\/null: the file \/dev\/null is empty/],
  [['--url', 'file:/nowhere/url'], /the file \/nowhere\/url cannot be read \(ENOENT\)$/],
]

for (const [argv, message] of complaints)
  void t.test(`${argv.join(' ')} is refused without showing a secret`, async t => {
    const refused = await open(argv, { environment: { EMPTY: ' ' } }).catch(
      (error: unknown) => error,
    )
    t.type(refused, UsageError)
    t.match((refused as Error).message, message)
    t.notMatch((refused as Error).message, /secret/)
  })
