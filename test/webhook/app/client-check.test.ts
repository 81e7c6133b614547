import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { readClientAuthority } from '../../../src/webhook/tls/client-authority.js'
import { watchClientAuthority } from '../../../src/webhook/tls/client-authority-watch.js'
import { startGate } from '../../../src/webhook/gate.js'
import { drain } from '../../../src/webhook/app/drain.js'
import { issueSelfSigned } from '../../../src/webhook/tls/self-signed.js'
import { parseCertificatePair } from '../../../src/webhook/tls/tls.js'
import {
  type ClientCertificateOptions,
  issueClient,
  issueClientAuthority,
} from './client-certificates.js'
import {
  buildTestServer,
  call,
  issued,
  pass,
  postReview,
  reviewOf,
  type TestServer,
  undecided,
} from '../running-server.js'
import { until } from '../../until.js'

const authority = await issueClientAuthority()
const stranger = await issueClientAuthority()
const apiServer = await issueClient(authority, { subject: 'CN=kube-apiserver' })
const review = JSON.stringify(reviewOf())

async function listen(t: Test, names: readonly string[]): Promise<TestServer> {
  const server = buildTestServer(() => pass, { clients: { authority: authority.cert, names } })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => drain(server.app, { delayMs: 0, maxMs: 0 }))
  return server
}

type Caller = [title: string, options: ClientCertificateOptions, status: number, says?: RegExp]

const callers: readonly Caller[] = [
  ['the expected common name', { subject: 'CN=kube-apiserver' }, 200],
  ['it among others', { subject: 'CN=other, CN=kube-apiserver, O=x' }, 200],
  ['the expected DNS name', { subject: 'CN=x', dnsNames: ['a', 'kube-apiserver'] }, 200],
  ['no common name at all', { subject: 'O=kube-apiserver' }, 403, /none of the expected names/],
  ['another name', { subject: 'CN=system:node:n1' }, 403, /none of the expected names/],
  [
    'a wildcard for every name',
    { subject: 'CN=x', dnsNames: ['*.cluster.local'] },
    403,
    /none of the expected names; see --client-names/,
  ],
  [
    'a certificate for servers only',
    { subject: 'CN=kube-apiserver', usage: 'serverAuth' },
    403,
    /INVALID_PURPOSE.*; see --client-ca/,
  ],
  [
    'a certificate that has expired',
    { subject: 'CN=kube-apiserver', notAfter: new Date(Date.now() - 60_000) },
    403,
    /CERT_HAS_EXPIRED/,
  ],
]

for (const [title, options, status, says] of callers)
  void t.test(`a caller with ${title} is answered ${status}`, async t => {
    const { app } = await listen(t, ['api.cluster.local', 'kube-apiserver'])
    const { cert, key } = await issueClient(authority, options)
    for (const path of ['/validate', '/mutate']) {
      const answer = await call(app, { ...postReview, path, cert, key, agent: false }, review)
      t.equal(answer.status, status)
      if (says) {
        t.match(JSON.parse(answer.body), { code: 'ATLAS_ADMISSION_CLIENT_REFUSED', message: says })
      }
    }
  })

