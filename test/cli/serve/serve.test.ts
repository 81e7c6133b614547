import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Environment, parseArguments } from '../../../src/cli/line/arguments.js'
import { serveCommand } from '../../../src/cli/serve/command.js'
import { exitCodeOf, failureLine } from '../../../src/cli/line/exit-code.js'
import { ProcessFaults } from '../../../src/gate/process-faults.js'
import { serve } from '../../../src/cli/serve/serve.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { formatManifestProblem } from '../../../src/manifests/text/manifest-problem.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { issueSelfSigned } from '../../../src/webhook/tls/self-signed.js'
import { issued, reviewOf } from '../../webhook/running-server.js'
import { leftovers, makeFolder, postReview, runProgram, startProgram } from '../program.js'
import { servingAt, staleFiles, startServing } from '../serving.js'

// Programs are started one after the other, on a machine that may be busy.
t.setTimeout(300_000)

const migration = {
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name: 'schema', namespace: 'shop', uid: 'u-1', generation: 1 },
  spec: {
    // Nothing listens on port 1, and a refused connection is known at once.
    url: 'postgres://u:s3cr3t@127.0.0.1:1/shop?sslmode=disable',
    dir: { configMapRef: { name: 'files' } },
  },
}

const review = reviewOf({ namespace: 'shop', name: 'schema', object: migration })

const configMap = (data: Readonly<Record<string, string>>) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'files', namespace: 'shop' },
    data,
  })

async function statusOf(url: string): Promise<number | undefined> {
  const sent = request(url, { rejectUnauthorized: false, agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response.resume().statusCode
}

void t.test(
  'serves a folder as its variables say, follows its changes, and ends in order',
  async t => {
    const folder = makeFolder(t, {
      'tls.crt': issued.cert,
      'tls.key': issued.key,
      'policy.yaml': 'mode: enforce\n',
    })
    const manifests = makeFolder(t, {
      'other.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\n',
    })
    const program = startProgram(t, ['serve'], {
      environment: {
        ATLAS_ADMISSION_MANIFESTS: manifests,
        ATLAS_ADMISSION_LISTEN: '127.0.0.1:0',
        ATLAS_ADMISSION_METRICS_LISTEN: 'localhost:0',
        ATLAS_ADMISSION_TLS_CERT: join(folder, 'tls.crt'),
        ATLAS_ADMISSION_TLS_KEY: join(folder, 'tls.key'),
        ATLAS_ADMISSION_POLICY: join(folder, 'policy.yaml'),
        ATLAS_ADMISSION_DRAIN_DELAY: '10ms',
        ATLAS_ADMISSION_LOG_LEVEL: 'debug',
        TMPDIR: folder,
      },
    })
    const { url, metricsUrl } = await servingAt(program)
    t.match(program.stdout(), '"kinds":["apps/v1 Deployment"]')

    const { response: before } = await postReview(url, review)
    t.equal(before.allowed, true)
    t.match(before.warnings?.join('\n'), /configmap-not-found/)

    writeFileSync(join(manifests, 'files.json'), configMap(staleFiles))
    await program.until('"msg":"the manifests have changed"')
    const { response: after } = await postReview(url, review)
    t.equal(after.allowed, false)
    t.match(after.status?.message, /^\[checksum-mismatch\] /)
    await program.until('"msg":"a database could not be read"')

    writeFileSync(join(manifests, 'files.json'), '{"kind": ')
    await program.until('manifests that cannot be used; their last good objects still count')
    t.equal((await postReview(url, review)).response.allowed, false)
    writeFileSync(join(manifests, 'more.yaml'), 'kind: [')
    await program.until('more.yaml:')
    rmSync(join(manifests, 'more.yaml'))

    writeFileSync(join(folder, 'policy.yaml'), 'mode: perhaps\n')
    await program.until('policy not replaced, the last good one stays in force')
    t.equal((await postReview(url, review)).response.allowed, false)
    writeFileSync(join(folder, 'policy.yaml'), 'mode: warn\n')
    await program.until('"msg":"policy loaded again"')
    t.equal((await postReview(url, review)).response.allowed, true)

    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text()
    t.match(metrics, 'atlas_admission_policy_reloads_total{outcome="failed"} 1')
    t.match(metrics, 'atlas_admission_policy_reloads_total{outcome="loaded"} 1')
    program.process.kill('SIGTERM')
    t.equal(await program.end(), 0)
    t.match(program.stdout(), '"msg":"stop signal: draining"')
    t.equal(program.stderr(), '')
    t.notMatch(program.stdout(), 's3cr3t')
    t.strictSame(leftovers(folder).toSorted(), ['policy.yaml', 'tls.crt', 'tls.key'])
  },
)

void t.test('a second signal ends a server at once', async t => {
  const manifests = makeFolder(t)
  const args = ['--manifests', manifests, '--metrics-listen=off', '--drain-delay', '2m']
  const program = await startServing(t, args)
  program.process.kill('SIGTERM')
  await program.until('draining')
  await sleep(600)
  program.process.kill('SIGINT')
  t.equal(await program.end(), 130)
})

/** The API server of a cluster that is down: nothing listens on port 1. */
const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'down',
  clusters: [{ name: 'down', cluster: { server: 'http://127.0.0.1:1' } }],
  users: [{ name: 'u', user: {} }],
  contexts: [{ name: 'down', context: { cluster: 'down', user: 'u' } }],
})

