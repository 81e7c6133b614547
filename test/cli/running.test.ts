import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { exitCodes } from '../../src/cli/line/command.js'
import { exampleDatabases } from '../../src/cli/demo/examples.js'
import { type DemoResult, formatDemoTable, kubectlLines } from '../../src/cli/demo/report.js'
import { exitCodeOf, failureLine } from '../../src/cli/line/exit-code.js'
import { ManifestsError } from '../../src/cli/input/manifests-error.js'
import { listMistakes } from '../../src/report/parts/mistake-list.js'
import { openOutput } from '../../src/cli/output/output.js'
import { Resources } from '../../src/gate/resources.js'
import { readSettings, SettingsError } from '../../src/gate/settings-file.js'
import { interruptedExitCode, watchStopSignal } from '../../src/cli/line/stop-signal.js'
import { UsageError } from '../../src/cli/line/usage-error.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { CodedError } from '../../src/review/ports/coded-error.js'
import type { Cluster } from '../../src/review/ports/ports.js'
import { ListenError } from '../../src/webhook/listen-error.js'
import { makeFolder } from './program.js'

void t.test('resources end in reverse order, each once', async t => {
  const ended: string[] = []
  const resources = new Resources()
  for (const name of ['database', 'folder', 'server'])
    t.equal(
      resources.add(name, async name => void ended.push(name)),
      name,
    )
  await resources.releaseAll()
  await resources.releaseAll()
  t.strictSame(ended, ['server', 'folder', 'database'])
})

void t.test('a resource that cannot be ended does not keep the others', async t => {
  const ended: string[] = []
  const resources = new Resources()
  resources.add('database', async name => void ended.push(name))
  resources.add('folder', () => Promise.reject(new Error('second')))
  resources.add('server', () => Promise.reject(new Error('first')))
  await t.rejects(resources.releaseAll(), new Error('first'))
  t.strictSame(ended, ['database'])
})

void t.test('the first signal asks, a later one ends at once', async t => {
  const emitter = new EventEmitter()
  const ended: number[] = []
  let now = 1000
  const signal = watchStopSignal(emitter, {
    signals: ['SIGINT', 'SIGTERM'],
    end: code => void ended.push(code),
    now: () => now,
  })
  t.equal(signal.isReceived(), false)
  emitter.emit('SIGHUP')
  t.equal(signal.isReceived(), false)
  emitter.emit('SIGINT')
  await signal.received
  t.equal(signal.isReceived(), true)
  now += 20
  emitter.emit('SIGINT')
  t.strictSame(ended, [], 'npm repeats what the terminal has sent')
  now += 2000
  emitter.emit('SIGTERM')
  t.strictSame(ended, [interruptedExitCode])
  signal.close()
  t.equal(emitter.listenerCount('SIGINT') + emitter.listenerCount('SIGTERM'), 0)
})

class FakeStream extends EventEmitter {
  readonly written: string[] = []
  write(text: string): void {
    this.written.push(text)
  }
}

void t.test('output goes to its reader until that is gone', async t => {
  const stream = new FakeStream()
  const output = openOutput(stream)
  output.print('one')
  t.equal(output.isClosed(), false)
  stream.emit('error', new Error('EPIPE'))
  await output.closed
  t.equal(output.isClosed(), true)
  output.print('two')
  t.strictSame(stream.written, ['one\n'])
})

void t.test('output knows its terminal', async t => {
  const file = openOutput(new FakeStream())
  t.strictSame([file.width, file.colors], [100, false])
  const terminal = openOutput(
    Object.assign(new FakeStream(), { columns: 80, hasColors: () => true }),
  )
  t.strictSame([terminal.width, terminal.colors], [80, true])
})

class UnlistedError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_UNLISTED'
}

const nested = new TypeError('postgres://u:secret@h/db')
const stackless = new Error('secret')
stackless.stack = undefined as unknown as string

type Failure = [name: string, error: unknown, code: number, line: string | RegExp]

const failures: readonly Failure[] = [
  [
    'a deliberate error',
    new UsageError('no such thing'),
    2,
    'atlas-admission: no such thing (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'one with a line for each mistake',
    new ManifestsError('unusable\n  a.yaml:1:1: x\n  b.yaml:1:1: y'),
    2,
    'atlas-admission: unusable (ATLAS_ADMISSION_MANIFESTS)\n  a.yaml:1:1: x\n  b.yaml:1:1: y',
  ],
  [
    'a port that is taken',
    new ListenError({
      endpoint: { host: '::1', port: 8443 },
      option: '--listen',
      cause: Object.assign(new Error(), { code: 'EADDRINUSE' }),
    }),
    3,
    'atlas-admission: [::1]:8443 is taken by another process; stop it or choose another with --listen (ATLAS_ADMISSION_LISTEN)',
  ],
  [
    'a deliberate error without an exit code',
    new UnlistedError('x'),
    70,
    'atlas-admission: x (ATLAS_ADMISSION_UNLISTED)',
  ],
  [
    'an error of ours, whose message may hold anything',
    nested,
    70,
    /^atlas-admission: a fault of the program itself: TypeError\n {4}at .+running\.test/,
  ],
  [
    'an error without frames',
    stackless,
    70,
    'atlas-admission: a fault of the program itself: Error\n',
  ],
  [
    'something that is no error',
    'secret',
    70,
    'atlas-admission: a fault of the program itself: unknown error',
  ],
]

