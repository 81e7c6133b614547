import { readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { demoCommand } from '../../../src/cli/demo/command.js'
import { demo, type DemoAdapters, type DemoPostgres } from '../../../src/cli/demo/demo.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { leftovers, makeFolder, matchTranscript, runProgram, startProgram } from '../program.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)

const anyPort = ['--listen', '127.0.0.1:0']

/** The answer to each review of deploy/examples/reviews, as its story demands it. */
const story: readonly [review: string, answer: string][] = [
  ['01-schema-applied-again', 'allowed'],
  ['02-a-new-file-is-added', 'allowed'],
  ['03-seed-data-on-the-same-table', 'DENIED'],
  ['04-restored-database-with-files-missing', 'DENIED'],
  ['05-the-same-with-down-allowed', 'DENIED'],
  ['06-the-same-after-consolidation', 'allowed'],
  ['07-schema-after-consolidation', 'allowed'],
  ['08-an-applied-file-is-pruned', 'DENIED'],
  ['09-an-applied-file-is-edited-without-a-new-sum', 'DENIED'],
  ['10-the-migration-is-deleted', 'allowed'],
]

void t.test('shows the table once, and leaves nothing', async t => {
  const folder = makeFolder(t)
  const { code, stdout, stderr } = await runProgram(t, ['demo', '--once', ...anyPort], {
    environment: { TMPDIR: folder },
  })
  t.equal(stderr, '')
  t.equal(code, 0)
  const answers = [...stdout.matchAll(/^ ?\d+ {2}(allowed|DENIED )/gm)].map(match => match[1])
  t.strictSame(
    answers.map(answer => answer?.trim()),
    story.map(([, answer]) => answer),
  )
  t.strictSame(
    readdirSync('deploy/examples/reviews'),
    story.map(([review]) => `${review}.json`),
  )
  matchTranscript(t, 'demo', stdout.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT'))
  t.strictSame(leftovers(folder), [])
})

void t.test('serves on until SIGTERM, and leaves nothing', async t => {
  const folder = makeFolder(t)
  const program = startProgram(t, ['demo', ...anyPort], { environment: { TMPDIR: folder } })
  await program.until('Stop with Ctrl-C.')
  t.equal(
    leftovers(folder).some(text => text.startsWith('atlas-admission-demo-')),
    true,
  )
  t.match(program.stdout(), /'https:\/\/127\.0\.0\.1:\d+\/validate\?timeout=10s'/)
  program.process.kill('SIGTERM')
  t.equal(await program.end(), 0)
  t.equal(program.stderr(), '')
  t.strictSame(leftovers(folder), [])
})

void t.test('ends by itself when nobody reads on, without complaint', async t => {
  const folder = makeFolder(t)
  const program = startProgram(t, ['demo', ...anyPort], { environment: { TMPDIR: folder } })
  await program.until('Starting')
  program.process.stdout?.destroy()
  t.equal(await program.end(), 0)
  t.equal(program.stderr(), '')
  t.strictSame(leftovers(folder), [])
})

void t.test('a Ctrl-C while it starts ends it in order', async t => {
  const folder = makeFolder(t)
  const program = startProgram(t, ['demo', ...anyPort], { environment: { TMPDIR: folder } })
  await program.until('Starting')
  program.process.kill('SIGINT')
  t.equal(await program.end(), 0)
  t.notMatch(program.stdout(), 'Serving')
  t.equal(program.stderr(), '')
  t.strictSame(leftovers(folder), [])
})

void t.test('a port that is taken ends it with 3 and one line, and leaves nothing', async t => {
  const folder = makeFolder(t)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const args = ['demo', '--once', '--listen', address]
  const { code, stderr } = await runProgram(t, args, { environment: { TMPDIR: folder } })
  t.equal(code, 3)
  t.equal(
    stderr,
    `atlas-admission: ${address} is taken by another process; stop it or choose another with --listen (ATLAS_ADMISSION_LISTEN)\n`,
  )
  t.strictSame(leftovers(folder), [])
})

void t.test('a temporary folder that cannot be written ends it with 3 and one line', async t => {
  const file = join(makeFolder(t, { file: '' }), 'file')
  const { code, stderr } = await runProgram(t, ['demo', '--once', ...anyPort], {
    environment: { TMPDIR: file },
  })
  t.equal(code, 3)
  t.match(
    stderr,
    /^atlas-admission: .*a folder it can write below .*file: ENOTDIR; set TMPDIR to another folder \(ATLAS_ADMISSION_EMBEDDED_POSTGRES\)\n$/,
  )
})

/** A database that is started and stopped in word only: what happens around it is the matter here. */
function fakeAdapters(overrides: Partial<DemoAdapters> = {}) {
  const happened: string[] = []
  const postgres: DemoPostgres = {
    port: 1,
    url: database => `postgres://127.0.0.1:1/${database}`,
    stop: async () => void happened.push('postgres stopped'),
  }
  const adapters: DemoAdapters = {
    startPostgres: async () => postgres,
    async createDatabases(urlOf, databases) {
      for (const { name, directories } of databases)
        happened.push(`${urlOf(name)} of ${directories.flatMap(({ files }) => files).length} files`)
    },
    async openManifests(folder) {
      const cluster = await openManifests(folder)
      return { ...cluster, problems: () => [] }
    },
    openKubernetes: () => Promise.reject(new Error('no cluster')),
    openCertificateStore: () => Promise.reject(new Error('no cluster')),
    buildReader: ({ onFailure }) => ({
      connections: () => 0,
      async readTable() {
        onFailure('unreachable', 'ECONNREFUSED')
        return { kind: 'failed', failure: 'unreachable', message: 'no' }
      },
      readIdentity: async () => null,
      close: async () => void happened.push('reader closed'),
    }),
    ...overrides,
  }
  return { adapters, happened, postgres }
}

function fakeOutput() {
  const printed: string[] = []
  let isClosed = false
  let resolve = () => {}
  const closed = new Promise<void>(done => (resolve = done))
  const close = () => {
    isClosed = true
    resolve()
  }
  const print = (text: string) => void printed.push(text)
  return {
    output: {
      print,
      printExact: print,
      width: 80,
      colors: false,
      closed,
      isClosed: () => isClosed,
    },
    printed,
    close,
  }
}

function argumentsOf(...argv: readonly string[]) {
  return parseArguments(demoCommand, [...anyPort, ...argv], {})
}

const started = 'Starting a PostgreSQL of its own, with the databases of the example ...'

void t.test('the databases hold what the example says has run', async t => {
  const { adapters, happened } = fakeAdapters()
  const { output, printed } = fakeOutput()
  t.equal(await demo(argumentsOf('--once'), adapters, output), 0)
  t.strictSame(happened, [
    'postgres://127.0.0.1:1/shop of 4 files',
    'postgres://127.0.0.1:1/shop_restored of 6 files',
    'reader closed',
    'postgres stopped',
  ])
  t.equal(printed[0], started)
  t.match(printed.at(-1), '10 reviews: ')
})

void t.test('a signal is heeded between the steps, and ends what was started', async t => {
  const listeners = process.listenerCount('SIGHUP')
  const { adapters, happened, postgres } = fakeAdapters({
    startPostgres: async () => {
      process.emit('SIGHUP')
      return postgres
    },
  })
  const { output, printed } = fakeOutput()
  t.equal(await demo(argumentsOf(), adapters, output), 0)
  t.strictSame(printed, [started])
  t.strictSame(happened, ['postgres stopped'])
  t.equal(process.listenerCount('SIGHUP'), listeners)
})

void t.test('a reader who leaves before the table ends it', async t => {
  const { output, printed, close } = fakeOutput()
  const { adapters, happened } = fakeAdapters({ createDatabases: async () => close() })
  t.equal(await demo(argumentsOf(), adapters, output), 0)
  t.strictSame(printed, [started])
  t.strictSame(happened, ['reader closed', 'postgres stopped'])
})

void t.test('a start that fails ends what was started before', async t => {
  const { adapters, happened } = fakeAdapters({
    createDatabases: () => Promise.reject(new Error('no')),
  })
  await t.rejects(demo(argumentsOf(), adapters, fakeOutput().output), new Error('no'))
  t.strictSame(happened, ['postgres stopped'])
})
