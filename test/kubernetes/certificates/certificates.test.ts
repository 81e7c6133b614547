import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { CertificateRotation } from '../../../src/certificates/certificate-rotation.js'
import type { CertificateStore } from '../../../src/certificates/certificate-store.js'
import type { CertificateTiming } from '../../../src/certificates/lifetimes.js'
import {
  type Leaf,
  parseAuthorities,
  parseStoredCertificates,
} from '../../../src/certificates/stored-certificates.js'
import { serviceDnsNames } from '../../../src/certificates/subject-names.js'
import {
  type CertificateStoreOptions,
  openCertificateStore,
} from '../../../src/kubernetes/certificates/kubernetes-certificate-store.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import { Metrics } from '../../../src/webhook/metrics/metrics.js'
import { startGate } from '../../../src/webhook/gate.js'
import { buildRotatingCertificate } from '../../../src/gate/rotating-certificate.js'
import { pass, postReview, reviewOf, undecided } from '../../webhook/running-server.js'
import { FakeCertificateApi, type StoredObject } from './fake-certificate-api.js'
import { until } from '../../until.js'

const day = 86_400_000
const hour = 3_600_000

const secretPath = '/api/v1/namespaces/ops/secrets/gate-certificate'
const group = '/apis/admissionregistration.k8s.io/v1'
const validatingPath = `${group}/validatingwebhookconfigurations/gate`
const mutatingPath = `${group}/mutatingwebhookconfigurations/gate`

const service = { namespace: 'ops', name: 'gate' }

/** A webhook configuration as a chart makes it: two entries that call us, without caBundle. */
const configuration = (...clientConfigs: readonly object[]): StoredObject => ({
  metadata: { name: 'gate' },
  webhooks: clientConfigs.map((clientConfig, index) => ({
    name: `w${index}.gate.io`,
    clientConfig,
  })),
})
const ours = configuration({ service }, { service: { ...service, path: '/validate' } })

async function startApi(t: Test): Promise<FakeCertificateApi> {
  const api = new FakeCertificateApi()
  await api.listen()
  t.teardown(() => api.close())
  return api
}

interface Replica {
  readonly rotation: CertificateRotation
  readonly served: Leaf[]
  readonly issued: string[]
  readonly published: string[]
  readonly failures: string[]
}

/** Nothing waits, but for the next look. */
const quick: Partial<CertificateTiming> = { intervalMs: 20, overlapMs: 0 }

const options: Omit<CertificateStoreOptions, 'access'> = {
  secret: { namespace: 'ops', name: 'gate-certificate', installation: 'ops/gate' },
  configurations: [{ kind: 'validating', name: 'gate' }],
}

function openStore(t: Test, api: FakeCertificateApi, overrides: Partial<CertificateStoreOptions>) {
  const file = `${t.testdir()}/config-${Math.random()}`
  writeFileSync(file, api.kubeconfig())
  const store = openCertificateStore({
    ...options,
    ...overrides,
    access: { kind: 'kubeconfig', file },
  })
  t.teardown(() => store.close())
  return store
}

function startReplica(
  t: Test,
  api: FakeCertificateApi,
  {
    timing = quick,
    ...overrides
  }: Partial<CertificateStoreOptions> & { readonly timing?: Partial<CertificateTiming> } = {},
): Replica {
  const replica = startRotation(openStore(t, api, overrides), timing)
  t.teardown(() => replica.rotation.stop())
  return replica
}

function startRotation(store: CertificateStore, timing: Partial<CertificateTiming>): Replica {
  const seen = {
    served: [] as Leaf[],
    issued: [] as string[],
    published: [] as string[],
    failures: [] as string[],
  }
  const rotation = new CertificateRotation({
    store,
    dnsNames: serviceDnsNames(service),
    timing,
    listener: {
      serve: leaf => void seen.served.push(leaf),
      issued: why => void seen.issued.push(why),
      published: name => void seen.published.push(name),
      failed: reason => void seen.failures.push(reason),
    },
  })
  rotation.start()
  return { rotation, ...seen }
}

const isTrusted = ({ rotation }: Replica) => rotation.problem() === null