void t.test('a cluster that is down keeps it unready, not from starting or stopping', async t => {
  const file = join(makeFolder(t, { config: kubeconfig }), 'config')
  const kubernetes = ['--kubernetes', '--kubeconfig', file, '--context=down', '--namespaces=shop']
  const options = ['--metrics-listen=127.0.0.1:0', '--drain-delay=0s']
  const program = await startServing(t, [...kubernetes, ...options])
  const { url, metricsUrl } = program
  t.equal(await statusOf(`${url}/readyz`), 503)
  t.equal(await statusOf(`${url}/startupz`), 503)
  t.match(await (await fetch(`${metricsUrl}/metrics`)).text(), /^atlas_admission_/m)
  program.process.kill('SIGTERM')
  t.equal(await program.end(), 0)
  t.equal(program.stderr(), '')
})

/** As main.ts starts it, in this process; quiet, and on a port that is free. */
function startServe(argv: readonly string[], environment: Environment = {}): Promise<number> {
  const given = ['--listen=127.0.0.1:0', '--metrics-listen=off', '--log-level=silent', ...argv]
  const adapters = {
    async openManifests(folder: string) {
      const cluster = await openManifests(folder)
      return { ...cluster, problems: () => cluster.problems().map(formatManifestProblem) }
    },
    openKubernetes: () => Promise.reject(new Error('no cluster')),
    openCertificateStore: () => Promise.reject(new Error('no cluster')),
    buildReader: buildPostgresReader,
  }
  const faults = new ProcessFaults(error => t.fail(String(error)))
  return serve(parseArguments(serveCommand, given, environment), adapters, faults)
}

type Refusal = [
  name: string,
  argv: (folder: string) => readonly string[],
  code: number,
  line: (folder: string) => string,
]

const files = {
  'tls.crt': issued.cert,
  'tls.key': issued.key,
  'other.key': (await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })).key,
  'text.pem': 'no PEM',
}

const refusals: readonly Refusal[] = [
  [
    'two clusters',
    () => ['--kubernetes'],
    2,
    () =>
      '--manifests and --kubernetes exclude each other: give one of them (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a context without kubeconfig',
    () => ['--kubernetes', '--context', 'x'],
    2,
    () => '--context needs --kubeconfig FILE: a pod knows no other cluster (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'namespaces that are none',
    () => ['--kubernetes', '--namespaces', 'shop,Billing'],
    2,
    () =>
      '--namespaces: "Billing" is no name of a namespace; expected something like shop,billing (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a kubeconfig without --kubernetes',
    () => ['--kubeconfig', 'x'],
    2,
    () => '--kubeconfig needs --kubernetes (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'no manifests',
    () => [],
    2,
    () =>
      'no cluster is named: give --manifests DIR for a folder, or --kubernetes for a real one (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a folder that is not there',
    folder => ['--manifests', join(folder, 'none')],
    2,
    folder =>
      `cannot read the manifests: expected a readable folder at ${join(folder, 'none')}, found nothing there; ` +
      'name an existing folder of YAML or JSON files (ATLAS_ADMISSION_MANIFESTS_FOLDER)',
  ],
  [
    'a certificate without its key',
    folder => ['--tls-cert', join(folder, 'tls.crt')],
    2,
    () => '--tls-cert and --tls-key belong together: give both or neither (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a key without its certificate',
    folder => ['--tls-key', join(folder, 'tls.key')],
    2,
    () => '--tls-cert and --tls-key belong together: give both or neither (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a log level that is none',
    () => ['--log-level', 'loud'],
    2,
    () =>
      '--log-level: expected one of trace, debug, info, warn, error, silent; found "loud" (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a drain delay that is none',
    () => ['--drain-delay', 'long'],
    2,
    () =>
      '--drain-delay: "long" is no duration; expected something like 10s or 500ms (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'an address that is none',
    () => ['--metrics-listen', '8081'],
    2,
    () =>
      '--metrics-listen: "8081" is no HOST:PORT; expected something like 127.0.0.1:8443 or [::1]:8443 (ATLAS_ADMISSION_USAGE)',
  ],
  [
    'a policy that is not there',
    folder => ['--policy', join(folder, 'none.yaml')],
    2,
    folder =>
      `the policy ${join(folder, 'none.yaml')} cannot be read (ENOENT); check --policy (ATLAS_ADMISSION_SETTINGS)`,
  ],
  [
    'a certificate that cannot be read',
    folder => [`--tls-cert=${folder}/none.crt`, `--tls-key=${folder}/tls.key`],
    2,
    folder =>
      `${folder}/none.crt cannot be read (ENOENT); check the path and its rights (ATLAS_ADMISSION_CERTIFICATE)`,
  ],
  [
    'a certificate that is none',
    folder => [`--tls-cert=${folder}/text.pem`, `--tls-key=${folder}/tls.key`],
    2,
    () =>
      'the certificate cannot be used by TLS; expected PEM without a passphrase (ATLAS_ADMISSION_CERTIFICATE)',
  ],
  [
    'a key of another certificate',
    folder => [`--tls-cert=${folder}/tls.crt`, `--tls-key=${folder}/other.key`],
    2,
    () =>
      'the certificate and the key do not belong together; write both from one issue (ATLAS_ADMISSION_CERTIFICATE)',
  ],
]