void t.test(
  'a certificate of another authority is refused, with the name that is expected',
  async t => {
    const { app, lines, samples } = await listen(t, ['kube-apiserver'])
    const client = await issueClient(stranger, { subject: 'CN=kube-apiserver' })
    const answer = await call(app, { ...postReview, ...client, agent: false }, review)
    t.equal(answer.status, 403)
    t.match(answer.body, /UNABLE_TO_|SELF_SIGNED/)
    t.match(JSON.parse(lines[0]!), { level: 'warn', code: 'ATLAS_ADMISSION_CLIENT_REFUSED' })
    t.match(await samples('atlas_admission_http_errors_total'), [/CLIENT_REFUSED"} 1$/])
  },
)

void t.test('who shows no certificate gets the probes and nothing else', async t => {
  const { app } = await listen(t, [])
  for (const path of ['/livez', '/readyz', '/startupz'])
    t.equal((await call(app, { path, agent: false })).status, 200, path)
  for (const path of ['/validate', '/mutate']) {
    const answer = await call(app, { ...postReview, path, agent: false }, review)
    t.equal(answer.status, 401, path)
    t.match(answer.body, 'ATLAS_ADMISSION_CLIENT_CERTIFICATE')
  }
})

void t.test('without names any certificate of the authorities will do', async t => {
  const { app } = await listen(t, [])
  const client = await issueClient(authority, { subject: 'CN=anybody' })
  t.equal((await call(app, { ...postReview, ...client, agent: false }, review)).status, 200)
})

// Node takes a resumed TLS 1.3 session without a certificate for an authorized one.
void t.test(
  'a session that was begun without a certificate is not let in when it is resumed',
  async t => {
    const { app } = await listen(t, [])
    const { port } = app.server.address() as AddressInfo
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { host: '127.0.0.1', port, ca: issued.ca, maxVersion: version }
      const first = connect(options)
      const ticket = once(first, 'session') as Promise<[Buffer]>
      first.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
      const [session] = await ticket
      first.destroy()
      const resumed = connect({ ...options, session })
      await once(resumed, 'secureConnect')
      t.ok(resumed.isSessionReused(), version)
      resumed.write(
        'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
          `Content-Length: ${review.length}\r\n\r\n${review}`,
      )
      const [answer] = (await once(resumed, 'data')) as [Buffer]
      t.match(answer.toString(), /^HTTP\/1.1 401 /, version)
      resumed.destroy()
      const probe = connect({ ...options, session })
      probe.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
      const [alive] = (await once(probe, 'data')) as [Buffer]
      t.match(alive.toString(), /^HTTP\/1.1 200 /, `${version}: a probe stays open`)
      probe.destroy()
    }
  },
)

void t.test('another serving certificate asks for the same clients', async t => {
  const { app } = await listen(t, ['kube-apiserver'])
  const next = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
  app.servingCertificate.replace(parseCertificatePair(next.cert, next.key))
  const options = { ...postReview, ca: next.ca, agent: false as const }
  t.equal((await call(app, { ...options, ...apiServer }, review)).status, 200)
  t.equal((await call(app, options, review)).status, 401)
})

async function watched(t: Test, file: string): Promise<TestServer> {
  const server = await listen(t, [])
  const { app, log, metrics } = server
  const certificate = app.servingCertificate
  const onReplaced = () => app.connections.retire()
  const parts = { file, certificate, onReplaced, log, metrics, pollMs: 20, debounceMs: 5 }
  const watch = watchClientAuthority(parts)
  t.teardown(() => watch.close())
  return server
}

const reloads = 'atlas_admission_client_authority_reloads_total'

void t.test(
  'authorities that change are taken by new connections, broken ones are said once',
  async t => {
    const file = `${t.testdir({ 'ca.crt': authority.cert })}/ca.crt`
    const server = await watched(t, file)
    const { app, lines } = server
    const late = await issueClient(stranger, { subject: 'CN=late' })
    const status = async (client: object) =>
      (await call(app, { ...postReview, ...client, agent: false }, review)).status
    t.equal(await status(late), 403)
    writeFileSync(file, 'nothing yet')
    await until('a line about the file', () =>
      lines.some(line => line.includes('holds no certificate')),
    )
    await sleep(100)
    t.equal(lines.filter(line => line.includes('not replaced')).length, 1, 'polls do not repeat it')
    t.equal(await status(apiServer), 200, 'the old ones stay')
    writeFileSync(file, `# both\n${authority.cert}\n${stranger.cert}`)
    await until('the new authority', async () => (await status(late)) === 200)
    t.equal(await status(apiServer), 200)
    t.strictSame(await server.samples(reloads), [
      `${reloads}{outcome="failed"} 1`,
      `${reloads}{outcome="loaded"} 1`,
    ])
  },
)

void t.test('who was let in by an authority that is gone has to come again', async t => {
  const file = `${t.testdir({ 'ca.crt': authority.cert })}/ca.crt`
  const { app } = await watched(t, file)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const post = async () => (await call(app, { ...postReview, ...apiServer, agent }, review)).status
  t.equal(await post(), 200)
  t.equal(await post(), 200, 'on the same connection')
  t.equal(app.connections.size, 1)
  writeFileSync(file, stranger.cert)
  await until('a closed connection', () => app.connections.size === 0)
  // The agent learns of it later than the server. A call that it sends before goes out on the old
  // connection, and fails.
  await until('an agent without a connection', () => Object.keys(agent.freeSockets).length === 0)
  t.equal(await post(), 403)
  const probe = await call(app, { path: '/livez', agent: false })
  t.equal(probe.status, 200, 'a kubelet needs none')
})

/** The status of a review on a connection of its own. */
async function postTo(url: string, options: RequestOptions): Promise<number | undefined> {
  const sent = request(`${url}/validate?timeout=5s`, {
    method: postReview.method,
    headers: postReview.headers,
    ...options,
    agent: false,
  })
  sent.end(review)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response.resume().statusCode
}

void t.test('a gate follows the file of its authorities', async t => {
  const caFile = `${t.testdir({ 'ca.crt': authority.cert })}/ca.crt`
  const { log, metrics } = buildTestServer(() => pass)
  const anyPort = { host: '127.0.0.1', port: 0 }
  const gate = await startGate(
    {
      listen: anyPort,
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
      clients: { caFile, names: [] },
    },
    {
      reviewer: { review: async () => pass },
      rewriter: { review: async () => pass },
      onFailure: () => undecided,
      log,
      metrics,
      checks: { startup: [], readiness: [] },
    },
  )
  t.teardown(() => gate.stop())
  const ca = String(gate.authority)
  t.equal(await postTo(gate.url, { ca, ...apiServer }), 200)
  t.equal(await postTo(gate.url, { ca }), 401)
  writeFileSync(caFile, stranger.cert)
  await until('a refusal', async () => (await postTo(gate.url, { ca, ...apiServer })) === 403)
  const late = await issueClient(stranger, { subject: 'CN=late' })
  t.equal(await postTo(gate.url, { ca, ...late }), 200)
})

type BadFile = [title: string, text: string, says: RegExp]

const badFiles: readonly BadFile[] = [
  ['nothing', '', /holds no certificate; expected the authorities in PEM/],
  ['a key', authority.key, /holds no certificate/],
  [
    'a certificate that is none',
    `${authority.cert}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----`,
    /certificate 2 of .* cannot be read; expected X\.509 in PEM/,
  ],
]

for (const [title, text, says] of badFiles)
  void t.test(`a file of authorities that holds ${title} is refused`, async t => {
    const file = `${t.testdir({ 'ca.crt': text })}/ca.crt`
    await t.rejects(readClientAuthority(file), {
      code: 'ATLAS_ADMISSION_CERTIFICATE',
      message: says,
    })
  })

void t.test('a file of authorities that is not there is named', async t => {
  await t.rejects(readClientAuthority('/none.crt'), { message: /^\/none\.crt cannot be read/ })
})