/** Some looks later. */
async function looks(api: FakeCertificateApi, count = 3): Promise<void> {
  const start = api.count(/^GET .*secrets/)
  await until('the next look', () => api.count(/^GET .*secrets/) >= start + count)
}

interface Entry {
  readonly clientConfig: { readonly caBundle?: string }
}

function bundlesOf(api: FakeCertificateApi, path = validatingPath): readonly string[] {
  const { webhooks } = api.objects.get(path) as unknown as { readonly webhooks: readonly Entry[] }
  return webhooks.map(({ clientConfig }) =>
    Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
  )
}

function storedIn(api: FakeCertificateApi) {
  const { data } = api.objects.get(secretPath) as unknown as {
    readonly data: Readonly<Record<string, string>>
  }
  const decode = (key: string) => Buffer.from(String(data[key]), 'base64').toString()
  return parseStoredCertificates({
    authorities: decode('ca.crt'),
    authorityKey: decode('ca.key'),
    certificate: decode('tls.crt'),
    key: decode('tls.key'),
  })
}

void t.test('a fresh cluster gets a certificate that its webhooks trust', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  api.put(mutatingPath, configuration({ service }))
  const replica = startReplica(t, api, {
    configurations: [
      { kind: 'validating', name: 'gate' },
      { kind: 'mutating', name: 'gate' },
    ],
  })
  t.equal(
    replica.rotation.problem(),
    'the Secret and the webhook configurations have not been read yet',
  )
  t.equal(replica.rotation.authorityExpiresAt(), null)
  await until('a trusted certificate', () => isTrusted(replica))
  const { authorities, leaf, signer } = storedIn(api)
  t.equal(authorities.length, 1)
  t.equal(leaf?.signedBy, signer?.fingerprint)
  t.strictSame(leaf?.dnsNames, serviceDnsNames(service))
  t.equal(replica.served.at(-1)?.fingerprint, leaf?.fingerprint)
  t.strictSame(replica.rotation.authorityExpiresAt(), signer?.expiresAt)
  for (const bundle of [...bundlesOf(api), ...bundlesOf(api, mutatingPath)])
    t.strictSame(parseAuthorities(bundle), authorities)
  t.match(api.objects.get(secretPath), {
    type: 'kubernetes.io/tls',
    metadata: {
      annotations: { 'atlas-admission.io/service': 'ops/gate' },
      labels: { 'app.kubernetes.io/managed-by': 'atlas-admission' },
    },
  })
  const writes = api.count(/^(POST|PUT|PATCH)/)
  await looks(api)
  t.equal(api.count(/^(POST|PUT|PATCH)/), writes, 'and then there is peace')
  t.strictSame(replica.failures, [])
})

void t.test('replicas that start together agree on one authority', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replicas = Array.from({ length: 5 }, () => startReplica(t, api))
  await until('trust in all', () => replicas.every(isTrusted))
  await looks(api, 10)
  t.equal(replicas.flatMap(({ issued }) => issued).length, 1)
  t.equal(new Set(replicas.map(({ served }) => served.at(-1)?.fingerprint)).size, 1)
  for (const bundle of bundlesOf(api)) t.equal(parseAuthorities(bundle).length, 1)
  t.ok(api.count(/^POST/) > 1, 'they did race')
  t.strictSame(
    replicas.flatMap(({ failures }) => failures),
    [],
  )
})

void t.test('an empty Secret is taken, so that nobody needs the right to create one', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  api.put(secretPath, {
    type: 'Opaque',
    metadata: { name: 'gate-certificate', namespace: 'ops', labels: { team: 'dba' } },
  })
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  t.equal(api.count(/^POST/), 0)
  t.match(api.objects.get(secretPath), {
    type: 'Opaque',
    metadata: {
      labels: { team: 'dba' },
      annotations: { 'atlas-admission.io/service': 'ops/gate' },
    },
  })
})

void t.test('a caBundle that GitOps empties is filled again', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  api.put(validatingPath, ours)
  await until('two publications', () => replica.published.length === 2)
  t.equal(parseAuthorities(String(bundlesOf(api)[1])).length, 1)
  await until('a trusted certificate', () => isTrusted(replica))
})

