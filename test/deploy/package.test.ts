import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { programHelp } from '../../src/cli/help.js'
import { FakeApiServer } from '../kubernetes/fake-api-server.js'
import { makeFolder, matchTranscript, postReview, runProgram } from '../cli/program.js'
import { staleReview, startServing } from '../cli/serving.js'
import { installPackage } from './installed-package.js'

/* What `npm pack` makes, as somebody has it who installed it: without this checkout and without its packages. */

// It is packed, and programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)

const { files, root, program } = installPackage(t)
const paths = files.map(({ path }) => path)
const bundle = join(root, 'dist', 'bundle')
const scripts = join(bundle, 'js')
const readPackage = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Everything that may be published. */
const published =
  /^(?:LICENSE|README\.md|package\.json|certs\/(?:README\.md|make-self-signed\.mjs)|dist\/bundle\/(?:THIRD-PARTY-LICENSES|js\/[\w.-]+\.js(?:\.map)?)|deploy\/(?:examples|chart\/atlas-admission)\/.*|deploy\/(?:install|policy\.example)\.yaml|deploy\/policy\.schema\.json|docs\/.*\.md)$/

void t.test('the package holds what is needed, and nothing else', async t => {
  t.strictSame(
    paths.filter(path => !published.test(path)),
    [],
  )
  for (const path of ['LICENSE', 'dist/bundle/THIRD-PARTY-LICENSES', 'dist/bundle/js/main.js'])
    t.ok(paths.includes(path), path)
  const executable = files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path)
  t.strictSame(executable, ['dist/bundle/js/main.js'])
})

void t.test('what the README links to is in the package', async t => {
  const linked = paths
    .filter(path => path.endsWith('README.md'))
    .flatMap(readme =>
      [...readPackage(readme).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) =>
        join(root, dirname(readme), link),
      ),
    )
  t.ok(linked.length > 0)
  t.strictSame(
    linked.filter(file => !existsSync(file)),
    [],
  )
})

void t.test('no package comes along: npm would choose other versions than were tested', async t => {
  const { dependencies, bin } = JSON.parse(readPackage('package.json')) as {
    readonly dependencies?: object
    readonly bin: Readonly<Record<string, string>>
  }
  t.strictSame(
    { dependencies, bin },
    {
      dependencies: undefined,
      bin: { 'atlas-admission': 'dist/bundle/js/main.js' },
    },
  )
})

const maps = readdirSync(scripts)
  .filter(name => name.endsWith('.map'))
  .map(name => JSON.parse(readFileSync(join(scripts, name), 'utf8')) as SourceMap)

interface SourceMap {
  readonly sources: readonly string[]
  readonly sourcesContent?: readonly string[]
}

void t.test('nothing in it tells of the machine that packed it', async t => {
  const telling = readdirSync(scripts).filter(name =>
    readFileSync(join(scripts, name), 'utf8').includes(process.cwd()),
  )
  t.strictSame(telling, [])
  t.strictSame(
    maps.filter(({ sourcesContent }) => sourcesContent),
    [],
  )
})

void t.test('the licence of every package in it is told', async t => {
  const told = readFileSync(join(bundle, 'THIRD-PARTY-LICENSES'), 'utf8')
  const names = maps
    .flatMap(({ sources }) => sources)
    .map(source => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1])
    .filter(name => name !== undefined)
  t.ok(names.includes('undici') && names.includes('@kubernetes/client-node'))
  t.strictSame(
    names.filter(name => !told.includes(`\n${name} `)),
    [],
  )
})

/** Of every file of the bundle, by name. */
function digests(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const found = names.filter(name => statSync(join(folder, name)).isFile())
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
  return Object.fromEntries(found.map(name => [name, digest(name)]))
}

void t.test('the same sources give the same bytes', async t => {
  execFileSync(process.execPath, ['deploy/bundle/bundle.mjs'])
  t.strictSame(digests('dist/bundle'), digests(bundle))
})

/** The modules whose place decides what they find: the bundle has them elsewhere. */
void t.test('few modules know where they lie', async t => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  const knowing = sources.filter(
    name => name.endsWith('.ts') && readFileSync(join('src', name), 'utf8').includes('import.meta'),
  )
  t.strictSame(knowing.sort(), ['database/embedded/embedded-binaries.ts', 'gate/package-file.ts'])
})

/** Bytes that are read before the command is known. */
function staticBytes(name: string, seen = new Set<string>()): number {
  if (seen.has(name)) return 0
  seen.add(name)
  const text = readFileSync(join(scripts, name), 'utf8')
  const imported = [...text.matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)]
  const sizes = imported.map(([, other = '']) => staticBytes(other, seen))
  return sizes.reduce((sum, size) => sum + size, text.length)
}

void t.test('a command loads only what it needs', async t => {
  t.ok(staticBytes('main.js') < 100_000, `${staticBytes('main.js')} bytes`)
})

const { version } = JSON.parse(readPackage('package.json')) as { readonly version: string }

void t.test('it runs', async t => {
  t.match(await runProgram(t, ['--version'], { program }), { code: 0, stdout: `${version}\n` })
  const help = { code: 0, stdout: `${programHelp()}\n`, stderr: '' }
  t.strictSame(await runProgram(t, ['--help'], { program }), help)
})

void t.test('the demo finds its examples and the PostgreSQL beside it', async t => {
  const args = ['demo', '--once', '--listen=127.0.0.1:0']
  const { code, stdout } = await runProgram(t, args, { program })
  t.equal(code, 0)
  matchTranscript(t, 'demo', stdout.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT'))
})

const user = {
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { namespace: 'shop', name: 'schema' },
  spec: { url: 'sqlite://file', dir: { configMapRef: { name: 'files' } } },
}

/** The options that make it know the user. */
const clusters: readonly [name: string, open: (t: Test) => Promise<readonly string[]>][] = [
  [
    'a folder',
    async t => ['--manifests', makeFolder(t, { 'migration.json': JSON.stringify(user) })],
  ],
  [
    'an API server',
    async t => {
      const server = new FakeApiServer()
      await server.listen()
      t.teardown(() => server.close())
      server.put(user)
      const folder = makeFolder(t, { config: server.kubeconfig() })
      return ['--kubernetes', '--kubeconfig', join(folder, 'config')]
    },
  ],
]

for (const [name, open] of clusters)
  void t.test(`it serves ${name}`, async t => {
    const args = [...(await open(t)), '--metrics-listen=off', '--drain-delay=0s']
    const run = await startServing(t, args, { program })
    const { response } = await postReview(run.url, staleReview, 30)
    t.match(response.status?.message, /^\[checksum-mismatch\] /)
    run.process.kill('SIGTERM')
    t.equal(await run.end(), 0)
  })

void t.test('certificates for a trial are made without the checkout', async t => {
  const folder = makeFolder(t)
  execFileSync(process.execPath, [join(root, 'certs', 'make-self-signed.mjs'), '--out', folder])
  t.strictSame(readdirSync(folder).sort(), ['ca.crt', 'tls.crt', 'tls.key'])
})
