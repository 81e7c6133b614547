import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseTableExport } from '../../../src/database/export/table-export.js'
import {
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
} from '../../database/test-postgres.js'
import { makeFolder, matchTranscript, runProgram, startProgram } from '../program.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)
t.comment('timeout=300000')
const server = await startTestPostgres(t, { auth: 'scram' })
await execute(server.url('postgres'), 'CREATE DATABASE shop')
const url = server.url('shop')
await createRevisionsTable(url)
await insertRevisions(url, [
  { version: '.atlas_cloud_identifier', description: 'c0ffee', partialHashes: null },
  { version: '1', description: 'users', hash: 'abc=' },
  {
    version: '2',
    applied: 1,
    total: 2,
    hash: 'def=',
    partialHashes: ['h1:ghi='],
    error: 'pq: invalid input syntax for type integer: "s3cret"',
    errorStatement: "INSERT INTO users VALUES ('s3cret')",
  },
])

const shown = (text: string) =>
  text
    .replace(/"exportedAt": "[^"]+"/, '"exportedAt": "TIME"')
    .replace(/"system": "\d+"/, '"system": "SYSTEM"')
    .replace(/"oid": "\d+"/, '"oid": "OID"')
    .replace(/"version": "\d+\.\d+"/, '"version": "VERSION"')

void t.test('writes the rows, without what an error quotes', async t => {
  const { code, stdout, stderr } = await runProgram(t, ['export', 'env:SHOP_URL'], {
    environment: { SHOP_URL: url },
  })
  t.strictSame([code, stderr], [0, ''])
  t.notMatch(stdout, /s3cret|127\.0\.0\.1|localhost/)
  matchTranscript(t, 'export', shown(stdout))
})

const manifests = `
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: schema, namespace: shop}
spec:
  urlFrom: {secretKeyRef: {name: database, key: url}}
  revisionsSchema: meta
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: plain, namespace: shop}
spec: {urlFrom: {secretKeyRef: {name: database, key: url}}}
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: lacking, namespace: shop}
spec: {urlFrom: {secretKeyRef: {name: database, key: link}}}
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: nothing, namespace: shop}
spec: {urlFrom: {secretKeyRef: {name: nowhere, key: url}}}
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: broken, namespace: shop}
spec: {url: 'postgres://u:s3cret@h:port/d'}
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: twice, namespace: shop}
spec: {}
---
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: twice, namespace: billing}
spec: {}
---
apiVersion: v1
kind: Secret
metadata: {name: database, namespace: shop}
stringData: {url: '${url}'}
`
const cluster = makeFolder(t, { 'all.yaml': manifests })

void t.test('an AtlasMigration leads to its table, as the operator finds it', async t => {
  const file = join(makeFolder(t), 'shop.json')
  const named = ['export', 'schema', '--manifests', cluster, '--output', file]
  t.match(await runProgram(t, named), { code: 0, stdout: '', stderr: '' })
  const read = () => parseTableExport(readFileSync(file, 'utf8'), file)
  t.match(read(), { database: 'shop', revisionsSchema: 'meta', table: { revisions: null } })
  const plain = ['export', 'plain', '--manifests', cluster, '--output', file]
  t.match(await runProgram(t, plain), { code: 0, stdout: '', stderr: '' })
  t.equal(read().revisionsSchema, 'atlas_schema_revisions')
  const other = [...named, '--revisions-schema', 'atlas_schema_revisions']
  t.match(await runProgram(t, other), { code: 0, stdout: '', stderr: '' })
  t.equal(read().table.revisions?.length, 2)
})

const usage = 'ATLAS_ADMISSION_USAGE'
const database = 'ATLAS_ADMISSION_DATABASE'
const secret = 's3cret'
const files = makeFolder(t, { empty: ' \n', url: `${url}\n` })
const port = Number(new URL(url).port)
const at = (authority: string, name = 'shop') => `postgres://${authority}/${name}?sslmode=disable`

interface Mistake {
  readonly name: string
  readonly args: readonly string[]
  readonly url?: string
  /** Without the program's name. */
  readonly line: string
  readonly code: string
}

