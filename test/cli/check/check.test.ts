import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyExamples, exampleDatabases, removeExamples } from '../../../src/cli/demo/examples.js'
import { createExampleDatabases } from '../../../src/database/embedded/example-databases.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { startTestPostgres } from '../../database/test-postgres.js'
import { makeFolder, matchTranscript, type Run, runProgram, startProgram } from '../program.js'
import { until } from '../../until.js'

t.setTimeout(300_000)

/** The example objects on a server of their own, with one more AtlasMigration. Resolves to their folder. */
async function startExamples(t: Test, more: Readonly<Record<string, string>> = {}) {
  const server = await startTestPostgres(t)
  const folder = await copyExamples(`127.0.0.1:${server.port}`)
  t.teardown(() => removeExamples(folder))
  const cluster = await openManifests(folder)
  await createExampleDatabases(name => server.url(name), await exampleDatabases(cluster))
  cluster.close()
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text)
  return { folder, server }
}

const seed = `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata:
  name: shop-seed
  namespace: shop
spec:
  urlFrom:
    secretKeyRef:
      name: shop-database
      key: url
  dir:
    configMapRef:
      name: shop-seed
`

void t.test('manifests are judged against their live databases, in every format', async t => {
  const { folder } = await startExamples(t, { 'seed.yaml': seed })
  const normalized = (text: string) =>
    text.replaceAll(folder, 'FOLDER').replace(/\d+ bytes/, 'N bytes')
  const { code, stdout, stderr } = await runProgram(t, ['check', folder])
  t.strictSame([code, stderr], [1, ''])
  matchTranscript(t, 'check', normalized(stdout))
  const github = await runProgram(t, ['check', folder, '--format', 'github'])
  t.equal(github.code, 1)
  matchTranscript(t, 'check-github', normalized(github.stdout))
  const files = ['json', 'sarif', 'junit'].map(
    format => `--format=${format}=${folder}/out.${format}`,
  )
  const quiet = await runProgram(t, ['check', folder, ...files])
  t.equal(normalized(quiet.stdout), normalized(stdout), 'the text is still there')
  const json = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as object
  t.match(json, { command: 'check' })
  t.match(readFileSync(join(folder, 'out.sarif'), 'utf8'), '"revision-table-shared"')
  t.match(readFileSync(join(folder, 'out.junit'), 'utf8'), '<testsuites')
  t.notMatch(JSON.stringify(json), 'demo-password')
})

void t.test('without a database the same directory passes, and standard input is read', async t => {
  const text = readFileSync('deploy/examples/directories.yaml', 'utf8')
  const run = startProgram(t, ['check', '-', '--offline'], { input: `${text}---\n${seed}` })
  t.equal(await run.end(), 0)
  matchTranscript(t, 'check-offline', run.stdout())
})

void t.test('a warning fails where that is asked for', async t => {
  const folder = makeFolder(t, { 'seed.yaml': seed })
  t.equal((await runProgram(t, ['check', folder])).code, 0)
  t.equal((await runProgram(t, ['check', folder, '--fail-on', 'warn'])).code, 1)
  t.match(await runProgram(t, ['check', folder, '--fail-on', 'error']), {
    code: 2,
    stderr:
      'atlas-admission: --fail-on: expected deny or warn, found "error" (ATLAS_ADMISSION_USAGE)\n',
  })
})

/** The last words of a check that watches. */
const waiting = 'waiting for a change; stop with Ctrl-C'

async function untilTimes(run: Run, count: number): Promise<void> {
  await until(`${count} checks`, () => {
    if (run.process.exitCode !== null) throw new Error(`the check has ended: ${run.stderr()}`)
    return run.stdout().split(waiting).length > count
  })
}