void t.test('garbage in the Secret is replaced, and what was trusted stays so', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api, { timing: { intervalMs: 20, overlapMs: 60_000 } })
  await until('a trusted certificate', () => isTrusted(replica))
  const [first] = storedIn(api).authorities
  api.edit(secretPath, secret => ({
    ...secret,
    data: { 'ca.crt': 'Z2FyYmFnZQ==', 'tls.key': 7, extra: 'eA==' },
  }))
  await until('trust in both', () => parseAuthorities(String(bundlesOf(api)[0])).length === 2)
  const [second] = storedIn(api).authorities
  t.not(first?.fingerprint, second?.fingerprint)
  t.strictSame(parseAuthorities(String(bundlesOf(api)[0])), [second, first])
  t.match(api.objects.get(secretPath), { data: { extra: 'eA==' } }, 'what is not ours stays')
})

void t.test('a Secret that is deleted is made anew', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  api.objects.delete(secretPath)
  await until('the Secret', () => api.objects.has(secretPath) && replica.served.length === 2)
  t.equal(replica.served.at(-1)?.fingerprint, storedIn(api).leaf?.fingerprint)
})

type Foreign = [
  title: string,
  put: (api: FakeCertificateApi) => void,
  problem: string | RegExp,
  untouched: string,
]

const ofAnother = (annotations: object, data: object = {}) => ({
  metadata: { name: 'gate-certificate', namespace: 'ops', annotations },
  data,
})

const notTouched = 'the webhook configuration validating/gate is not touched: '

const foreign: readonly Foreign[] = [
  [
    'the Secret of another installation',
    api => api.put(secretPath, ofAnother({ 'atlas-admission.io/service': 'test/gate' })),
    'the Secret ops/gate-certificate belongs to the installation for the Service test/gate, not ops/gate; ' +
      'give each its own --certificate-secret',
    secretPath,
  ],
  [
    'a Secret that cert-manager has made',
    api => api.put(secretPath, ofAnother({}, { 'tls.crt': 'eA==' })),
    /^the Secret ops\/gate-certificate holds a certificate that was not made here .*--tls-cert$/,
    secretPath,
  ],
  [
    'a webhook configuration of another installation',
    api => api.put(validatingPath, configuration({ service: { namespace: 'test', name: 'gate' } })),
    `${notTouched}it calls the Service test/gate, not ops/gate: another installation has the same name`,
    validatingPath,
  ],
  [
    'a webhook configuration without webhooks',
    api => api.put(validatingPath, { metadata: { name: 'gate' } }),
    `${notTouched}it has no webhooks`,
    validatingPath,
  ],
  [
    'a webhook configuration that cert-manager writes',
    api =>
      api.put(validatingPath, {
        ...ours,
        metadata: { annotations: { 'cert-manager.io/inject-ca-from': 'ops/gate' } },
      }),
    /^the webhook configuration validating\/gate is not touched: cert-manager is told/,
    validatingPath,
  ],
]

for (const [title, put, problem, untouched] of foreign)
  void t.test(`nothing is fought over: ${title}`, async t => {
    const api = await startApi(t)
    api.put(validatingPath, ours)
    put(api)
    const before = api.objects.get(untouched)
    const replica = startReplica(t, api)
    await until('a failure', () => replica.failures.length > 0)
    await looks(api)
    t.match(replica.rotation.problem(), problem)
    t.match(replica.failures, [problem])
    t.equal(replica.failures.length, 1, 'said once')
    t.equal(api.objects.get(untouched), before)
  })

void t.test('of a webhook configuration only the entries that call us are written', async t => {
  const api = await startApi(t)
  const other = { service: { namespace: 'test', name: 'gate' }, caBundle: 'b3RoZXI=' }
  api.put(validatingPath, configuration(other, { url: 'https://gate.example/validate' }))
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  const [theirs, ours] = bundlesOf(api)
  t.equal(theirs, 'other')
  t.strictSame(parseAuthorities(String(ours)), storedIn(api).authorities)
})

