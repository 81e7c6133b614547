import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import {
  type CertificateChoice,
  parseCertificateChoice,
} from '../../../src/cli/serve/certificate-choice.js'
import { serveCommand } from '../../../src/cli/serve/command.js'
import { parseCertificatePair } from '../../../src/webhook/tls/tls.js'
import { FakeCertificateApi } from '../../kubernetes/certificates/fake-certificate-api.js'
import { makeFolder } from '../program.js'
import { startServing } from '../serving.js'
import { until } from '../../until.js'

// A program is started, on a machine that may be busy.
t.setTimeout(300_000)

const parse = (argv: readonly string[]) =>
  parseCertificateChoice(parseArguments(serveCommand, argv, {}))

type Choice = [title: string, argv: readonly string[], choice: CertificateChoice]

const inCluster = ['--kubernetes', '--certificate-secret=ops/gate-tls', '--service=ops/gate']
const cluster = {
  kind: 'cluster',
  secret: { namespace: 'ops', name: 'gate-tls' },
  service: { namespace: 'ops', name: 'gate' },
} as const

const choices: readonly Choice[] = [
  ['nothing', [], { kind: 'memory' }],
  ['a cluster alone', ['--kubernetes'], { kind: 'memory' }],
  [
    'files',
    ['--tls-cert=tls.crt', '--tls-key=tls.key'],
    { kind: 'files', files: { certFile: 'tls.crt', keyFile: 'tls.key' } },
  ],
  ['a Secret', inCluster, { ...cluster, configurations: [] }],
  [
    'a Secret and webhook configurations',
    [...inCluster, '--webhook-configurations=gate, mutating/gate,validating/other.gate'],
    {
      ...cluster,
      configurations: [
        { kind: 'validating', name: 'gate' },
        { kind: 'mutating', name: 'gate' },
        { kind: 'validating', name: 'other.gate' },
      ],
    },
  ],
]

for (const [title, argv, choice] of choices)
  void t.test(`the certificate that is chosen by ${title}`, async t =>
    t.strictSame(parse(argv), choice),
  )

type Refusal = [title: string, argv: readonly string[], message: string]

const refusals: readonly Refusal[] = [
  ['a Service alone', ['--service=ops/gate'], '--service needs --certificate-secret'],
  [
    'webhook configurations of files',
    ['--tls-cert=a', '--tls-key=b', '--webhook-configurations=gate'],
    '--webhook-configurations needs --certificate-secret',
  ],
  [
    'a Secret and files',
    [...inCluster, '--tls-cert=a', '--tls-key=b'],
    '--certificate-secret and --tls-cert exclude each other: give one of them',
  ],
  [
    'a Secret of no cluster',
    ['--certificate-secret=ops/gate-tls', '--service=ops/gate'],
    '--certificate-secret needs --kubernetes',
  ],
  [
    'a Secret for no Service',
    ['--kubernetes', '--certificate-secret=ops/gate-tls'],
    '--certificate-secret needs --service NAMESPACE/NAME: the certificate is made for its names',
  ],
  [
    'a Secret without a namespace',
    ['--kubernetes', '--certificate-secret=gate-tls', '--service=ops/gate'],
    '--certificate-secret: "gate-tls" is no NAMESPACE/NAME; expected something like atlas-admission/webhook',
  ],
  [
    'a Service that is none',
    ['--kubernetes', '--certificate-secret=ops/gate-tls', '--service=https://gate'],
    '--service: "https://gate" is no NAMESPACE/NAME; expected something like atlas-admission/webhook',
  ],
  [
    'a webhook configuration of another kind',
    [...inCluster, '--webhook-configurations=gate,converting/gate'],
    '--webhook-configurations: "converting/gate" is no name of a webhook configuration; ' +
      'expected something like atlas-admission or mutating/atlas-admission',
  ],
  [
    'half a pair of files',
    ['--tls-cert=a'],
    '--tls-cert and --tls-key belong together: give both or neither',
  ],
]

for (const [title, argv, message] of refusals)
  void t.test(`serve refuses ${title}`, async t =>
    t.throws(() => parse(argv), { code: 'ATLAS_ADMISSION_USAGE', message }),
  )

async function askReadiness(url: string): Promise<string> {
  const sent = request(`${url}/readyz`, { rejectUnauthorized: false, agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return text(response)
}

void t.test(
  'a server in a cluster has its certificate trusted, and is ready as far as that goes',
  async t => {
    const api = new FakeCertificateApi()
    await api.listen()
    t.teardown(() => api.close())
    const folder = makeFolder(t, { config: api.kubeconfig() })
    const kubernetes = [...inCluster, '--kubeconfig', join(folder, 'config')]
    const listen = ['--metrics-listen=off', '--drain-delay=0s']
    const configuration =
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gate'
    api.put(configuration, {
      metadata: { name: 'gate' },
      webhooks: [{ name: 'a', clientConfig: { service: { namespace: 'ops', name: 'gate' } } }],
    })
    const webhook = '--webhook-configurations=gate'
    const program = await startServing(t, [...kubernetes, ...listen, webhook])
    const { url } = program
    await program.until('"msg":"the caBundle of a webhook configuration was written"')
    const isTrusted = async () => !(await askReadiness(url)).includes('certificate: ')
    await until('a trusted certificate', isTrusted)
    t.match(await askReadiness(url), 'not ready: cluster: ')
    program.process.kill('SIGTERM')
    t.equal(await program.end(), 0)
    t.notMatch(program.stdout(), 'BEGIN')
  },
)

/** The script for trials; resolves to its exit code and standard error. */
function makeSelfSigned(...args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, ['certs/make-self-signed.mjs', ...args], (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    )
  })
}

void t.test('the script for trials writes a pair that --tls-cert takes', async t => {
  const folder = join(makeFolder(t), 'new')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const out = ['--out', folder]
  t.strictSame(await makeSelfSigned(...out, '--days=2', 'gate.ops.svc', '10.1.2.3'), {
    code: 0,
    stderr: '',
  })
  const { expiresAt } = parseCertificatePair(read('tls.crt'), read('tls.key'))
  const days = (expiresAt.getTime() - Date.now()) / 86_400_000
  t.ok(days > 1.9 && days < 2.1)
  const certificate = new X509Certificate(read('tls.crt'))
  t.ok(certificate.verify(new X509Certificate(read('ca.crt')).publicKey))
  t.equal(certificate.checkHost('gate.ops.svc'), 'gate.ops.svc')
  t.equal(certificate.checkIP('10.1.2.3'), '10.1.2.3')
  t.equal(statSync(join(folder, 'tls.key')).mode & 0o077, 0, 'nobody else reads the key')
  const key = read('tls.key')
  const again = await makeSelfSigned(...out)
  t.equal(again.code, 2)
  t.match(again.stderr, 'tls.key is there already; remove it, or choose another --out')
  t.equal(read('tls.key'), key)
  t.strictSame(await makeSelfSigned('--help'), { code: 0, stderr: '' })
  t.match(await makeSelfSigned('--days=many'), { code: 2, stderr: /--days: expected a whole/ })
})