for (const [name, argv, code, line] of refusals)
  void t.test(`does not start: ${name}`, async t => {
    const folder = makeFolder(t, files)
    const alone = ['no manifests', 'a context without kubeconfig', 'namespaces that are none']
    const given = alone.includes(name) ? [] : [`--manifests=${folder}`]
    const error: unknown = await startServe([...given, ...argv(folder)]).then(
      () => t.fail('it started'),
      (error: unknown) => error,
    )
    t.equal(failureLine(error), `atlas-admission: ${line(folder)}`)
    t.equal(exitCodeOf(error), code)
  })

async function takePort(t: Test): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

void t.test('a port that is taken ends the program with 3 and one line', async t => {
  const address = await takePort(t)
  const args = ['serve', '--manifests', makeFolder(t), '--listen', address]
  const ended = await runProgram(t, args)
  t.match(ended, {
    code: 3,
    stdout: '',
    stderr: `atlas-admission: ${address} is taken by another process; stop it or choose another with --listen (ATLAS_ADMISSION_LISTEN)\n`,
  })
})

void t.test('mistakes in manifests are all named with their place, and end it with 2', async t => {
  const manifests = makeFolder(t, {
    'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: [\n',
    'b.json': configMap({}),
    'c.json': configMap({}),
  })
  const { code, stdout, stderr } = await runProgram(t, ['serve', '--manifests', manifests])
  t.equal(code, 2)
  t.equal(stdout, '')
  const [first, ...mistakes] = stderr.trimEnd().split('\n')
  t.equal(first, 'atlas-admission: the manifests cannot be used (ATLAS_ADMISSION_MANIFESTS)')
  t.equal(mistakes.length, 2)
  t.match(mistakes[0], new RegExp(`^  ${manifests}/a\\.yaml:\\d+:\\d+: `))
  t.match(
    mistakes[1],
    `  ${manifests}/c.json:1:1: ConfigMap shop/files is also in ${manifests}/b.json:1:1`,
  )
})

void t.test('mistakes in a policy are all named with their place, and end it with 2', async t => {
  const folder = makeFolder(t, {
    'policy.yaml': 'mode: strict\nrulez: {}\nrules:\n  applied-file-mising: warn\n',
  })
  const policy = join(folder, 'policy.yaml')
  const { code, stderr } = await runProgram(t, ['serve', '--manifests', folder, '--policy', policy])
  t.equal(code, 2)
  const [first, ...mistakes] = stderr.trimEnd().split('\n')
  t.equal(first, 'atlas-admission: the policy cannot be used (ATLAS_ADMISSION_SETTINGS)')
  t.match(mistakes, [
    /^ {2}.*policy\.yaml: mode \(line 1, column \d+\): /,
    /^ {2}.*policy\.yaml: .*\(line 2, column \d+\): .*rulez/,
    /^ {2}.*policy\.yaml: .*\(line 4, column \d+\): .*applied-file-missing/,
  ])
})