void t.test('a webhook configuration that is installed later is waited for', async t => {
  const api = await startApi(t)
  const replica = startReplica(t, api)
  const missing = 'the webhook configuration validating/gate does not exist yet'
  await until('the problem', () => replica.rotation.problem() === missing)
  await until('a failure', () => replica.failures.length > 0)
  t.strictSame(replica.failures, [missing])
  api.put(validatingPath, ours)
  await until('a trusted certificate', () => isTrusted(replica))
  api.objects.delete(validatingPath)
  await until('a failure', () => replica.failures.length === 2)
  t.equal(replica.rotation.problem(), null, 'an emergency takes no replica out of service')
})

void t.test('without webhook configurations the Secret is enough', async t => {
  const api = await startApi(t)
  const replica = startReplica(t, api, { configurations: [] })
  await until('a trusted certificate', () => isTrusted(replica))
  t.equal(api.count(/webhookconfigurations/), 0)
})

type MissingRight = [title: string, refused: RegExp, problem: string]

const configurations = 'validatingwebhookconfigurations.admissionregistration.k8s.io'
const ofSecret = 'the Secret ops/gate-certificate: '
const ofConfiguration = 'the webhook configuration validating/gate: '

const missingRights: readonly MissingRight[] = [
  [
    'to read the Secret',
    /^GET .*secrets/,
    `${ofSecret}no right to get secrets in namespace ops (RBAC: get secrets)`,
  ],
  [
    'to create the Secret',
    /^POST/,
    `${ofSecret}no right to create secrets in namespace ops (RBAC: create secrets)`,
  ],
  [
    'to read the webhook configuration',
    /^GET .*webhook/,
    `${ofConfiguration}no right to get ${configurations} in all namespaces (RBAC: get ${configurations})`,
  ],
  [
    'to write the webhook configuration',
    /^PATCH/,
    `${ofConfiguration}no right to patch ${configurations} in all namespaces (RBAC: patch ${configurations})`,
  ],
]

for (const [title, refused, problem] of missingRights)
  void t.test(`a missing right is named, and waited for: ${title}`, async t => {
    const api = await startApi(t)
    api.put(validatingPath, ours)
    api.refuse = request => (refused.test(request) ? 403 : null)
    const replica = startReplica(t, api)
    await until('a failure', () => replica.failures.length > 0)
    await looks(api, 2).catch(() => {})
    t.equal(replica.rotation.problem(), problem)
    t.strictSame(replica.failures, [problem])
    api.refuse = () => null
    await until('a trusted certificate', () => isTrusted(replica))
  })

void t.test('the right to update the Secret is needed to renew', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  api.refuse = request => (request.startsWith('PUT') ? 403 : null)
  api.now = () => new Date(Date.now() + 70 * day)
  await until('a failure', () => replica.failures.length > 0)
  t.strictSame(replica.failures, [
    `${ofSecret}no right to update secrets in namespace ops (RBAC: update secrets)`,
  ])
  t.equal(replica.rotation.problem(), null, 'what is served is still trusted')
})

void t.test('an API server that is away makes nobody unready', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  api.refuse = request => (request.includes('webhook') ? 500 : null)
  await until('a failure', () => replica.failures.length === 1)
  api.refuse = () => 500
  await until('a failure', () => replica.failures.length === 2)
  t.equal(replica.rotation.problem(), null)
  t.strictSame(replica.failures, [
    `${ofConfiguration}the API server answered 500`,
    `${ofSecret}the API server answered 500`,
  ])
})

void t.test('conflicts without end are bounded, and end when the other does', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  api.meanwhile = request => {
    if (request.startsWith('PATCH')) api.put(validatingPath, ours)
  }
  const replica = startReplica(t, api)
  await until('a failure', () => replica.failures.length > 0)
  t.match(replica.failures, [/^others were first to write/])
  t.equal(replica.rotation.problem(), replica.failures[0])
  t.ok(api.count(/^PATCH/) <= 16)
  api.meanwhile = () => {}
  await until('a trusted certificate', () => isTrusted(replica))
})