void t.test('--watch checks again when a file changes, also after a mistake in one', async t => {
  const folder = makeFolder(t, { 'seed.yaml': seed, 'policy.yaml': 'mode: warn\n' })
  const policy = join(folder, 'policy.yaml')
  const run = startProgram(t, [
    'check',
    folder,
    '--watch',
    '--offline',
    `--policy=${policy}`,
    `--format=text`,
    `--format=json=${folder}/out.json`,
  ])
  await untilTimes(run, 1)
  t.match(run.stdout(), 'configmap-not-found')
  writeFileSync(policy, 'mode: wrong\n')
  await untilTimes(run, 2)
  t.match(run.stdout(), 'ATLAS_ADMISSION_SETTINGS')
  writeFileSync(policy, 'mode: warn\n')
  await untilTimes(run, 3)
  copyFileSync('deploy/examples/directories.yaml', join(folder, 'directories.yaml'))
  await untilTimes(run, 4)
  t.notMatch(run.stdout().split(waiting)[3], 'configmap-not-found')
  run.process.kill('SIGINT')
  t.equal(await run.end(), 0)
  t.equal(run.stderr(), '')
})

void t.test('standard input cannot be watched', async t => {
  t.match(await runProgram(t, ['check', '-', '--watch']), {
    code: 2,
    stderr: /^atlas-admission: --watch: standard input is read only once; name files or folders/,
  })
})

/** A server that takes connections and never says a word. */
async function startMute(
  t: Test,
): Promise<{ readonly port: number; readonly called: Promise<unknown> }> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  /* c8 ignore next - it listens on a port */
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, called: once(server, 'connection') }
}

void t.test('an interruption during a query ends it at once, without an answer', async t => {
  const { port, called } = await startMute(t)
  const examples = await copyExamples(`127.0.0.1:${port}`)
  t.teardown(() => removeExamples(examples))
  const run = startProgram(t, ['check', examples])
  await called
  run.process.kill('SIGINT')
  t.equal(await run.end(), 130)
  t.strictSame([run.stdout(), run.stderr()], ['', ''])
})

void t.test('a watch that is interrupted during its first check has nothing to tell', async t => {
  const { port, called } = await startMute(t)
  const examples = await copyExamples(`127.0.0.1:${port}`)
  t.teardown(() => removeExamples(examples))
  const run = startProgram(t, ['check', examples, '--watch'])
  await called
  run.process.kill('SIGINT')
  t.equal(await run.end(), 0)
})

type Mistake = [name: string, argv: readonly string[], code: number, said: RegExp]

const mistakes: readonly Mistake[] = [
  [
    'no such file',
    ['none.yaml'],
    2,
    /: cannot read none\.yaml: no such file; .*ATLAS_ADMISSION_INPUT/,
  ],
  ['an unknown format', ['.', '--format', 'jsno'], 2, /unknown format "jsno"; did you mean json\?/],
  [
    'a policy that is not there',
    ['deploy/examples', '--policy', 'none.yaml'],
    2,
    /none\.yaml cannot be read/,
  ],
  [
    'rows that are not there',
    ['deploy/examples', '--rows', 'none.json'],
    2,
    /cannot read none\.json: nothing there/,
  ],
]

for (const [name, argv, code, said] of mistakes)
  void t.test(`one clear line and code ${code}: ${name}`, async t => {
    const run = await runProgram(t, ['check', ...argv])
    t.match(run, { code, stdout: '', stderr: said })
    t.equal(run.stderr.trimEnd().split('\n').length, 1)
  })

void t.test('broken YAML is shown with its line, and leaves the verdict open', async t => {
  const folder = makeFolder(t, { 'a.yaml': 'kind: ConfigMap\nmetadata: a: b\n' })
  const { code, stdout } = await runProgram(t, ['check', folder])
  t.equal(code, 2)
  matchTranscript(t, 'check-broken-yaml', stdout.replaceAll(folder, 'FOLDER'))
})

void t.test('a reader that goes away is no error of ours', async t => {
  const run = startProgram(t, ['check', 'deploy/examples', '--offline'])
  run.process.stdout?.destroy()
  t.equal(await run.end(), 0)
  t.equal(run.stderr(), '')
})
