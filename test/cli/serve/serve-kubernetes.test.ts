import { once } from 'node:events'
import { request } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Environment, parseArguments } from '../../../src/cli/line/arguments.js'
import type { Adapters } from '../../../src/cli/input/adapters.js'
import {
  type ClusterChoice,
  openCluster,
  parseClusterChoice,
} from '../../../src/cli/input/cluster-choice.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import { serveCommand } from '../../../src/cli/serve/command.js'
import { type Fault, FakeApiServer } from '../../kubernetes/fake-api-server.js'
import { makeFolder, postReview, runProgram, type Run } from '../program.js'
import { type Serving, staleReview, startServing } from '../serving.js'

const parse = (argv: readonly string[], environment: Environment = {}): ClusterChoice =>
  parseClusterChoice(parseArguments(serveCommand, argv, environment))

type Choice = [name: string, argv: readonly string[], choice: ClusterChoice]

const choices: readonly Choice[] = [
  ['a folder', ['--manifests=dir'], { kind: 'manifests', folder: 'dir' }],
  [
    'the cluster of the pod',
    ['--kubernetes'],
    { kind: 'kubernetes', kubeconfig: null, namespaces: [] },
  ],
  [
    'the current context of a kubeconfig',
    ['--kubernetes', '--kubeconfig=file'],
    { kind: 'kubernetes', kubeconfig: { file: 'file' }, namespaces: [] },
  ],
  [
    'a context and some namespaces',
    ['--kubernetes', '--kubeconfig=file', '--context=staging', '--namespaces=shop, billing'],
    {
      kind: 'kubernetes',
      kubeconfig: { file: 'file', context: 'staging' },
      namespaces: ['shop', 'billing'],
    },
  ],
]

for (const [name, argv, choice] of choices)
  void t.test(`serve takes ${name}`, async t => t.strictSame(parse(argv), choice))

void t.test('every option of the cluster has a variable', async t => {
  const environment = {
    ATLAS_ADMISSION_KUBERNETES: 'true',
    ATLAS_ADMISSION_KUBECONFIG: 'file',
    ATLAS_ADMISSION_CONTEXT: 'staging',
    ATLAS_ADMISSION_NAMESPACES: 'shop',
  }
  t.strictSame(parse([], environment), {
    kind: 'kubernetes',
    kubeconfig: { file: 'file', context: 'staging' },
    namespaces: ['shop'],
  })
})

type Refusal = [name: string, argv: readonly string[], message: string]

const refusals: readonly Refusal[] = [
  [
    'both clusters',
    ['--manifests=dir', '--kubernetes'],
    '--manifests and --kubernetes exclude each other: give one of them',
  ],
  [
    'namespaces of a folder',
    ['--manifests=dir', '--namespaces=shop'],
    '--namespaces needs --kubernetes',
  ],
  ['a kubeconfig alone', ['--kubeconfig=file'], '--kubeconfig needs --kubernetes'],
  [
    'a context of no kubeconfig',
    ['--kubernetes', '--context=staging'],
    '--context needs --kubeconfig FILE: a pod knows no other cluster',
  ],
  [
    'a namespace that cannot be',
    ['--kubernetes', '--namespaces=shop,,billing'],
    '--namespaces: "" is no name of a namespace; expected something like shop,billing',
  ],
]

for (const [name, argv, message] of refusals)
  void t.test(`serve refuses ${name}`, async t =>
    t.throws(() => parse(argv), { code: 'ATLAS_ADMISSION_USAGE', message }),
  )

void t.test('a kubeconfig that cannot be read ends it with 2', async t => {
  const args = ['serve', '--kubernetes', '--kubeconfig=/nowhere/config']
  const { code, stderr } = await runProgram(t, args)
  t.equal(code, 2)
  t.equal(
    stderr,
    'atlas-admission: the kubeconfig /nowhere/config cannot be read (ENOENT); check --kubeconfig (ATLAS_ADMISSION_KUBECONFIG)\n',
  )
})