const mistakes: readonly Mistake[] = [
  {
    name: 'no operand',
    args: [],
    line: 'export needs env:VARIABLE or file:PATH (where the database URL stands), or with --manifests or --kubernetes the name of an AtlasMigration',
    code: usage,
  },
  {
    name: 'a URL',
    args: [`postgres://u:${secret}@h/d`],
    line: 'export: found a URL, whose password would show in the process list; put it into a variable or a file and name that: env:VARIABLE or file:PATH',
    code: usage,
  },
  {
    name: 'a URL where a name belongs',
    args: [`env:mysql://u:${secret}@h/d`],
    line: 'export: found a URL, whose password would show in the process list; put it into a variable or a file and name that: env:VARIABLE or file:PATH',
    code: usage,
  },
  {
    name: 'a password by itself',
    args: [secret],
    line: 'export needs env:VARIABLE or file:PATH (where the database URL stands), or with --manifests or --kubernetes the name of an AtlasMigration',
    code: usage,
  },
  {
    name: 'a variable that is not set',
    args: ['env:NOT_SET'],
    line: 'env:NOT_SET: the variable NOT_SET is not set; expected a database URL in it',
    code: usage,
  },
  {
    name: 'an empty variable',
    args: ['env:URL'],
    url: ' ',
    line: 'env:URL: the variable URL is empty; expected a database URL in it',
    code: usage,
  },
  {
    name: 'no such file',
    args: [`file:${files}/none`],
    line: `file:${files}/none: the file ${files}/none cannot be read (ENOENT)`,
    code: usage,
  },
  {
    name: 'an empty file',
    args: [`file:${files}/empty`],
    line: `file:${files}/empty: the file ${files}/empty is empty; expected a database URL in it`,
    code: usage,
  },
  {
    name: 'a file that cannot be written',
    args: [`file:${files}/url`, '--output', `${files}/none/shop.json`],
    line: `--output: cannot write ${files}/none/shop.json (ENOENT); name a file in a folder that is there`,
    code: usage,
  },
  {
    name: 'no URL',
    args: ['env:URL'],
    url: `${secret}://u@h/d`,
    line: 'env:URL: Atlas knows no database with the scheme of the URL',
    code: database,
  },
  {
    name: 'a URL of MySQL',
    args: ['env:URL'],
    url: `mysql://u:${secret}@h/d`,
    line: 'env:URL: the URL is one of MySQL; only PostgreSQL is read so far',
    code: database,
  },
  {
    name: 'a wrong password',
    args: ['env:URL'],
    url: at(`postgres:${secret}@127.0.0.1:${port}`),
    line: 'env:URL: the database refused the user name or password of the URL',
    code: database,
  },
  {
    name: 'no such database',
    args: ['env:URL'],
    url: server.url('none'),
    line: 'env:URL: the database that the URL names does not exist',
    code: database,
  },
  {
    name: 'a port that nobody listens on',
    args: ['env:URL'],
    url: at(`postgres:${secret}@127.0.0.1:1`),
    line: 'env:URL: no PostgreSQL server could be reached with the URL',
    code: database,
  },
  {
    name: 'an AtlasMigration that is not there',
    args: ['none', '--manifests', cluster],
    line: 'no AtlasMigration none in the cluster; expected [NAMESPACE/]NAME of one',
    code: usage,
  },
  {
    name: 'a cluster, and no name',
    args: ['--manifests', cluster],
    line: 'export needs the [NAMESPACE/]NAME of an AtlasMigration',
    code: usage,
  },
  {
    name: 'a name that two have',
    args: ['twice', '--manifests', cluster],
    line: 'several AtlasMigrations are called twice; say which: shop/twice or billing/twice',
    code: usage,
  },
  {
    name: 'an AtlasMigration without a URL',
    args: ['shop/twice', '--manifests', cluster],
    line: 'AtlasMigration shop/twice: it names no database URL; put the URL into a variable and name that: env:VARIABLE',
    code: database,
  },
  {
    name: 'a Secret that lacks the key',
    args: ['lacking', '--manifests', cluster],
    line: 'AtlasMigration shop/lacking: spec.urlFrom.secretKeyRef needs the key link of Secret database, which lacks it',
    code: database,
  },
  {
    name: 'a Secret that is not there',
    args: ['nothing', '--manifests', cluster],
    line: 'AtlasMigration shop/nothing: spec.urlFrom.secretKeyRef needs the key url of Secret nowhere, which is not there',
    code: database,
  },
  {
    name: 'an AtlasMigration with a broken URL',
    args: ['broken', '--manifests', cluster],
    line: 'AtlasMigration shop/broken: the port of the URL is not a number',
    code: database,
  },
]

for (const { name, args, url = '', line, code } of mistakes)
  void t.test(`one line and exit code 2: ${name}`, async t => {
    const run = await runProgram(t, ['export', ...args], { environment: { URL: url } })
    t.strictSame(run, { code: 2, stdout: '', stderr: `atlas-admission: ${line} (${code})\n` })
  })

/** Takes connections and says nothing. */
async function startSilentServer(t: Test): Promise<Server> {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  return silent
}

void t.test('a Ctrl-C while the database is silent ends it with 130 and nothing else', async t => {
  const silent = await startSilentServer(t)
  const { port } = silent.address() as AddressInfo
  const program = startProgram(t, ['export', 'env:URL'], {
    environment: { URL: at(`u:${secret}@127.0.0.1:${port}`) },
  })
  const [socket] = await once(silent, 'connection')
  t.teardown(() => socket.destroy())
  program.process.kill('SIGINT')
  t.equal(await program.end(), 130)
  t.strictSame([program.stdout(), program.stderr()], ['', ''])
})

void t.test('nobody that reads on is no complaint', async t => {
  const program = startProgram(t, ['export', 'env:URL'], { environment: { URL: url } })
  program.process.stdout?.destroy()
  t.equal(await program.end(), 0)
  t.equal(program.stderr(), '')
})

void t.test('an old file stays whole when the database cannot be read', async t => {
  const file = join(files, 'old.json')
  writeFileSync(file, 'old')
  const environment = { URL: server.url('none') }
  t.match(await runProgram(t, ['export', 'env:URL', '--output', file], { environment }), {
    code: 2,
  })
  t.equal(readFileSync(file, 'utf8'), 'old')
})