for (const [name, error, code, line] of failures)
  void t.test(`the exit code and the line of ${name}`, async t => {
    t.equal(exitCodeOf(error), code)
    t.ok(exitCodes.some(known => known.code === code))
    t.match(failureLine(error), line)
    t.notMatch(failureLine(error), 'secret')
  })

void t.test('a URL that was given in a wrong place is not repeated', async t => {
  const url = 'postgres://me:demo-password@db/shop?password=demo-password'
  t.equal(
    failureLine(new UsageError(`cannot read ${url}: no such file\n  nor ${url}`)),
    [
      'atlas-admission: cannot read postgres://*** no such file (ATLAS_ADMISSION_USAGE)',
      '  nor postgres://***',
    ].join('\n'),
  )
})

void t.test('of very many mistakes the first are shown', async t => {
  const mistakes = Array.from({ length: 25 }, (_, index) => `mistake ${index + 1}`)
  t.equal(listMistakes(['one', 'two']), '  one\n  two')
  const lines = listMistakes(mistakes).split('\n')
  t.equal(lines.length, 21)
  t.equal(lines.at(-2), '  mistake 20')
  t.equal(lines.at(-1), '  and 5 more')
})

void t.test('settings come from the file, else from the defaults', async t => {
  const folder = makeFolder(t, {
    'audit.yaml': 'mode: audit\n',
    'bad.yaml': 'mode: [\n',
  })
  t.equal(await readSettings(undefined, []), defaultSettings)
  t.equal((await readSettings(join(folder, 'audit.yaml'), [])).mode, 'audit')
  await t.rejects(readSettings(join(folder, 'bad.yaml'), []), SettingsError)
  await t.rejects(
    readSettings(join(folder, 'none.yaml'), []),
    new SettingsError(
      `the policy ${join(folder, 'none.yaml')} cannot be read (ENOENT); check --policy`,
    ),
  )
})

const written: DemoResult = {
  title: 'a schema',
  operation: 'UPDATE',
  kind: 'AtlasMigration',
  namespace: 'shop',
  name: 'schema',
  response: { allowed: true },
}

const denied: DemoResult = {
  ...written,
  response: {
    allowed: false,
    status: { reason: 'Forbidden', message: 'line one\nline two: 20250103000000\nline three' },
    warnings: ['warn with a denial'],
  },
}

type Shown = [name: string, result: DemoResult, lines: string[]]

/** The outcomes and the denial are those of kubectl 1.36 and 1.34 (deleted from) on a real API server. */
const shown: readonly Shown[] = [
  ['an apply', written, ['atlasmigration.db.atlasgo.io/schema serverside-applied']],
  [
    'an apply of a ConfigMap',
    { ...written, kind: 'ConfigMap', operation: 'CREATE' },
    ['configmap/schema serverside-applied'],
  ],
  [
    'an apply of another kind',
    { ...written, kind: 'secret' },
    ['secret/schema serverside-applied'],
  ],
  [
    'a delete',
    { ...written, operation: 'DELETE' },
    ['atlasmigration.db.atlasgo.io "schema" deleted from shop namespace'],
  ],
  [
    'warnings',
    { ...written, response: { allowed: true, warnings: ['one', 'two'] } },
    ['Warning: one', 'Warning: two', 'atlasmigration.db.atlasgo.io/schema serverside-applied'],
  ],
  [
    'a denial',
    denied,
    [
      'Warning: warn with a denial',
      'Error from server (Forbidden): admission webhook "validate.atlas-admission.io" denied the request: line one',
      'line two: 20250103000000',
      'line three',
    ],
  ],
]

for (const [name, result, lines] of shown)
  void t.test(`what kubectl shows of ${name}`, async t => {
    t.strictSame(kubectlLines(result), lines)
  })

void t.test('the table keeps to its width, and loses no word', async t => {
  const message = `first ${'word '.repeat(40)}\n- ${'point '.repeat(40)}\n${'x'.repeat(90)} end`
  const long: DemoResult = {
    ...denied,
    response: { allowed: false, status: { reason: 'Forbidden', message } },
  }
  for (const [width, most] of [
    [80, 80],
    [120, 120],
    [20, 53],
  ] as const) {
    const lines = formatDemoTable([written, long], { width, colors: false }).split('\n')
    const broken = lines.filter(line => line.length > most && !line.includes('x'.repeat(90)))
    t.strictSame(broken, [])
    const text = lines.join(' ')
    t.equal(text.match(/\bword\b/g)?.length, 40)
    t.equal(text.match(/\bpoint\b/g)?.length, 40)
    t.match(lines, [/^ #/, /^--/, /^ 1 {2}allowed {2}a schema: UPDATE /])
    t.equal(lines.at(-1), '2 reviews: 1 allowed, 1 denied.')
  }
})

void t.test('answers are coloured for a terminal only', async t => {
  const results = [written, denied]
  const plain = formatDemoTable(results, { width: 80, colors: false })
  const colored = formatDemoTable(results, { width: 80, colors: true })
  t.notMatch(plain, '\x1b')
  t.match(colored, '\x1b[32mallowed\x1b[0m')
  t.match(colored, '\x1b[1;31mDENIED \x1b[0m')
  t.equal(colored.replace(/\x1b\[[\d;]*m/g, ''), plain)
})

void t.test('the example databases need the example directories', async t => {
  const cluster = { readConfigMap: async () => null } as unknown as Cluster
  await t.rejects(
    exampleDatabases(cluster),
    new Error('the example objects lack the ConfigMap shop/shop-schema'),
  )
})