void t.test('outside of a cluster it says so and ends with 2', async t => {
  const environment = { KUBERNETES_SERVICE_HOST: '', KUBERNETES_SERVICE_PORT: '' }
  const { code, stderr } = await runProgram(t, ['serve', '--kubernetes'], { environment })
  t.equal(code, 2)
  t.match(
    stderr,
    /^atlas-admission: this is no pod of a cluster: .* name a kubeconfig with --kubeconfig FILE \(/,
  )
})

const migration = (name: string, spec: object) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { namespace: 'shop', name },
  spec,
})

/** A user of the ConfigMap that the review below is about; nothing listens on port 1. */
const user = migration('schema', {
  url: 'postgres://u:p@127.0.0.1:1/shop?sslmode=disable',
  dir: { configMapRef: { name: 'files' } },
})

function startServe(t: Test, server: FakeApiServer): Promise<Serving> {
  const kubeconfig = join(makeFolder(t, { config: server.kubeconfig() }), 'config')
  const listen = ['--metrics-listen=127.0.0.1:0', '--drain-delay=0s']
  return startServing(t, ['--kubernetes', '--kubeconfig', kubeconfig, ...listen])
}

async function probe(url: string): Promise<{ readonly code: number; readonly text: string }> {
  const sent = request(url, { rejectUnauthorized: false, agent: false }).end()
  const [response] = (await once(sent, 'response')) as [
    AsyncIterable<Buffer> & { readonly statusCode: number },
  ]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { code: response.statusCode, text: Buffer.concat(chunks).toString() }
}

function stop({ process, end }: Run): ReturnType<Run['end']> {
  process.kill('SIGTERM')
  return end()
}

void t.test(
  'it is alive at once, ready once the cluster is known, and decides nothing before',
  async t => {
    const server = new FakeApiServer()
    await server.listen()
    t.teardown(() => server.close())
    server.put(user)
    server.fail('list', ...Array<Fault>(100).fill(404))
    const program = await startServe(t, server)
    const { url, metricsUrl } = program

    await program.until('"msg":"the watch of AtlasMigrations is begun again"')
    t.equal((await probe(`${url}/livez`)).code, 200)
    for (const path of ['startupz', 'readyz']) {
      const { code, text } = await probe(`${url}/${path}`)
      t.equal(code, 503, path)
      t.match(text, 'cluster: the AtlasMigration CRD is not installed', path)
    }
    const hurried = await postReview(url, staleReview, 1)
    t.equal(hurried.response.allowed, true)
    t.match(hurried.response.warnings?.join(), /the review did not come to an end/)

    const waiting = postReview(url, staleReview, 30)
    server.heal()
    const { response } = await waiting
    t.equal(response.allowed, false)
    t.match(response.status?.message, /^\[checksum-mismatch\] /)
    for (const path of ['startupz', 'readyz'])
      t.equal((await probe(`${url}/${path}`)).code, 200, path)

    server.put(migration('broken', { baseline: 1 }))
    await program.until('"msg":"AtlasMigrations that cannot be read; no review knows of them"')
    t.match(program.stdout(), 'AtlasMigration shop/broken: spec.baseline: expected string')
    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text()
    for (const sample of [
      /^atlas_admission_atlasmigrations 1$/m,
      /^atlas_admission_atlasmigrations_unreadable 1$/m,
      /^atlas_admission_watch_up 1$/m,
      /^atlas_admission_watch_restarts_total [1-9]\d*$/m,
      /^atlas_admission_watch_last_event_age_seconds \d/m,
    ])
      t.match(metrics, sample)
    t.equal(await stop(program), 0)
    t.equal(program.stderr(), '')
  },
)

void t.test('a fault of what follows the cluster is logged, without its message', async t => {
  let logged = ''
  const write = (line: string) => void (logged += line)
  const log = buildLogger({ level: 'error' }, { write })
  const choice = parse(['--kubernetes'])
  const openKubernetes: Adapters['openKubernetes'] = options => {
    options.onListenerError?.(new TypeError('postgres://u:s3cr3t@h/d'))
    return Promise.reject(new Error('enough'))
  }
  const adapters = { openKubernetes } as Adapters
  await t.rejects(openCluster(choice, adapters, log), { message: 'enough' })
  t.match(logged, '"msg":"what follows the cluster has failed"')
  t.match(logged, '"type":"TypeError"')
  t.notMatch(logged, 's3cr3t')
})