void t.test('a Secret that is deleted under a write is made anew', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  api.meanwhile = request => {
    if (!request.startsWith('PUT')) return
    api.meanwhile = () => {}
    api.objects.delete(secretPath)
  }
  api.now = () => new Date(Date.now() + 70 * day)
  await until('an issue', () => replica.issued.length === 2)
  await until('a trusted certificate', () => isTrusted(replica))
})

void t.test("without the API server's clock our own is taken", async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  api.now = () => null
  const replica = startReplica(t, api)
  await until('a trusted certificate', () => isTrusted(replica))
  const life = Number(storedIn(api).leaf?.expiresAt) - Date.now()
  t.ok(Math.abs(life - 90 * day) < hour)
})

void t.test('a stop ends a look that waits', async t => {
  const waiting: CertificateStore = {
    read: signal => once(signal, 'abort').then(() => Promise.reject(new Error('aborted'))),
    writeSecret: async () => true,
    writeBundle: async () => true,
  }
  const replica = startRotation(waiting, {})
  await replica.rotation.stop()
  t.strictSame(replica.failures, [])
})

type Surprise = [title: string, thrown: unknown, failure: string]

const surprises: readonly Surprise[] = [
  ['an error', new TypeError('s3cr3t'), 'it failed for an unknown reason (TypeError)'],
  ['something else', 's3cr3t', 'it failed for an unknown reason (string)'],
]

for (const [title, thrown, failure] of surprises)
  void t.test(`a fault of the store is told without what it says: ${title}`, async t => {
    const faulty: CertificateStore = {
      read: () => Promise.reject(thrown),
      writeSecret: async () => true,
      writeBundle: async () => true,
    }
    const replica = startRotation(faulty, quick)
    await until('a failure', () => replica.failures.length > 0)
    await replica.rotation.stop()
    t.strictSame(replica.failures, [failure])
  })

/** A replica as serve starts it. */
async function startServing(t: Test, api: FakeCertificateApi, timing: Partial<CertificateTiming>) {
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const metrics = new Metrics({ version: '1.2.3', processMetrics: false })
  const store = openStore(t, api, {})
  const certificate = buildRotatingCertificate(
    { store, dnsNames: serviceDnsNames(service), timing },
    { log, metrics },
  )
  const gate = await startGate(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      reviewer: { review: async () => pass },
      rewriter: { review: async () => pass },
      onFailure: () => undecided,
      log,
      metrics,
      checks: { startup: [], readiness: [certificate.check] },
    },
  )
  certificate.start(gate)
  t.teardown(async () => {
    await certificate.stop()
    await gate.stop()
  })
  const sample = async (name: string) =>
    Number(new RegExp(`^${name} (.+)$`, 'm').exec(await metrics.text())?.[1])
  return { gate, lines, sample }
}

/** One call on a new connection, as an API server makes it: by the name of the Service, trusting the caBundle alone. */
async function callAs(
  api: FakeCertificateApi,
  url: string,
  options: { readonly method?: string; readonly path: string; readonly headers?: object },
): Promise<{
  readonly status: number | undefined
  readonly serial: string
  readonly body: string
}> {
  const sent = request(url, {
    ...(options as object),
    ca: String(bundlesOf(api)[0]),
    servername: 'gate.ops.svc',
    agent: false,
  })
  sent.end(options.method ? JSON.stringify(reviewOf()) : '')
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
  return { status: response.statusCode, serial: serialNumber, body: await text(response) }
}

void t.test('a rotation under load fails no call', { timeout: 300_000 }, async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  let ahead = 0
  api.now = () => new Date(Date.now() + ahead)
  // An overlap that is long beside what a busy machine delays.
  // The clients' clock stays where it is: nothing that is issued may lie in their future.
  const timing = { intervalMs: 20, overlapMs: 2500, backdateMs: 1000 * day }
  const replicas = await Promise.all([startServing(t, api, timing), startServing(t, api, timing)])
  const isReady = async () => {
    const answers = replicas.map(({ gate }) => callAs(api, gate.url, { path: '/readyz' }))
    return (await Promise.all(answers)).every(({ status }) => status === 200)
  }
  await until('two ready replicas', () => isReady().catch(() => false))

  const serials = new Set<string>()
  const latest = new Map<unknown, string>()
  const failures: unknown[] = []
  let calls = 0
  const loading = new AbortController()
  const load = async () => {
    while (!loading.signal.aborted)
      for (const { gate } of replicas) {
        calls += 1
        try {
          const { status, serial } = await callAs(api, gate.url, postReview)
          if (status !== 200) failures.push(status)
          serials.add(serial)
          latest.set(gate, serial)
        } catch (error) {
          failures.push(error)
        }
      }
  }
  const running = [load(), load()]
  const first = storedIn(api)
  const allServe = ({ leaf }: ReturnType<typeof storedIn>) => {
    const { serialNumber } = new X509Certificate(String(leaf?.cert))
    return replicas.every(({ gate }) => latest.get(gate) === serialNumber)
  }
  const rotated = async (days: number, holds: (stored: ReturnType<typeof storedIn>) => boolean) => {
    ahead = days * day
    await until(`the state of day ${days}`, () => holds(storedIn(api)) && allServe(storedIn(api)))
  }
  await rotated(65, ({ leaf }) => leaf?.fingerprint !== first.leaf?.fingerprint)
  // A third of the authority's life is left on day 244.
  await rotated(250, ({ leaf }) => leaf?.signedBy !== first.leaf?.signedBy)
  const overlap = storedIn(api)
  t.equal(overlap.authorities.length, 2)
  t.equal(parseAuthorities(String(bundlesOf(api)[0])).length, 2)
  await rotated(366, ({ authorities }) => authorities.length === 1)
  await until('the end', () => parseAuthorities(String(bundlesOf(api)[0])).length === 1)
  await rotated(600, ({ leaf }) => leaf?.signedBy !== overlap.leaf?.signedBy)
  api.objects.delete(secretPath)
  await until('a new beginning', () => api.objects.has(secretPath) && allServe(storedIn(api)))
  await until('the end', () => parseAuthorities(String(bundlesOf(api)[0])).length === 1)
  loading.abort()
  await Promise.all(running)
  t.strictSame(failures, [])
  t.ok(serials.size >= 5, `${serials.size} certificates were served`)
  t.comment(`${calls} calls, ${serials.size} certificates`)

  const [replica] = replicas
  const inAll = async (metric: string) => {
    const counts = await Promise.all(replicas.map(({ sample }) => sample(metric)))
    return counts.reduce((sum, count) => sum + count)
  }
  t.ok((await inAll('atlas_admission_certificate_issues_total')) >= 6, 'by whichever replica')
  t.equal(await replica.sample('atlas_admission_certificate_trusted'), 1)
  t.equal(
    await replica.sample('atlas_admission_certificate_authority_expiry_timestamp_seconds'),
    Number(storedIn(api).signer?.expiresAt) / 1000,
  )
  t.ok((await inAll('atlas_admission_ca_bundle_writes_total')) > 0, 'by whichever replica')
  const lines = replicas.flatMap(({ lines }) => lines)
  t.ok(lines.some(line => line.includes('"msg":"another serving certificate"')))
  t.notMatch(lines.join(''), 'BEGIN')
})

void t.test('readiness says that the webhook configuration does not trust it yet', async t => {
  const api = await startApi(t)
  api.put(validatingPath, ours)
  api.refuse = request => (request.startsWith('PATCH') ? 409 : null)
  const { gate, lines, sample } = await startServing(t, api, quick)
  t.equal(await sample('atlas_admission_certificate_authority_expiry_timestamp_seconds'), 0)
  const ask = async () => {
    const answer = await fetchInsecurely(`${gate.url}/readyz`)
    return answer.includes('does not trust') ? answer : null
  }
  let answer: string | null = null
  await until('readiness that names the configuration', async () => (answer = await ask()) !== null)
  t.match(
    answer,
    'not ready: certificate: the webhook configuration validating/gate does not trust it yet',
  )
  await until('a line about it', () =>
    lines.some(line => line.includes('the certificate is not as it should be')),
  )
  t.equal(await sample('atlas_admission_certificate_trusted'), 0)
})

/** As the kubelet asks. */
async function fetchInsecurely(url: string): Promise<string> {
  const sent = request(url, { rejectUnauthorized: false, agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return text(response)
}
